package geecache.bench.spring;

import java.time.Duration;
import java.util.Locale;

/** Whose caches are compared. */
enum Side {
  GEECACHE,
  /** Spring Data Redis as careful as it can be: evicts and puts are done when they return. */
  REDIS,
  /** Spring Data Redis with the defaults of its locking writer over Lettuce. */
  REDIS_ASYNC;

  /** As options and figures have it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean isOfRedis() {
    return this != GEECACHE;
  }

  /**
   * Starts what is behind the caches.
   *
   * @param lockSleep how often whoever waits for the lock in Redis asks for it
   */
  Caches start(int instances, Duration lockSleep) throws Exception {
    return switch (this) {
      case GEECACHE -> new GeecacheCaches(instances);
      case REDIS -> new RedisCaches(true, lockSleep);
      case REDIS_ASYNC -> new RedisCaches(false, lockSleep);
    };
  }
}
