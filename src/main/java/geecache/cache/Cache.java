package geecache.cache;

import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A bounded store of entries, with a {@link Weigher} that returns the size of each. Safe for use by
 * many threads.
 *
 * @param <V> the type of the entries
 */
public interface Cache<V> {

  /**
   * Returns the part of the budget that an entry takes.
   *
   * @param <V> the type of the entries
   */
  @FunctionalInterface
  interface Weigher<V> {
    /** Returns the size of an entry, its key included, in bytes; not negative. */
    int bytes(String key, V value);

    /** Returns a test, as of now, whether a value answers no get any more. */
    default Predicate<V> over() {
      return value -> false;
    }
  }

  /** Returns the value of {@code key}, or null; a hit counts as a use. */
  @Nullable V get(String key);

  /** Returns the value of {@code key}, or null. Counts no use. */
  @Nullable V peek(String key);

  /**
   * Returns what {@code key} is kept for; null if it has no entry, or this store compares entries
   * in another way. Counts no use.
   */
  default @Nullable Worth worthOf(String key) {
    return null;
  }

  /**
   * What an entry is kept for.
   *
   * @param worth the entries with the least go first; it has no unit
   * @param frequency how often callers asked for the key lately, up to a limit
   * @param costNanos what a load of it costs, to within an eighth; 0 if that is not known
   */
  record Worth(double worth, int frequency, long costNanos) {}

  /**
   * Replaces the value of {@code key} by the result of {@code decide}, in one step: no other change
   * of that key comes between. Then evicts entries until all fit. An entry larger than the whole
   * budget is not kept.
   *
   * @param decide given the present value or null; returns the new one, the present one to leave
   *     it, or null to remove it. Must be short, and must not use this store: a lock is held.
   */
  void compute(String key, UnaryOperator<@Nullable V> decide);

  /**
   * As {@link #compute(String, UnaryOperator)}, for a value that was loaded. A store may keep those
   * longer that cost more.
   *
   * @param cost the time that the load cost its callers, in nanoseconds; 0 if that is not known
   */
  default void compute(String key, long cost, UnaryOperator<@Nullable V> decide) {
    compute(key, decide);
  }

  /**
   * Removes all entries; this is not an eviction. An entry stored at the same time may stay or go.
   */
  void clear();

  /**
   * Sets the bound, and evicts entries until all fit.
   *
   * @param maxBytes the bound of the sum of sizes, in bytes; positive
   */
  void bound(long maxBytes);

  /**
   * Returns the entries, those first that the policy would keep longest; unmodifiable. Changes
   * meanwhile may show or not. Counts no use.
   */
  Map<String, V> hottest();

  /**
   * Passes each entry to {@code action}, which may use this store: no lock is held. Changes
   * meanwhile may show or not. Counts no use.
   */
  void forEach(BiConsumer<String, V> action);

  /** Returns the number of entries. */
  long entries();

  /** Returns the sum of the sizes of the entries, in bytes. */
  long bytes();
}
