package geecache.spring;

import geecache.Unchecked;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.Cache;
import org.springframework.cache.interceptor.CacheErrorHandler;

/**
 * Logs what a cache could not change everywhere, so that a write which is committed does not fail.
 * All else is thrown.
 */
final class LoggedChanges implements CacheErrorHandler {
  private static final Logger log = LoggerFactory.getLogger(LoggedChanges.class);

  @Override
  public void handleCacheGetError(RuntimeException failure, Cache cache, Object key) {
    throw failure;
  }

  @Override
  public void handleCachePutError(
      RuntimeException failure, Cache cache, Object key, @Nullable Object value) {
    logOrThrow("a value of the cache {} was not put: {}", failure, cache);
  }

  @Override
  public void handleCacheEvictError(RuntimeException failure, Cache cache, Object key) {
    logOrThrow("a key was not evicted from the cache {} on all nodes: {}", failure, cache);
  }

  @Override
  public void handleCacheClearError(RuntimeException failure, Cache cache) {
    logOrThrow("the cache {} was not cleared on all nodes: {}", failure, cache);
  }

  private static void logOrThrow(String what, RuntimeException failure, Cache cache) {
    if (!(failure instanceof Unchecked.CacheException)) {
      throw failure;
    }
    log.warn(what, cache.getName(), failure.getMessage());
  }
}
