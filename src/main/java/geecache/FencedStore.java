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
 * The store of one group, behind the fences that keep removed values out, with the copies of what
 * other nodes keep beside it.
 *
 * <p>The interleavings that {@link RemovalStamps} decides, with the tests that replay them:
 *
 * <ol>
 *   <li>A load reads the source; the source changes; {@code remove} returns; the load stores. It
 *       finds a stamp later than its beginning, and does not. ({@code
 *       removeDuringLoadDoesNotRepopulate})
 *   <li>A load reads the source; {@code set} returns; the load stores. The same. ({@code
 *       setDuringLoadIsNotOverwritten})
 *   <li>A load begins after {@code set} was called and before it stored: it finds nothing in the
 *       store, and takes a stamp that is not older than that of {@code set}. So {@code set} runs in
 *       a step of the table of flights, in which no load of that key begins. ({@code
 *       aLoadThatBeginsWhileSetRunsDoesNotOverwriteIt})
 *   <li>{@code clear} walks over the store while a load puts an entry behind its back. The entry
 *       bears a stamp older than the clear, and no get sees it. ({@code
 *       anEntryOlderThanTheLastClearIsNotSeen})
 *   <li>A load fails after {@code remove}: what could be served stale is no longer in the store.
 *       ({@code removeVoidsStaleFallback})
 * </ol>
 */
final class FencedStore {
  private final Cache.Weigher<Entry> weigher;
  private final RemovalStamps stamps = new RemovalStamps();
  private final Cache<Entry> cache;
  private final HotCache copies;

  /**
   * Holds nothing yet.
   *
   * @param onEviction told what was given up for room; must be short, and must not use this
   */
  FencedStore(GroupSettings settings, Ticker ticker, BiConsumer<String, Entry> onEviction) {
    CacheKind kind = settings.store();
    int overhead = kind.entryOverhead();
    this.weigher = (key, entry) -> HeapSize.of(key, entry, overhead);
    LongFunction<Cache<Entry>> store = maxBytes -> kind.make(maxBytes, weigher, onEviction);
    this.cache = store.apply(settings.maxBytes());
    this.copies = new HotCache(settings, ticker, cache, store);
  }

  /** Returns what is there, be it past its end, unless it was cleared away. */
  @Nullable Entry find(String key) {
    Entry entry = cache.get(key);
    if (entry == null) {
      entry = copies.find(key);
    }
    return entry != null && entry.stamp >= stamps.cleared() ? entry : null;
  }

  /** Returns the stamp that a load which begins now is fenced by. */
  long currentStamp() {
    return stamps.current();
  }

  /**
   * Stores what came of a load, unless that is fenced off.
   *
   * @param stamp the stamp of when it began
   * @param entry null, or larger than the whole store, to forget the old one
   * @param givesWay whether what is there, or null, may be replaced; asked in the step of the store
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
   * @param owned whether this node owns the key by now; else what the main cache has would hide the
   *     copy, and goes
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

  /** Notes that a peer is asked for {@code key}, which tells what is popular. */
  void countFetch(String key) {
    copies.count(key);
  }

  /** Whether a copy of {@code key} is worth its place. */
  boolean isPopular(String key) {
    return copies.isPopular(key);
  }

  /** Whether the store may keep it at all. */
  boolean fits(String key, Entry entry) {
    return weigher.bytes(key, entry) <= copies.mainBound();
  }

  /**
   * Removes {@code key}, and stores what {@code make} makes of the removal's stamp, if that is not
   * null or too large.
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

  /** Removes everything, and returns the stamp of doing so. */
  long clear() {
    long stamp = stamps.raiseAll();
    cache.clear();
    copies.clear();
    return stamp;
  }

  /** Replaces what is there, and no copy, by the same with other ends, or forgets it for null. */
  void change(String key, UnaryOperator<@Nullable Entry> change) {
    cache.compute(key, present -> present == null ? null : change.apply(present));
  }

  /** As {@link #change}, unless that is fenced off since {@code stamp}. */
  void changeSince(long stamp, String key, UnaryOperator<@Nullable Entry> change) {
    change(key, present -> stamps.mayStore(key, stamp) ? change.apply(present) : present);
  }

  /** Returns what is there but copies, what it would keep longest first; unmodifiable. */
  Map<String, Entry> hottest() {
    return cache.hottest();
  }

  long entries() {
    return cache.entries() + copies.entries();
  }

  long bytes() {
    return cache.bytes() + copies.bytes();
  }

  /** Returns how many copies are among the entries. */
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
