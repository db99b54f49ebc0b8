package geecache.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The default store: Caffeine with its W-TinyLFU policy (Einziger, Friedman, Manes, "TinyLFU: A
 * Highly Efficient Cache Admission Policy", 2017), bounded by bytes. A hit takes no lock. Eviction
 * runs on the threads that use the store, so that no thread outlives it.
 *
 * @param <V> the type of the entries
 */
public final class CaffeineCache<V> implements Cache<V> {
  /**
   * The heap that this store itself needs for an entry, in bytes. Measured: 72 for nodes, and 16 to
   * 24 for the shares in the hash table and, once half full, the frequency sketch, which grow by
   * doubling.
   */
  public static final int ENTRY_OVERHEAD = 92;

  private static final long UNBOUNDED = Long.MAX_VALUE - Integer.MAX_VALUE;

  private final com.github.benmanes.caffeine.cache.Cache<String, V> cache;
  private final Policy.Eviction<String, V> eviction;
  private final Weigher<V> weigher;

  /**
   * Written by {@link #bound}. After a thread has stored by the former bound, eviction follows the
   * new one.
   */
  private volatile long maxBytes;

  /**
   * Makes an empty store.
   *
   * @param maxBytes the bound of the sum of sizes, in bytes; 0 for none
   * @param weigher returns the size of each entry
   * @param onEviction told of each entry that made room for another; must be short, a lock is held
   * @throws IllegalArgumentException if {@code maxBytes} is negative
   */
  public CaffeineCache(long maxBytes, Weigher<V> weigher, BiConsumer<String, V> onEviction) {
    this.weigher = weigher;
    this.maxBytes = maxBytes == 0 ? UNBOUNDED : maxBytes;
    cache =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(this.maxBytes)
            .<String, V>weigher(weigher::bytes)
            .evictionListener((key, value, cause) -> onEviction.accept(key, value))
            .build();
    eviction = cache.policy().eviction().orElseThrow();
  }

  @Override
  public @Nullable V get(String key) {
    return cache.getIfPresent(key);
  }

  @Override
  public @Nullable V peek(String key) {
    return cache.policy().getIfPresentQuietly(key);
  }

  @Override
  public void compute(String key, UnaryOperator<@Nullable V> decide) {
    cache
        .asMap()
        .compute(
            key,
            (k, present) -> {
              V next = decide.apply(present);
              return next == null || fits(k, next) ? next : null;
            });
  }

  /** Caffeine would store an entry that does not fit, and report its eviction at once. */
  private boolean fits(String key, V value) {
    return weigher.bytes(key, value) <= maxBytes;
  }

  @Override
  public void clear() {
    cache.invalidateAll();
  }

  @Override
  public void bound(long bytes) {
    maxBytes = bytes;
    eviction.setMaximum(bytes);
  }

  @Override
  public Map<String, V> hottest() {
    return eviction.hottest(Integer.MAX_VALUE);
  }

  /** In no order. Does not wait for evictions, nor hold them up. */
  @Override
  public void forEach(BiConsumer<String, V> action) {
    cache.asMap().forEach(action);
  }

  @Override
  public long entries() {
    cache.cleanUp();
    return cache.estimatedSize();
  }

  @Override
  public long bytes() {
    cache.cleanUp();
    return eviction.weightedSize().orElseThrow();
  }
}
