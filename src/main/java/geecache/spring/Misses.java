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
 * thread, which puts the value too. Of one that does not block, it knows the key for a minute,
 * since any thread may put the value. Bounded. Safe for use by many threads.
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
  private final ConcurrentMap<String, Long> ofFutures;

  Misses(Ticker ticker) {
    this.ticker = ticker;
    this.ofFutures =
        Caffeine.newBuilder()
            .maximumSize(MOST_OF_FUTURES)
            .expireAfterWrite(FUTURES_LAST)
            .ticker(ticker::nanos)
            .<String, Long>build()
            .asMap();
  }

  /** Remembers that this thread missed {@code key} at {@code nanos}. */
  void addOfThread(String key, long nanos) {
    Map<String, Long> misses = ofThread.get();
    misses.remove(key);
    misses.put(key, nanos);
    if (misses.size() > MOST_OF_A_THREAD) {
      misses.remove(misses.keySet().iterator().next());
    }
  }

  /** Remembers that somebody missed {@code key} at {@code nanos}, unless it was missed earlier. */
  void addOfFuture(String key, long nanos) {
    ofFutures.putIfAbsent(key, nanos);
  }

  /** Returns when the key was missed that is put now; null if nobody has missed it. */
  @Nullable Long take(String key) {
    Map<String, Long> misses = ofThread.get();
    Long known = misses.remove(key);
    if (misses.isEmpty()) {
      ofThread.remove();
    }
    return known != null ? known : ofFutures.get(key);
  }

  long now() {
    return ticker.nanos();
  }
}
