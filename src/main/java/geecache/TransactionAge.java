package geecache;

import java.time.Duration;
import java.util.Optional;

/**
 * Says how old the snapshot of the source is that the calling thread reads from. A transaction may
 * go on reading what it saw when it began, even after that was changed and removed from the cache.
 * So a value that a {@link Loader} brings is stored only if its key was not removed since the
 * transaction of its thread began.
 *
 * <p>Called on the threads of callers, right before and right after their loaders. Must be short,
 * and must not throw. Given to {@link Geecache#transactionAge}.
 */
@FunctionalInterface
public interface TransactionAge {
  /**
   * Returns how long before {@code now} the transaction of this thread began; zero if it has none.
   * Empty if that is not known, or if the transaction has written: then what is loaded is for its
   * own caller alone, and the next caller that waits loads the key.
   *
   * @param now {@link System#nanoTime}, read right before this call
   */
  Optional<Duration> at(long now);
}
