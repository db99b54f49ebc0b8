package geecache.cluster;

/**
 * Counts failures in a row, up to the number at which a peer is given up. Safe for use by many
 * threads.
 */
final class FailureStreak {
  private final int limit;

  /** At most {@code limit}. Guarded by this. */
  private int failures;

  FailureStreak(int limit) {
    this.limit = limit;
  }

  /** Notes a failure; true if it is the one that reaches the limit. */
  synchronized boolean fail() {
    if (failures == limit) {
      return false; // It is over already, until it is reset.
    }
    failures++;
    return failures == limit;
  }

  /** Notes a success, which ends the streak unless the limit was reached. */
  synchronized void succeed() {
    if (failures < limit) {
      failures = 0;
    }
  }

  /** Begins anew. */
  synchronized void reset() {
    failures = 0;
  }
}
