package geecache.simulation;

/** A node from its start to its end. Another one at the same URL remembers nothing of it. */
final class Incarnation {
  final int node;
  final long id;

  /** The step at which it was started; see {@link History}. */
  final long start;

  /**
   * Whether the node before it said that it is closed. Then others do not count it before they hear
   * of it.
   */
  final boolean afterGoodbye;

  /** Whether it has ended. A node that is being closed has not. */
  private boolean ended;

  /** The version of its values. */
  final int release;

  Incarnation(int node, long id, long start, boolean afterGoodbye, int release) {
    this.node = node;
    this.id = id;
    this.start = start;
    this.afterGoodbye = afterGoodbye;
    this.release = release;
  }

  void end() {
    ended = true;
  }

  boolean hasEnded() {
    return ended;
  }

  @Override
  public String toString() {
    return Nodes.name(node);
  }
}
