package geecache.cache;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A bounded store of entries, with a {@link Weigher} that tells the size of each. Safe for use by
 * many threads.
 *
 * @param <V> what it holds
 */
public interface Cache<V> {

  /**
   * Tells what an entry takes of a budget.
   *
   * @param <V> what is weighed
   */
  @FunctionalInterface
  interface Weigher<V> {
    /** Returns the size of an entry, its key included, in bytes; not negative. */
    int bytes(String key, V value);
  }

  /** Returns the value of {@code key}, or null; a hit counts as a use. */
  @Nullable V get(String key);

  /**
   * Replaces the value of {@code key} by what {@code decide} makes of it, as one step: no other
   * change of that key comes between. Then evicts as much as that takes. An entry larger than the
   * whole budget is not kept.
   *
   * @param decide given the present value or null; returns the new one, the present one to leave
   *     it, or null to remove it. Must be short, and must not use this store: a lock is held.
   */
  void compute(String key, UnaryOperator<@Nullable V> decide);

  /**
   * Removes what is there; this is not an eviction. An entry stored at the same time may stay or
   * go.
   */
  void clear();

  /**
   * Sets the bound, and evicts what is then too much.
   *
   * @param maxBytes the sum of sizes that it may hold, in bytes; positive
   */
  void bound(long maxBytes);

  /**
   * Returns what is there now, what the policy would keep longest first; unmodifiable. What changes
   * meanwhile may show or not. No use is counted.
   */
  Map<String, V> hottest();

  /** Returns the number of entries. */
  long entries();

  /** Returns the sum of the sizes of the entries, in bytes. */
  long bytes();
}
