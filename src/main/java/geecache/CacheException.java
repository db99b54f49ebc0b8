package geecache;

import org.jspecify.annotations.Nullable;

/**
 * Why a {@link Group} could not answer. The kinds are few and named, so that a caller can tell "the
 * source has no such key" from "the source is down". Clients may see the message.
 *
 * <p>All callers that wait for one load, or for one answer of a peer, receive the same instance,
 * made on the thread that loaded or read it.
 */
public abstract sealed class CacheException extends Exception
    permits KeyNotFoundException,
        LoadException,
        LoadTimeoutException,
        OverloadedException,
        ClosedException,
        NotReachedException {
  private static final long serialVersionUID = 1;

  CacheException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Makes an exception without a stack trace, which takes a small part of the time. */
  CacheException(String message) {
    super(message, null, true, false);
  }

  /** Returns the message for clients; control characters are not yet escaped. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
