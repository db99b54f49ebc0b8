package geecache.cluster;

/**
 * What a node tells other nodes about itself.
 *
 * @param leaving whether it leaves, and owns no keys any more
 * @param warmMillis how long it has been one of several nodes; -1 while it holds nothing
 */
public record Standing(boolean leaving, long warmMillis) {
  /** The standing of a node that tells nothing about itself. */
  public static final Standing UNTOLD = new Standing(false, -1);

  /**
   * Whether the node told anything. Compares by hand: on JDK 17, the JVM keeps the record class
   * whose generated {@code equals} it linked last, and with it the class loader of an application
   * that has ended.
   */
  public boolean isTold() {
    return leaving || warmMillis >= 0;
  }
}
