package geecache.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The seed's store: exact least-recently-used order, bounded by bytes, one lock. The eviction
 * callback runs on the thread whose {@link #put} evicted, after the lock is given back.
 *
 * @param <V> what it holds
 */
public final class LruCache<V> implements Cache<V> {
  /** Guards {@code lru} and {@code evicted}. No callback, getter or peer runs under it. */
  private final Object lock = new Object();

  private final BiConsumer<String, V> onEviction;
  private final Lru<V> lru;
  private List<Map.Entry<String, V>> evicted = new ArrayList<>();

  /**
   * Makes an empty store.
   *
   * @param maxBytes the sum of sizes that it may hold, in bytes; 0 for no bound
   * @param onEviction told of each entry that made room for another, the oldest first; what it
   *     throws reaches the caller of {@link #put}, with the new entry stored
   * @throws IllegalArgumentException if {@code maxBytes} is negative
   */
  public LruCache(long maxBytes, BiConsumer<String, V> onEviction) {
    this.onEviction = onEviction;
    this.lru = new Lru<>(maxBytes, (key, value) -> evicted.add(Map.entry(key, value)));
  }

  @Override
  public @Nullable V get(String key) {
    synchronized (lock) {
      return lru.get(key);
    }
  }

  @Override
  public void put(String key, V value, long bytes) {
    List<Map.Entry<String, V>> gone = List.of();
    synchronized (lock) {
      lru.put(key, value, bytes);
      if (!evicted.isEmpty()) {
        gone = evicted;
        evicted = new ArrayList<>();
      }
    }
    gone.forEach(entry -> onEviction.accept(entry.getKey(), entry.getValue()));
  }

  @Override
  public void remove(String key) {
    synchronized (lock) {
      lru.remove(key);
    }
  }

  @Override
  public void clear() {
    synchronized (lock) {
      lru.clear();
    }
  }

  @Override
  public long entries() {
    synchronized (lock) {
      return lru.entries();
    }
  }

  @Override
  public long bytes() {
    synchronized (lock) {
      return lru.bytes();
    }
  }
}
