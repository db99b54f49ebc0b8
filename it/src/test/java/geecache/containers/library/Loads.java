package geecache.containers.library;

import geecache.Getter;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How often getters were asked, in all and for each key. */
final class Loads {
  private final AtomicInteger total = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> ofKeys = new ConcurrentHashMap<>();

  Getter counting(Getter getter) {
    return key -> {
      total.incrementAndGet();
      count(key);
      return getter.get(key);
    };
  }

  /** Counts a load of {@code key} that began, and not among all. */
  void count(String key) {
    ofKeys.merge(key, 1, Integer::sum);
  }

  int total() {
    return total.get();
  }

  int of(String key) {
    return ofKeys.getOrDefault(key, 0);
  }
}
