package geecache;

/**
 * The answer to another node's question that its caller is to load the key: what a future of {@link
 * LocalGroup} fails with, though nothing has failed.
 */
public final class LeaseGiven extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long number;

  LeaseGiven(long number) {
    super("the asking node is given lease " + number, null, false, false);
    this.number = number;
  }

  /** Returns the number of the lease on the node that gave it. */
  public long number() {
    return number;
  }
}
