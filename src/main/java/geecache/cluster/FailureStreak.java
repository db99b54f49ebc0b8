package geecache.cluster;

/**
 * Counts failures in a row, up to the limit at which contact with a peer is lost. Safe for use by
 * many threads.
 */
final class FailureStreak {
  private final int limit;

  /** At most {@code limit}. Guarded by this. */
  private int failures;

  FailureStreak(int limit) {
    this.limit = limit;
  }

  /** Notes a failure. Returns true if this one reaches the limit. */
  synchronized boolean fail() {
    if (failures == limit) {
      return false; // The limit was reached before; only a reset begins anew.
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

  /** Begins a new streak. */
  synchronized void reset() {
    failures = 0;
  }
}
