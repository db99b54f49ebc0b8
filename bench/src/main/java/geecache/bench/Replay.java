package geecache.bench;

import com.github.benmanes.caffeine.cache.Caffeine;
import geecache.cache.Cache;
import geecache.cache.CaffeineCache;
import geecache.cache.LruCache;
import geecache.cache.ValueCache;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** A trace that is replayed through one cache: what is not there is loaded and put there. */
record Replay(Trace trace, LoadTimes times) {

  /**
   * What a cache saved, in percent of what there would be without one.
   *
   * @param requests the requests that hit
   * @param bytes their bytes
   * @param time the time of the loads that they would have needed
   */
  record Saved(double requests, double bytes, double time) {}

  private interface Look {
    /** Returns whether the value was there; if not, it is afterwards. */
    boolean hits(String key, Integer size, long nanos);
  }

  static Replay of(Trace trace) {
    return new Replay(trace, LoadTimes.equal(trace));
  }

  /** The default store. Capacities are in the unit of the trace's sizes: entries or bytes. */
  Saved caffeineStore(long capacity) {
    return store(new CaffeineCache<>(capacity, (key, size) -> size, nothing()));
  }

  /** The seed's store. */
  Saved lruStore(long capacity) {
    return store(new LruCache<>(capacity, (key, size) -> size, nothing()));
  }

  /** The store by value. */
  Saved valueStore(long capacity) {
    return store(new ValueCache<>(capacity, (key, size) -> size, nothing()));
  }

  /** The store by value, with another power of the cost than its default. */
  Saved valueStore(long capacity, double costPower) {
    return store(new ValueCache<>(capacity, (key, size) -> size, nothing(), costPower));
  }

  private static BiConsumer<String, Integer> nothing() {
    return (key, size) -> {};
  }

  private Saved store(Cache<Integer> store) {
    return run(
        (key, size, nanos) -> {
          if (store.get(key) != null) {
            return true;
          }
          store.compute(key, nanos, present -> size);
          return false;
        });
  }

  /** Caffeine as its users have it, but for the executor: counted entries if all have size 1. */
  Saved rawCaffeine(long capacity) {
    Caffeine<Object, Object> builder = Caffeine.newBuilder().executor(Runnable::run);
    boolean unit = !trace.isSized();
    com.github.benmanes.caffeine.cache.Cache<String, Integer> cache =
        unit
            ? builder.maximumSize(capacity).build()
            : builder.maximumWeight(capacity).<String, Integer>weigher((key, size) -> size).build();
    return run(
        (key, size, nanos) -> {
          if (cache.getIfPresent(key) != null) {
            return true;
          }
          cache.put(key, size);
          return false;
        });
  }

  /** An exact LRU that shares no line with the product's. What is too large is not kept. */
  Saved exactLru(long capacity) {
    LinkedHashMap<String, Integer> sizes = new LinkedHashMap<>(16, 0.75f, true);
    long[] held = {0};
    return run(
        (key, size, nanos) -> {
          if (sizes.get(key) != null) {
            return true;
          }
          if (size <= capacity) {
            sizes.put(key, size);
            held[0] += size;
            Iterator<Map.Entry<String, Integer>> oldest = sizes.entrySet().iterator();
            while (held[0] > capacity) {
              held[0] -= oldest.next().getValue();
              oldest.remove();
            }
          }
          return false;
        });
  }

  /** See {@link S3Fifo}. */
  Saved s3Fifo(long capacity) {
    S3Fifo cache = new S3Fifo(capacity);
    return run((key, size, nanos) -> cache.hits(key, size));
  }

  /** A cache with room for everything: more cannot be saved. */
  Saved everything() {
    return lruStore(0);
  }

  private Saved run(Look cache) {
    long hits = 0;
    double hitBytes = 0;
    double bytes = 0;
    double hitNanos = 0;
    double nanos = 0;
    for (int i = 0; i < trace.requests().length; i++) {
      int key = trace.requests()[i];
      Integer size = trace.sizes()[i];
      long time = times.nanos()[key];
      bytes += size;
      nanos += time;
      if (cache.hits(trace.keys()[key], size, time)) {
        hits++;
        hitBytes += size;
        hitNanos += time;
      }
    }
    return new Saved(percent(hits, trace), 100 * hitBytes / bytes, 100 * hitNanos / nanos);
  }

  static double percent(long hits, Trace trace) {
    return 100.0 * hits / trace.requests().length;
  }
}
