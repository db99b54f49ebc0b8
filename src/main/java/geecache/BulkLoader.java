package geecache;

import java.util.Map;
import java.util.Set;

/**
 * Loads many keys for the caller who gives it to {@link Group#getAll(java.util.Collection,
 * BulkLoader)}. It runs on the thread of that caller, and for the keys of which the caller was
 * given the leases; see {@link Loader}. It may be called again, for keys whose loads by others have
 * ended without a result.
 *
 * <p>It may get other keys. If it gets one of those that it loads, that get fails at once.
 *
 * @param <E> what it throws; its own caller gets that very exception
 */
@FunctionalInterface
public interface BulkLoader<E extends Exception> {
  /**
   * Returns the values of many keys. A key that is missing in the result is absent. If this throws,
   * none of the keys has a value, and the exception decides what becomes of those who wait for
   * them, as for {@link Loader#load}; but a {@link KeyNotFoundException} is a failure, since it
   * does not say which key is absent.
   *
   * @param keys at least 1, at most 1,024; unmodifiable
   * @return never null, with no key that is not among {@code keys}, and no value that is null; else
   *     all of them fail
   * @throws E if no key has a value
   */
  Map<String, Value> loadAll(Set<String> keys) throws E;
}
