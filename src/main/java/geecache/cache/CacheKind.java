package geecache.cache;

import java.util.function.BiConsumer;

/** The stores that there are. */
public enum CacheKind {
  /** A {@link CaffeineCache}. */
  CAFFEINE(CaffeineCache.ENTRY_OVERHEAD) {
    @Override
    public <V> Cache<V> make(
        long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction) {
      return new CaffeineCache<>(maxBytes, weigher, onEviction);
    }
  },

  /** An {@link LruCache}. */
  LRU(LruCache.ENTRY_OVERHEAD) {
    @Override
    public <V> Cache<V> make(
        long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction) {
      return new LruCache<>(maxBytes, weigher, onEviction);
    }
  },

  /** A {@link ValueCache}. */
  VALUE(ValueCache.ENTRY_OVERHEAD) {
    @Override
    public <V> Cache<V> make(
        long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction) {
      return new ValueCache<>(maxBytes, weigher, onEviction);
    }
  };

  private final int entryOverhead;

  CacheKind(int entryOverhead) {
    this.entryOverhead = entryOverhead;
  }

  /** Returns the heap that a store of this kind itself needs for an entry, in bytes. */
  public int entryOverhead() {
    return entryOverhead;
  }

  /**
   * Makes an empty store of this kind.
   *
   * @param maxBytes the sum of sizes that it may hold, in bytes; 0 for no bound
   * @param weigher tells the size of each entry
   * @param onEviction told of each entry that made room for another; must be short, and must not
   *     use the store
   */
  public abstract <V> Cache<V> make(
      long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction);
}
