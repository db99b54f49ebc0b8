package geecache;

/**
 * The node is being closed, and begins no loads any more. Another node can answer, or this one
 * after a restart.
 */
public final class ClosedException extends CacheException {
  private static final long serialVersionUID = 1;

  /** Says so. */
  public ClosedException() {
    super("the node is closed", null);
  }
}
