package geecache;

import java.util.Map;
import java.util.Set;

/**
 * Loads many keys of a typed group with one call of their source. Called as a {@link BulkGetter}
 * is. A typed getter that is {@link AutoCloseable} is closed with its node.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface TypedBulkGetter<K, V> {
  /**
   * Returns the values of many keys. A key that is missing in the result is absent; one of which
   * the value is null, or cannot be turned into bytes, has failed.
   *
   * @param keys at least 1, and at most as many as a call may have; unmodifiable
   * @throws Exception if no key has a value; decides what callers see, as for {@link Getter#get}
   */
  Map<K, V> getAll(Set<K> keys) throws Exception;
}
