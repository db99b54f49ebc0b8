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

  /**
   * Says that time ran out.
   *
   * @param message the message for clients
   * @param cause the interrupt that ended the wait; null for any other end
   */
  public LoadTimeoutException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
