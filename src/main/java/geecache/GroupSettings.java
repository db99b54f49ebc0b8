package geecache;

import geecache.cache.CacheKind;
import java.time.Duration;

/**
 * What a {@link GroupBuilder} was told, checked. Times are in nanoseconds; 0 means off.
 *
 * @param maxBatch how many keys a call of the getter loads; 1 unless that is a {@link BulkGetter}
 */
record GroupSettings(
    long maxBytes,
    int maxValueBytes,
    long timeToLive,
    double jitter,
    long absentTimeToLive,
    long refreshAhead,
    long staleIfError,
    long holdOff,
    long hotTimeToLive,
    boolean hotCopies,
    Duration loadTimeout,
    Duration waitTimeout,
    Duration leaseTimeout,
    int maxLoads,
    int maxBatch,
    int maxWaitingLoads,
    int maxWaiters,
    long maxHeldBytes,
    CacheKind store,
    String contentType,
    String version) {

  /**
   * Returns how many loads one caller has under way at most: as many as run at once. Of a getter
   * that loads many keys with a call, that is enough for the next calls to be full too, but leaves
   * most of the room for waiting loads to others.
   */
  int mostLoadsOfCaller() {
    return maxBatch == 1 ? maxLoads : (int) Math.min(2 * atOnce(), mostOfCaller());
  }

  /**
   * Returns how many questions to peers one caller has under way at most: no more than their owners
   * can load or have wait, and enough for their calls to be full.
   *
   * @param usually enough, where a load brings one key
   */
  int mostFetchesOfCaller(int usually) {
    return maxBatch == 1
        ? (int) Math.min(usually, (long) maxLoads + maxWaitingLoads)
        : (int) Math.min(Math.max(usually, 4 * atOnce()), mostOfCaller());
  }

  private long mostOfCaller() {
    return maxLoads + (long) maxWaitingLoads / 4;
  }

  /** Returns how many keys load at once. */
  long atOnce() {
    return (long) maxLoads * maxBatch;
  }

  /** Returns how many gets of strangers who ask for many keys at once may wait: half the loads. */
  int mostGuests() {
    return (int) Math.max(1, ((long) maxLoads + maxWaitingLoads) / 2);
  }
}
