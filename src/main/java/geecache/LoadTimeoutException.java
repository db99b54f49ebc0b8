package geecache;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answer did not come in time. Either the load passed the load timeout of its group, or the
 * wait of this caller ended, by its deadline or by an interrupt; the load then goes on for others.
 * After an interrupt the cause is an {@link InterruptedException}, and the interrupt status of the
 * thread is set.
 *
 * <p>The message says where the time went, and may be told to strangers. The name of the peer that
 * was waited for is not in it, but in {@link #peer()} and {@link #toString()}.
 */
public final class LoadTimeoutException extends CacheException {
  private static final long serialVersionUID = 1;

  private final boolean stillLoading;

  private final @Nullable String peer;

  /**
   * Says that time ran out.
   *
   * @param message the message for clients
   * @param cause the interrupt that ended the wait; null for any other end
   */
  public LoadTimeoutException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.stillLoading = false;
    this.peer = null;
  }

  private LoadTimeoutException(@Nullable String peer, String message) {
    super(message, null);
    this.stillLoading = true;
    this.peer = peer;
  }

  /** Says that the wait of one caller ended, while the load goes on for others. */
  public static LoadTimeoutException stillLoading(String message) {
    return new LoadTimeoutException(null, message);
  }

  /**
   * As {@link #stillLoading(String)}, of a caller that waited for the answer of a peer.
   *
   * @param peer its base URL
   */
  static LoadTimeoutException stillLoadingAt(String peer, String message) {
    return new LoadTimeoutException(peer, message);
  }

  /** Whether only the wait of this caller ended, by its deadline: the load goes on for others. */
  public boolean isStillLoading() {
    return stillLoading;
  }

  /** Returns the base URL of the peer whose answer was waited for; empty if it was none. */
  public Optional<String> peer() {
    return Optional.ofNullable(peer);
  }

  @Override
  public String toString() {
    return peer == null ? super.toString() : super.toString() + " (" + peer + ")";
  }
}
