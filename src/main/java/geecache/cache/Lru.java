package geecache.cache;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An exact least-recently-used map, bounded by the sum of its entries' sizes. Not safe for use by
 * more than one thread: {@link LruCache} adds the lock.
 *
 * <p>Invariant: {@code bytes} is the sum of {@code size} over {@code entries}, and is at most
 * {@code maxBytes} unless that is 0.
 */
final class Lru<V> {
  private record Sized<V>(V value, int size) {}

  private long maxBytes;
  private final Cache.Weigher<V> weigher;
  private final BiConsumer<String, V> onEviction;

  /** In order of use, the least recent first. */
  private final LinkedHashMap<String, Sized<V>> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /**
   * Makes an empty map.
   *
   * @param maxBytes the bound, or 0 for none
   * @param onEviction told of each entry that makes room for another, the oldest first
   */
  Lru(long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must not be negative: " + maxBytes);
    }
    this.maxBytes = maxBytes;
    this.weigher = weigher;
    this.onEviction = onEviction;
  }

  @Nullable V get(String key) {
    Sized<V> entry = entries.get(key);
    return entry == null ? null : entry.value();
  }

  /**
   * Returns the value of {@code key}, or null. Walks over the entries: a look-up would be a use.
   */
  @Nullable V peek(String key) {
    if (entries.containsKey(key)) {
      for (Map.Entry<String, Sized<V>> entry : entries.entrySet()) {
        if (entry.getKey().equals(key)) {
          return entry.getValue().value();
        }
      }
    }
    return null;
  }

  void compute(String key, UnaryOperator<@Nullable V> decide) {
    Sized<V> former = entries.get(key);
    V present = former == null ? null : former.value();
    V next = decide.apply(present);
    if (next == null) {
      remove(key);
    } else if (next != present) {
      put(key, next);
    }
  }

  void put(String key, V value) {
    int size = weigher.bytes(key, value);
    if (size < 0) {
      throw new IllegalArgumentException("size must not be negative: " + size);
    }
    if (maxBytes != 0 && size > maxBytes) {
      remove(key);
      return;
    }
    Sized<V> former = entries.put(key, new Sized<>(value, size));
    bytes += size - (former == null ? 0 : former.size());
    evictDownTo(maxBytes == 0 ? Long.MAX_VALUE : maxBytes);
  }

  void remove(String key) {
    Sized<V> former = entries.remove(key);
    if (former != null) {
      bytes -= former.size();
    }
  }

  void clear() {
    entries.clear();
    bytes = 0;
  }

  void bound(long bytes) {
    maxBytes = bytes;
    evictDownTo(bytes);
  }

  /** Returns the entries, those first that were used least recently. */
  List<Map.Entry<String, V>> coldest() {
    List<Map.Entry<String, V>> recentLast = new ArrayList<>(entries.size());
    entries.forEach((key, entry) -> recentLast.add(Map.entry(key, entry.value())));
    return recentLast;
  }

  Map<String, V> hottest() {
    List<Map.Entry<String, V>> recentLast = coldest();
    Map<String, V> recentFirst = new LinkedHashMap<>();
    for (int i = recentLast.size() - 1; i >= 0; i--) {
      recentFirst.put(recentLast.get(i).getKey(), recentLast.get(i).getValue());
    }
    return Collections.unmodifiableMap(recentFirst);
  }

  int entries() {
    return entries.size();
  }

  long bytes() {
    return bytes;
  }

  private void evictDownTo(long limit) {
    Iterator<Map.Entry<String, Sized<V>>> oldestFirst = entries.entrySet().iterator();
    while (bytes > limit) {
      Map.Entry<String, Sized<V>> oldest = oldestFirst.next();
      oldestFirst.remove();
      bytes -= oldest.getValue().size();
      onEviction.accept(oldest.getKey(), oldest.getValue().value());
    }
  }
}
