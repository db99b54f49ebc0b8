package geecache;

import org.jspecify.annotations.Nullable;

/**
 * One question to a peer, under way. If no peer answers, its outcome is {@link
 * LoadOutcome#NO_PEER_ANSWERED}.
 */
final class Fetch extends Attempt {
  /**
   * The load that replaces this fetch if no peer answered; shared by all its waiters, so that a
   * load which failed at once is not begun again by each. It began no earlier than the gets that
   * wait. Guarded by the fetch.
   */
  @Nullable Flight load;

  /** Whether a peer was asked. Written by the thread that asked; a late reader asks once more. */
  volatile boolean asked;

  Fetch(String group, String key, long fence) {
    super(group, key, fence);
  }

  @Override
  boolean isStalled() {
    return !asked;
  }
}
