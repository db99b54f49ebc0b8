package geecache;

import org.jspecify.annotations.Nullable;

/**
 * The answer did not come in time. Either the load passed the load timeout of its group, or the
 * wait of this caller ended, by its deadline or by an interrupt; the load then goes on for others.
 * After an interrupt the cause is an {@link InterruptedException}, and the interrupt status of the
 * thread is set.
 */
public final class LoadTimeoutException extends CacheException {
  private static final long serialVersionUID = 1;

  private final boolean stillLoading;

  /**
   * Says that time ran out.
   *
   * @param message the message for clients
   * @param cause the interrupt that ended the wait; null for any other end
   */
  public LoadTimeoutException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.stillLoading = false;
  }

  private LoadTimeoutException(String message) {
    super(message, null);
    this.stillLoading = true;
  }

  /** Says that the wait of one caller ended, while the load goes on for others. */
  public static LoadTimeoutException stillLoading(String message) {
    return new LoadTimeoutException(message);
  }

  /** Whether only the wait of this caller ended, by its deadline: the load goes on for others. */
  public boolean isStillLoading() {
    return stillLoading;
  }
}
