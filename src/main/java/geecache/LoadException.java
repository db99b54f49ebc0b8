package geecache;

/**
 * The source failed to load a key. A getter throws it with a message meant for clients; a group
 * throws it with {@code load failed: <id>} for anything else that a getter threw, which is then the
 * cause and stands in the log under that id.
 */
public final class LoadException extends CacheException {
  private static final long serialVersionUID = 1;

  /**
   * Says that a load failed.
   *
   * @param message what clients are told
   */
  public LoadException(String message) {
    super(message, null);
  }

  /**
   * Says that a load failed, and why.
   *
   * @param message what clients are told
   * @param cause what clients are not told
   */
  public LoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
