package geecache;

import geecache.cache.CacheKind;
import java.time.Duration;

/** Settings as a builder makes them, in which nothing has an end. */
final class BareSettings {
  private BareSettings() {}

  static GroupSettings of(
      Duration loadTimeout, Duration waitTimeout, int maxLoads, int maxWaitingLoads) {
    return new GroupSettings(
        1 << 20,
        1 << 20,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        true,
        loadTimeout,
        waitTimeout,
        loadTimeout,
        maxLoads,
        1,
        maxWaitingLoads,
        1 << 20,
        1 << 20,
        CacheKind.CAFFEINE,
        "application/octet-stream");
  }
}
