package geecache;

import org.jspecify.annotations.Nullable;

/**
 * The answer did not come in time: the load passed its group's limit, or this caller's own wait
 * ended, by its deadline or by an interrupt (the cause is then an {@link InterruptedException}, and
 * the thread's interrupt status is set). In the latter cases the load goes on for the others.
 */
public final class LoadTimeoutException extends CacheException {
  private static final long serialVersionUID = 1;

  /**
   * Says that time ran out.
   *
   * @param message what clients are told
   * @param cause the interrupt that ended the wait; null for anything else
   */
  public LoadTimeoutException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
