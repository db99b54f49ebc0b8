package geecache.cache;

import java.util.function.BiConsumer;

class CaffeineCacheTest extends CacheContract {
  @Override
  <V> Cache<V> make(long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction) {
    return new CaffeineCache<>(maxBytes, weigher, onEviction);
  }
}
