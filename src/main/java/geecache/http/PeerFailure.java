package geecache.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A peer gave no answer, or none that is one: what it was asked for is to be had elsewhere. */
final class PeerFailure extends IOException {
  private static final long serialVersionUID = 1;

  /** Whether it answered, as a node does, and only cannot do what it was asked for. */
  private final boolean alive;

  private PeerFailure(String message, boolean alive, @Nullable Throwable cause) {
    super(message, cause);
    this.alive = alive;
  }

  static PeerFailure silent(String message, @Nullable Throwable cause) {
    return new PeerFailure(message, false, cause);
  }

  static PeerFailure refused(String message) {
    return new PeerFailure(message, true, null);
  }

  boolean isAlive() {
    return alive;
  }
}
