package geecache.bench;

import com.github.benmanes.caffeine.cache.Caffeine;
import geecache.cache.Cache;
import geecache.cache.CaffeineCache;
import geecache.cache.LruCache;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Replays a trace through one cache: what is not there is put there. */
@FunctionalInterface
interface Replay {
  /**
   * Returns the part of requests that hit, in percent.
   *
   * @param capacity in the unit of the trace's sizes: entries or bytes
   */
  double hits(Trace trace, long capacity);

  /** The default store. */
  static double caffeineStore(Trace trace, long capacity) {
    return store(trace, new CaffeineCache<>(capacity, (key, size) -> size, nothing()));
  }

  /** The seed's store. */
  static double lruStore(Trace trace, long capacity) {
    return store(trace, new LruCache<>(capacity, (key, size) -> size, nothing()));
  }

  private static BiConsumer<String, Integer> nothing() {
    return (key, size) -> {};
  }

  private static double store(Trace trace, Cache<Integer> store) {
    int hits = 0;
    for (int i = 0; i < trace.requests().length; i++) {
      String key = trace.keys()[trace.requests()[i]];
      if (store.get(key) != null) {
        hits++;
      } else {
        Integer size = trace.sizes()[i];
        store.compute(key, present -> size);
      }
    }
    return percent(hits, trace);
  }

  /** Caffeine as its users have it, but for the executor: counted entries if all have size 1. */
  static double rawCaffeine(Trace trace, long capacity) {
    Caffeine<Object, Object> builder = Caffeine.newBuilder().executor(Runnable::run);
    boolean unit = java.util.Arrays.stream(trace.sizes()).allMatch(size -> size == 1);
    com.github.benmanes.caffeine.cache.Cache<String, Integer> cache =
        unit
            ? builder.maximumSize(capacity).build()
            : builder.maximumWeight(capacity).<String, Integer>weigher((key, size) -> size).build();
    int hits = 0;
    for (int i = 0; i < trace.requests().length; i++) {
      String key = trace.keys()[trace.requests()[i]];
      if (cache.getIfPresent(key) != null) {
        hits++;
      } else {
        cache.put(key, trace.sizes()[i]);
      }
    }
    return percent(hits, trace);
  }

  /** An exact LRU that shares no line with the product's. What is too large is not kept. */
  static double exactLru(Trace trace, long capacity) {
    LinkedHashMap<Integer, Integer> sizes = new LinkedHashMap<>(16, 0.75f, true);
    long held = 0;
    int hits = 0;
    for (int i = 0; i < trace.requests().length; i++) {
      Integer key = trace.requests()[i];
      int size = trace.sizes()[i];
      if (sizes.get(key) != null) {
        hits++;
      } else if (size <= capacity) {
        sizes.put(key, size);
        held += size;
        Iterator<Map.Entry<Integer, Integer>> oldest = sizes.entrySet().iterator();
        while (held > capacity) {
          held -= oldest.next().getValue();
          oldest.remove();
        }
      }
    }
    return percent(hits, trace);
  }

  static double percent(long hits, Trace trace) {
    return 100.0 * hits / trace.requests().length;
  }
}
