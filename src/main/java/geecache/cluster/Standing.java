package geecache.cluster;

/**
 * What a node says of itself.
 *
 * @param leaving whether it is on its way out, and no owner of keys any more
 * @param warmMillis for how long it has been one of the nodes; -1 as long as it holds nothing
 */
public record Standing(boolean leaving, long warmMillis) {
  /** The standing of a node that says nothing of itself. */
  public static final Standing UNTOLD = new Standing(false, -1);

  /**
   * Whether the node said anything. Compares by hand: on JDK 17, the JVM keeps the class whose
   * generated {@code equals} it linked last, and with it the class loader of an application that
   * has ended.
   */
  public boolean isTold() {
    return leaving || warmMillis >= 0;
  }
}
