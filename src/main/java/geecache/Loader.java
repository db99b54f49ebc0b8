package geecache;

/**
 * Loads one key for the caller who gives it to {@link Group#get(String, Loader)}. It runs on the
 * thread of that caller, and only if the caller was given the lease of the key: everybody else who
 * wants the key waits for what it returns.
 *
 * <p>It may get other keys. If it gets its own key, that get fails at once.
 *
 * @param <E> what it throws; its own caller gets that very exception
 */
@FunctionalInterface
public interface Loader<E extends Exception> {
  /**
   * Returns the value of {@code key}. A {@link KeyNotFoundException} says that the source has no
   * such key. Any other exception fails those who wait too; to them, its message is told only if it
   * is a {@link CacheException}. An interrupt, a {@link java.util.concurrent.CancellationException}
   * and an {@link Error} are the caller's own: the next caller that waits and has a loader loads
   * the key.
   *
   * @return never null
   * @throws E if there is no value
   */
  Value load(String key) throws E;
}
