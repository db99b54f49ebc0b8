package geecache;

import java.util.Map;
import java.util.Set;

/**
 * Loads many keys for the caller who gives it to {@link Group#getAll(java.util.Collection,
 * BulkLoader)}. It runs on the thread of that caller, for keys of which the caller was given the
 * leases; see {@link Loader}.
 *
 * @param <E> what it throws; its own caller gets that very exception
 */
@FunctionalInterface
public interface BulkLoader<E extends Exception> {
  /**
   * Returns the values of many keys. A key that is missing in the result is absent.
   *
   * @param keys at least 1; unmodifiable
   * @return never null, and no value is null
   * @throws E if no key has a value
   */
  Map<String, Value> loadAll(Set<String> keys) throws E;
}
