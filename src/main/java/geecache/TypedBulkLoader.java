package geecache;

import java.util.Map;
import java.util.Set;

/**
 * Loads many keys for the caller who gives it to {@link Cached#getAll(java.util.Collection,
 * TypedBulkLoader)}; as a {@link BulkLoader}.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 * @param <E> what it throws; its own caller gets that very exception
 */
@FunctionalInterface
public interface TypedBulkLoader<K, V, E extends Exception> {
  /**
   * Returns the values of many keys; see {@link BulkLoader#loadAll}.
   *
   * @param keys at least 1, at most 1,024; unmodifiable
   * @return never null, with no key that is not among {@code keys}, and no value that is null or
   *     that the codec cannot write; else all of them fail
   * @throws E if no key has a value
   */
  Map<K, V> loadAll(Set<K> keys) throws E;
}
