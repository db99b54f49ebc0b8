package geecache;

import geecache.cache.Cache;
import geecache.cache.CacheKind;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The store of one group, with fences that keep removed values out, and the copies of values that
 * other nodes keep.
 *
 * <p>The interleavings that {@link RemovalStamps} decides, with the tests that replay them:
 *
 * <ol>
 *   <li>A load reads the source; the source changes; {@code remove} returns; the load stores. It
 *       finds a stamp later than its beginning, and does not store. ({@code
 *       removeDuringLoadDoesNotRepopulate})
 *   <li>A load reads the source; {@code set} returns; the load stores. As before. ({@code
 *       setDuringLoadIsNotOverwritten})
 *   <li>A load begins after {@code set} was called and before it stored: it finds nothing in the
 *       store, and takes a stamp that is not older than that of {@code set}. So {@code set} runs in
 *       a step of the table of flights, in which no load of that key begins. ({@code
 *       aLoadThatBeginsWhileSetRunsDoesNotOverwriteIt})
 *   <li>{@code clear} walks over the store while a load stores an entry behind it. The entry has a
 *       stamp older than the clear, and no get sees it. ({@code
 *       anEntryOlderThanTheLastClearIsNotSeen})
 *   <li>A load fails after {@code remove}: the value that could be served stale is no longer in the
 *       store. ({@code removeVoidsStaleFallback})
 * </ol>
 */
final class FencedStore {
  private final Cache.Weigher<Entry> weigher;
  private final RemovalStamps stamps = new RemovalStamps();
  private final Cache<Entry> cache;
  private final HotCache copies;

  /**
   * Makes an empty store.
   *
   * @param onEviction told of each entry that made room for another; must be short, and must not
   *     use this
   */
  FencedStore(GroupSettings settings, Ticker ticker, BiConsumer<String, Entry> onEviction) {
    CacheKind kind = settings.store();
    int overhead = kind.entryOverhead();
    this.weigher = (key, entry) -> HeapSize.of(key, entry, overhead);
    LongFunction<Cache<Entry>> store = maxBytes -> kind.make(maxBytes, weigher, onEviction);
    this.cache = store.apply(settings.maxBytes());
    this.copies = new HotCache(settings, ticker, cache, store);
  }

  /**
   * Returns the entry of {@code key}, even if it is past its end; null if there is none, or it was
   * cleared away.
   */
  @Nullable Entry find(String key) {
    Entry entry = cache.get(key);
    if (entry == null) {
      entry = copies.find(key);
    }
    return entry != null && entry.stamp >= stamps.cleared() ? entry : null;
  }

  /** Returns the stamp of a load that begins now. */
  long currentStamp() {
    return stamps.current();
  }

  /**
   * Stores the result of a load, unless it is fenced off.
   *
   * @param stamp the stamp of the load
   * @param entry null, or larger than the whole store, to forget the old entry
   * @param givesWay whether the present entry, or null, may be replaced; asked in the step of the
   *     store
   * @return whether {@code entry} is stored
   */
  boolean store(
      String key, long stamp, @Nullable Entry entry, Predicate<@Nullable Entry> givesWay) {
    Entry next = entry != null && fits(key, entry) ? entry : null;
    boolean[] stored = {false};
    cache.compute(
        key,
        present -> {
          boolean cleared = present != null && present.stamp < stamps.cleared();
          if (!givesWay.test(cleared ? null : present) || !stamps.mayStore(key, stamp)) {
            return present;
          }
          stored[0] = next != null;
          return next;
        });
    if (stored[0]) {
      copies.drop(key);
    }
    return stored[0];
  }

  /**
   * Stores a copy, if there is room for it and it is not fenced off since its stamp.
   *
   * @param owned whether this node owns the key by now; if not, an entry in the main cache would
   *     hide the copy, and is removed
   */
  boolean storeCopy(String key, Entry copy, BooleanSupplier owned) {
    if (weigher.bytes(key, copy) > copies.bound()) {
      return false;
    }
    boolean[] stored = {false};
    copies
        .cache()
        .compute(
            key,
            present -> {
              stored[0] = stamps.mayStore(key, copy.stamp);
              return stored[0] ? copy : present;
            });
    if (stored[0] && cache.get(key) != null) {
      change(key, present -> owned.getAsBoolean() ? present : null);
    }
    return stored[0];
  }

  /** Counts one question to a peer for {@code key}: the count tells which keys are popular. */
  void countFetch(String key) {
    copies.count(key);
  }

  /** Whether callers ask for {@code key} so often that a copy pays. */
  boolean isPopular(String key) {
    return copies.isPopular(key);
  }

  /** Whether {@code entry} is small enough to be kept. */
  boolean fits(String key, Entry entry) {
    return weigher.bytes(key, entry) <= copies.mainBound();
  }

  /**
   * Removes {@code key}, and stores the entry that {@code make} makes of the stamp of the removal,
   * unless that is null or too large.
   */
  void set(String key, LongFunction<@Nullable Entry> make) {
    cache.compute(
        key,
        present -> {
          Entry entry = make.apply(stamps.raise(key));
          return entry != null && fits(key, entry) ? entry : null;
        });
    copies.drop(key); // A copy that is stored after this finds the stamp.
  }

  /** Removes {@code key}. */
  void remove(String key) {
    set(key, stamp -> null);
  }

  /** Removes everything, and returns the stamp of the removal. */
  long clear() {
    long stamp = stamps.raiseAll();
    cache.clear();
    copies.clear();
    return stamp;
  }

  /**
   * Replaces the entry of {@code key}, if there is one that is no copy, by the same value with
   * other times; null removes it.
   */
  void change(String key, UnaryOperator<@Nullable Entry> change) {
    cache.compute(key, present -> present == null ? null : change.apply(present));
  }

  /** As {@link #change}, unless the key is fenced off since {@code stamp}. */
  void changeSince(long stamp, String key, UnaryOperator<@Nullable Entry> change) {
    change(key, present -> stamps.mayStore(key, stamp) ? change.apply(present) : present);
  }

  /**
   * Returns the entries without the copies, those first that the store would keep longest;
   * unmodifiable.
   */
  Map<String, Entry> hottest() {
    return cache.hottest();
  }

  long entries() {
    return cache.entries() + copies.entries();
  }

  long bytes() {
    return cache.bytes() + copies.bytes();
  }

  /** Returns the number of copies; they are among the entries. */
  long copies() {
    return copies.entries();
  }

  long copyBytes() {
    return copies.bytes();
  }

  /** For tests that stand in for a race. */
  RemovalStamps stamps() {
    return stamps;
  }

  /** For tests that stand in for a race. */
  Cache<Entry> cache() {
    return cache;
  }
}
