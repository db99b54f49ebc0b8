package geecache.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An exact LRU store: the entry that was used least recently goes first. Bounded by bytes, with one
 * lock. The eviction callback runs on the thread whose {@link #compute} evicted, after the lock is
 * released.
 *
 * @param <V> the type of the entries
 */
public final class LruCache<V> implements Cache<V> {
  /**
   * The heap that this store itself needs for an entry, in bytes. Measured: 64 for nodes, and 5 to
   * 11 for the share in the hash table, which grows by doubling.
   */
  public static final int ENTRY_OVERHEAD = 72;

  /**
   * Guards {@code lru} and {@code evicted}. The weigher and {@code decide} run under it, but no
   * callback, getter or peer.
   */
  private final Object lock = new Object();

  private final BiConsumer<String, V> onEviction;
  private final Lru<V> lru;
  private List<Map.Entry<String, V>> evicted = new ArrayList<>();

  /**
   * Makes an empty store.
   *
   * @param maxBytes the bound of the sum of sizes, in bytes; 0 for none
   * @param weigher returns the size of each entry
   * @param onEviction told of each entry that made room for another, the oldest first; an exception
   *     that it throws reaches the caller of {@link #compute}, with the new entry stored
   * @throws IllegalArgumentException if {@code maxBytes} is negative
   */
  public LruCache(long maxBytes, Weigher<V> weigher, BiConsumer<String, V> onEviction) {
    this.onEviction = onEviction;
    this.lru = new Lru<>(maxBytes, weigher, (key, value) -> evicted.add(Map.entry(key, value)));
  }

  @Override
  public @Nullable V get(String key) {
    synchronized (lock) {
      return lru.get(key);
    }
  }

  @Override
  public @Nullable V peek(String key) {
    synchronized (lock) {
      return lru.peek(key);
    }
  }

  @Override
  public void compute(String key, UnaryOperator<@Nullable V> decide) {
    change(() -> lru.compute(key, decide));
  }

  @Override
  public void bound(long maxBytes) {
    change(() -> lru.bound(maxBytes));
  }

  private void change(Runnable step) {
    List<Map.Entry<String, V>> gone = List.of();
    synchronized (lock) {
      step.run();
      if (!evicted.isEmpty()) {
        gone = evicted;
        evicted = new ArrayList<>();
      }
    }
    gone.forEach(entry -> onEviction.accept(entry.getKey(), entry.getValue()));
  }

  @Override
  public void clear() {
    synchronized (lock) {
      lru.clear();
    }
  }

  @Override
  public Map<String, V> hottest() {
    synchronized (lock) {
      return lru.hottest();
    }
  }

  /**
   * In order of use, the least recent first. The entries are listed under the lock, since each use
   * changes their order; {@code action} runs after that.
   */
  @Override
  public void forEach(BiConsumer<String, V> action) {
    List<Map.Entry<String, V>> now;
    synchronized (lock) {
      now = lru.coldest();
    }
    now.forEach(entry -> action.accept(entry.getKey(), entry.getValue()));
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
