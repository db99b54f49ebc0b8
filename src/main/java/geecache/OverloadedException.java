package geecache;

/**
 * The group has as many loads running and waiting as it may; this one was not begun. What is in
 * memory is still served.
 */
public final class OverloadedException extends CacheException {
  private static final long serialVersionUID = 1;

  OverloadedException(String message) {
    super(message, null);
  }
}
