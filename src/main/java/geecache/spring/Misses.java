package geecache.spring;

import com.github.benmanes.caffeine.cache.Caffeine;
import geecache.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * When keys were missed whose values may be put: a value that is put is as old as the miss before
 * it, and must not be stored if the key was removed since then. Of a blocking get, this knows the
 * thread, which puts the value too. Of one that does not block, and of a thread with many misses,
 * it knows the key for a minute, since any thread may put the value. Bounded. Safe for use by many
 * threads.
 *
 * <p>Threads hold nothing but classes of the JDK, so that they do not keep an application.
 */
final class Misses {
  private static final int MOST_OF_A_THREAD = 64;
  private static final int MOST_OF_FUTURES = 10_000;
  private static final Duration FUTURES_LAST = Duration.ofMinutes(1);

  private final Ticker ticker;
  private final ThreadLocal<Map<String, Long>> ofThread =
      ThreadLocal.withInitial(LinkedHashMap::new);
  private final ConcurrentMap<String, Recent> ofFutures;

  /**
   * When one key was missed by those who do not block: at each end of a minute the later time takes
   * the place of the earlier one. So a miss is known for a minute, and forgotten after two, even if
   * others follow.
   */
  private record Recent(long earlier, long later) {
    Recent and(Recent more) {
      long first = Math.min(earlier, more.earlier);
      return more.later - later < FUTURES_LAST.toNanos()
          ? new Recent(first, later)
          : new Recent(later, more.later);
    }
  }

  Misses(Ticker ticker) {
    this.ticker = ticker;
    this.ofFutures =
        Caffeine.newBuilder()
            .maximumSize(MOST_OF_FUTURES)
            .expireAfterWrite(FUTURES_LAST)
            .ticker(ticker::nanos)
            .<String, Recent>build()
            .asMap();
  }

  /** Remembers that this thread missed {@code key} at {@code nanos}. */
  void addOfThread(String key, long nanos) {
    Map<String, Long> misses = ofThread.get();
    misses.remove(key);
    misses.put(key, nanos);
    if (misses.size() > MOST_OF_A_THREAD) {
      Map.Entry<String, Long> oldest = misses.entrySet().iterator().next();
      misses.remove(oldest.getKey());
      addOfFuture(oldest.getKey(), oldest.getValue());
    }
  }

  /** Remembers that somebody missed {@code key} at {@code nanos}. */
  void addOfFuture(String key, long nanos) {
    ofFutures.merge(key, new Recent(nanos, nanos), Recent::and);
  }

  /** Returns when the key was missed that is put now; null if nobody has missed it. */
  @Nullable Long take(String key) {
    Map<String, Long> misses = ofThread.get();
    Long known = misses.remove(key);
    if (misses.isEmpty()) {
      ofThread.remove();
    }
    if (known != null) {
      return known;
    }
    Recent recent = ofFutures.get(key);
    return recent == null ? null : (Long) recent.earlier();
  }

  long now() {
    return ticker.nanos();
  }
}
