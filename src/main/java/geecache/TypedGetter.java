package geecache;

/**
 * Loads one key of a typed group from its source. Called as a {@link Getter} is: by several threads
 * at once, which are the loader threads of the node. It may get other keys, by a {@link Cached} or
 * a {@link Group}. A typed getter that is {@link AutoCloseable} is closed with its node.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface TypedGetter<K, V> {
  /**
   * Returns the value of {@code key}. The exception decides what callers see, as for {@link
   * Getter#get}. Throw a {@link KeyNotFoundException} if the source has no such key: null is a
   * failure.
   *
   * @return the value, which the group turns into bytes at once; never null
   * @throws Exception if there is no value
   */
  V get(K key) throws Exception;
}
