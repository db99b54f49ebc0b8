package geecache.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A peer gave no answer, or none that is one: what it was asked for is to be had elsewhere. */
final class PeerFailure extends IOException {
  private static final long serialVersionUID = 1;

  /** Whether it answered, as a node does, and only cannot do what it was asked for. */
  private final boolean alive;

  /** Whether it was not asked at all, for want of a connection. */
  private final boolean unasked;

  private PeerFailure(String message, boolean alive, boolean unasked, @Nullable Throwable cause) {
    super(message, cause);
    this.alive = alive;
    this.unasked = unasked;
  }

  static PeerFailure silent(String message, @Nullable Throwable cause) {
    return new PeerFailure(message, false, false, cause);
  }

  /** Returns what it means for who asked that asking threw {@code failure}. */
  static PeerFailure of(String url, Throwable failure) {
    return failure instanceof PeerFailure known
        ? known
        : silent(url + " does not answer: " + failure, failure);
  }

  static PeerFailure noContact(String url) {
    return silent("no contact with " + url, null);
  }

  static PeerFailure refused(String message) {
    return new PeerFailure(message, true, false, null);
  }

  static PeerFailure unasked(String message, Throwable cause) {
    return new PeerFailure(message, true, true, cause);
  }

  boolean isAlive() {
    return alive;
  }

  boolean isUnasked() {
    return unasked;
  }
}
