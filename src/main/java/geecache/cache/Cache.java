package geecache.cache;

import org.jspecify.annotations.Nullable;

/**
 * A bounded store of entries. It is told the size of each entry and never measures one itself. Safe
 * for use by many threads.
 *
 * @param <V> what it holds
 */
public interface Cache<V> {
  /** Returns the value of {@code key}, or null; a hit counts as a use. */
  @Nullable V get(String key);

  /**
   * Stores {@code value} in place of any former value of {@code key}, and evicts as much as that
   * takes. An entry larger than the whole budget is not stored, and the former value goes.
   *
   * @param bytes what the entry, its key included, takes of the budget; not negative
   */
  void put(String key, V value, long bytes);

  /** Removes {@code key} if it is there; this is not an eviction. */
  void remove(String key);

  /** Removes everything; this is not an eviction. */
  void clear();

  /** Returns the number of entries. */
  long entries();

  /** Returns the sum of the sizes of the entries, in bytes. */
  long bytes();
}
