package geecache.spring;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.annotation.CacheConfig;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.Caching;

/** A service with all that annotations of Spring's caches may say. Each call has a new number. */
class AnnotatedUsers {
  private final AtomicLong calls = new AtomicLong();

  /** Of the object itself: a proxy has fields of its own. */
  public long calls() {
    return calls.get();
  }

  @Cacheable("users")
  public Long find(Object key) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", sync = true)
  public Long findOnce(Object key) {
    return calls.incrementAndGet();
  }

  @Cacheable("users")
  public @Nullable Long findNone(Object key) {
    calls.incrementAndGet();
    return null;
  }

  @Cacheable(cacheNames = "users", sync = true)
  public @Nullable Long findNoneOnce(Object key) {
    calls.incrementAndGet();
    return null;
  }

  @Cacheable("users")
  public Long findOfMany(Object... keys) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", condition = "#p0 == 3")
  public Long findOnCondition(int key) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", sync = true, condition = "#p0 == 3")
  public Long findOnceOnCondition(int key) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", unless = "#result > 10")
  public Long findUnless(int key) {
    return (long) key;
  }

  @Cacheable(cacheNames = "users", key = "#p0")
  public Long findByFirst(Object first, Object second) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", key = "#root.methodName + #root.caches[0].name")
  public Long findByMethod(Object key) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", keyGenerator = "keysOfMethods")
  public Long findByGenerator(Object key) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", keyGenerator = "nobody")
  public Long findByUnknownGenerator(Object key) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", cacheManager = "otherManager")
  public Long findInOther(Object key) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheNames = "users", cacheManager = "nobody")
  public Long findInUnknown(Object key) {
    return calls.incrementAndGet();
  }

  @Cacheable(cacheResolver = "resolver")
  public Long findInResolved(Object key) {
    return calls.incrementAndGet();
  }

  @Cacheable("users")
  public Long fail(Object key) throws IOException {
    calls.incrementAndGet();
    throw new IOException("checked " + key);
  }

  @Cacheable(cacheNames = "users", sync = true)
  public Long failOnce(Object key) throws IOException {
    calls.incrementAndGet();
    throw new IOException("checked " + key);
  }

  @Cacheable("users")
  public Long failUnchecked(Object key) {
    throw new UnsupportedOperationException("unchecked " + key);
  }

  @Cacheable(cacheNames = "users", sync = true)
  public Long failUncheckedOnce(Object key) {
    throw new UnsupportedOperationException("unchecked " + key);
  }

  @CacheEvict(cacheNames = "users", key = "#p0")
  public void evict(Object key, @Nullable Object more) {}

  @CacheEvict("users")
  public void evictAndFail(Object key) {
    throw new UnsupportedOperationException("not evicted");
  }

  @CacheEvict(cacheNames = "users", beforeInvocation = true)
  public void evictEarlyAndFail(Object key) {
    throw new UnsupportedOperationException("evicted");
  }

  @CacheEvict(cacheNames = "users", allEntries = true)
  public void evictAll() {}

  @CacheEvict(cacheNames = "users", allEntries = true, beforeInvocation = true)
  public void evictAllEarlyAndFail() {
    throw new UnsupportedOperationException("evicted");
  }

  @CachePut("users")
  public Long put(Object key) {
    return calls.incrementAndGet();
  }

  @CachePut(cacheNames = "users", condition = "#p0 == 3")
  public Long putOnCondition(int key) {
    return calls.incrementAndGet();
  }

  @CachePut(cacheNames = "users", key = "#result.id()")
  public GeecacheCacheTest.User putByResult(String name) {
    return new GeecacheCacheTest.User(7, name);
  }

  @Caching(cacheable = {@Cacheable("first"), @Cacheable("second")})
  public Long findInBoth(Object key) {
    return calls.incrementAndGet();
  }

  @Caching(put = {@CachePut("first"), @CachePut("second")})
  public Long putInBoth(Object key) {
    return calls.incrementAndGet();
  }

  @Caching(
      evict = {
        @CacheEvict("first"),
        @CacheEvict(cacheNames = "second", key = "#p0"),
        @CacheEvict(cacheNames = "first", key = "#p0 + 'A'")
      })
  public void evictInBoth(Object key) {}

  @Caching(
      cacheable = @Cacheable(cacheNames = "first", condition = "#p0 == 3"),
      evict = @CacheEvict("second"))
  public Long findAndEvict(Object key) {
    return calls.incrementAndGet();
  }

  /** Annotations of a class are those of all its methods, and of its subclasses' methods. */
  @Cacheable
  @CacheConfig(cacheNames = "users")
  static class Base {
    final AtomicLong calls = new AtomicLong();

    public Long find(Object key) {
      return calls.incrementAndGet();
    }

    @Cacheable(sync = true)
    public Long findOnce(Object key) {
      return calls.incrementAndGet();
    }

    @CacheEvict
    public void evict(Object key) {}
  }

  static class Derived extends Base {}

  /** Annotations of an interface are those of the classes that have it. */
  interface Described {
    @Cacheable("users")
    Long find(Object key);
  }

  static class Implementing implements Described {
    private final AtomicLong calls = new AtomicLong();

    @Override
    public Long find(Object key) {
      return calls.incrementAndGet();
    }
  }
}
