package geecache.cluster;

/**
 * What a node tells other nodes about itself.
 *
 * @param leaving whether it leaves, and owns no keys any more
 * @param warmMillis how long it has been one of several nodes; -1 while it holds nothing
 * @param number grows with each change of {@code leaving}, so that a word which comes late does not
 *     count; 0 from a node of version 1
 * @param closed whether it is being closed, and answers no request after this
 */
public record Standing(boolean leaving, long warmMillis, long number, boolean closed) {
  /** The standing of a node that tells nothing about itself. */
  public static final Standing UNTOLD = new Standing(false, -1, 0, false);

  /**
   * Whether the node told anything. Compares by hand: on JDK 17, the JVM keeps the record class
   * whose generated {@code equals} it linked last, and with it the class loader of an application
   * that has ended.
   */
  public boolean isTold() {
    return leaving || warmMillis >= 0 || number > 0 || closed;
  }
}
