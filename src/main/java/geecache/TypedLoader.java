package geecache;

/**
 * Loads one key for the caller who gives it to {@link Cached#get(Object, TypedLoader)}; as a {@link
 * Loader}.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 * @param <E> what it throws; its own caller gets that very exception
 */
@FunctionalInterface
public interface TypedLoader<K, V, E extends Exception> {
  /**
   * Returns the value of {@code key}; see {@link Loader#load}.
   *
   * @return never null
   * @throws E if there is no value
   */
  V load(K key) throws E;
}
