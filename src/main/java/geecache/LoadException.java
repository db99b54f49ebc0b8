package geecache;

/**
 * The source failed to load a key. A getter throws it with a message meant for clients. If a getter
 * throws any other exception, the group throws this one with {@code load failed: <id>}; the other
 * exception is its cause, and is in the log under that id.
 */
public final class LoadException extends CacheException {
  private static final long serialVersionUID = 1;

  /**
   * Says that a load failed.
   *
   * @param message the message for clients
   */
  public LoadException(String message) {
    super(message, null);
  }

  /**
   * Says that a load failed, and why.
   *
   * @param message the message for clients
   * @param cause kept from clients
   */
  public LoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
