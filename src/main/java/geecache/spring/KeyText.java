package geecache.spring;

import org.jspecify.annotations.Nullable;

/**
 * Names keys that are objects of the application's own, for {@link GeecacheCacheManager}. A bean of
 * this type is found by the auto-configuration. Safe for use by many threads.
 */
@FunctionalInterface
public interface KeyText {
  /**
   * Returns the text of {@code key}: the same for equal keys and different for others, on all nodes
   * and for ever. Null if this does not know keys of that class.
   *
   * @param key of a class that has no text of its own
   */
  @Nullable String of(Object key);
}
