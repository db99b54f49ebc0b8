package geecache;

/**
 * The node is being closed, and begins no loads any more: another node, or the same once it is
 * restarted, can answer.
 */
public final class ClosedException extends CacheException {
  private static final long serialVersionUID = 1;

  ClosedException() {
    super("the node is closed", null);
  }
}
