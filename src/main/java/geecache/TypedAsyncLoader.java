package geecache;

import java.util.concurrent.CompletionStage;

/**
 * Loads one key for the caller who gives it to {@link Cached#getAsync(Object, TypedAsyncLoader)};
 * as an {@link AsyncLoader}.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface TypedAsyncLoader<K, V> {
  /**
   * Returns a stage that ends with the value of {@code key}; see {@link AsyncLoader#load}.
   *
   * @return never null, and ends with a value that is not null
   * @throws Exception if there is no value
   */
  CompletionStage<V> load(K key) throws Exception;
}
