package geecache.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.support.NullValue;
import org.springframework.cache.support.SimpleValueWrapper;

/**
 * What a cache has for a key.
 *
 * @param value null if the method returned null
 */
record Stored(@Nullable Object value) {
  /** Spring may give null as an object. */
  Stored {
    value = value instanceof NullValue ? null : value;
  }

  Cache.ValueWrapper wrapped() {
    return new SimpleValueWrapper(value);
  }
}
