package geecache;

import geecache.cache.CacheKind;
import java.time.Duration;

/** What a {@link GroupBuilder} was told, checked. Times are in nanoseconds; 0 means off. */
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
    int maxLoads,
    int maxWaitingLoads,
    int maxWaiters,
    long maxHeldBytes,
    CacheKind store,
    String contentType) {

  /** Returns how many gets of strangers who ask for many keys at once may wait: half the loads. */
  int mostGuests() {
    return (int) Math.max(1, ((long) maxLoads + maxWaitingLoads) / 2);
  }
}
