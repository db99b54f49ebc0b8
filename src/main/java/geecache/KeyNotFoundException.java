package geecache;

/** The source answered, and has no such key. Thrown by getters; passed on by groups. */
public final class KeyNotFoundException extends CacheException {
  private static final long serialVersionUID = 1;

  /**
   * Says that a key is absent.
   *
   * @param message the message for clients
   */
  public KeyNotFoundException(String message) {
    super(message, null);
  }
}
