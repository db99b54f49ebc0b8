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
 * <p>The interleavings that it decides by {@link Fences}, with the tests that replay them:
 *
 * <ol>
 *   <li>A load reads the source; the source changes; {@code remove} returns; the load stores. It
 *       finds a fence later than its beginning, and does not store. ({@code
 *       removeDuringLoadDoesNotRepopulate})
 *   <li>A load reads the source; {@code set} returns; the load stores. As before. ({@code
 *       setDuringLoadIsNotOverwritten})
 *   <li>A load begins after {@code set} was called and before it stored: it finds nothing in the
 *       store, and notes a fence that is not older than that of {@code set}. So {@code set} runs in
 *       a step of the table of flights, in which no load of that key begins. ({@code
 *       aLoadThatBeginsWhileSetRunsDoesNotOverwriteIt})
 *   <li>{@code clear} walks over the store while a load stores an entry behind it. The entry has a
 *       fence older than the clear, and no get sees it. ({@code
 *       anEntryOlderThanTheLastClearIsNotSeen})
 *   <li>A load fails after {@code remove}: the value that could be served stale is no longer in the
 *       store. ({@code removeVoidsStaleFallback})
 *   <li>A load reads the source; the source changes; the value is set on another node, which gives
 *       it to this one; then this node is told of the set, and has its value already. It leaves the
 *       value alone, and raises the fence all the same, so that the load does not replace the
 *       value. ({@code aChangeThatLeavesAGivenValueAloneVoidsLoads})
 *   <li>A value that was set has expired; a load reads the source; the source changes; {@code
 *       remove} comes, with an earlier stamp than that of the set. It leaves the value alone, and
 *       raises the fence all the same. ({@code aRemovalThatLeavesALaterSetAloneVoidsLoads})
 *   <li>{@code clear} finds a store without values that were set, which it may empty; one is set
 *       with a later stamp; {@code clear} empties the store. So the first set waits for that.
 *       ({@code StampRacesTest})
 * </ol>
 */
final class FencedStore {
  private final Cache.Weigher<Entry> weigher;
  private final Fences fences;
  private final Cache<Entry> cache;
  private final HotCache copies;

  /**
   * Guards the step from a store that never held a value that was set, which is emptied as a whole,
   * to one that did. The emptying runs under it. The first set waits for that, before its step of
   * the store.
   */
  private final Object firstSet = new Object();

  /** Whether this may ever have held a value that was set. Set once, under {@code firstSet}. */
  private volatile boolean heldSets;

  /**
   * Makes an empty store.
   *
   * @param onEviction told of each entry that made room for another; must be short, and must not
   *     use this
   */
  FencedStore(GroupSettings settings, Ticker ticker, BiConsumer<String, Entry> onEviction) {
    CacheKind kind = settings.store();
    this.fences = new Fences(ticker);
    this.weigher = new EntryWeigher(kind.entryOverhead(), ticker);
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
    return entry == null || fences.isCleared(entry) ? null : entry;
  }

  /** As {@link #find}, without a use. */
  @Nullable Entry peek(String key) {
    Entry entry = cache.peek(key);
    return seen(entry != null ? entry : copies.peek(key));
  }

  /**
   * Returns what the entry of {@code key}, which is no copy, is kept for; null if it is unknown.
   */
  Cache.@Nullable Worth worthOf(String key) {
    return cache.worthOf(key);
  }

  /** Whether what began with {@code fence} is not older than a removal of {@code key}. */
  boolean isSince(long fence, String key) {
    return fences.mayStore(key, fence);
  }

  /** Whether {@code key} was not removed at {@code time} or later, as far as this node knows. */
  boolean isUnremovedSince(long time, String key) {
    return fences.isUnremovedSince(time, key);
  }

  /** Returns the fence of a load that begins now. */
  long currentFence() {
    return fences.current();
  }

  /**
   * Stores the result of a load, or a value that another node gave, unless it is fenced off, or a
   * later change is known here.
   *
   * @param fence the fence of the load
   * @param cost what the load cost, in nanoseconds; 0 if that is not known
   * @param entry null, or larger than the whole store, to forget the old entry
   * @param givesWay whether the present entry, or null, may be replaced; asked in the step of the
   *     store
   * @return whether {@code entry} is stored
   */
  boolean store(
      String key,
      long fence,
      long cost,
      @Nullable Entry entry,
      Predicate<@Nullable Entry> givesWay) {
    Entry next = entry != null && fits(key, entry) ? entry : null;
    if (next != null && next.change() != null) {
      noteSet();
    }
    boolean[] stored = {false};
    cache.compute(
        key,
        cost,
        present -> {
          Entry seen = seen(present);
          if (!givesWay.test(seen) || !fences.mayStore(key, fence) || isOvertaken(entry, seen)) {
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

  /** Returns {@code present}, unless it was cleared away. */
  private @Nullable Entry seen(@Nullable Entry present) {
    return present == null || fences.isCleared(present) ? null : present;
  }

  /** Whether {@code entry} was set before the present value, or before the last clearing. */
  private boolean isOvertaken(@Nullable Entry entry, @Nullable Entry present) {
    Stamp change = entry == null ? null : entry.change();
    if (change == null) {
      return false;
    }
    Stamp other = present == null ? null : present.change();
    return (other != null && other.isAfter(change)) || fences.clearingAfter(change) != null;
  }

  /**
   * Stores a copy, if there is room for it, it is not fenced off, and no later change is known
   * here.
   *
   * @param owned whether this node owns the key by now; if not, an entry in the main cache would
   *     hide the copy, and is removed
   */
  boolean storeCopy(String key, Entry copy, BooleanSupplier owned) {
    if (weigher.bytes(key, copy) > copies.bound() || isOvertaken(copy, seen(cache.get(key)))) {
      return false;
    }
    boolean[] stored = {false};
    copies
        .cache()
        .compute(
            key,
            present -> {
              stored[0] = fences.mayStore(key, copy.fence);
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

  /** Whether a copy of {@code key} pays; see {@link HotCache#isPopular}. */
  boolean isPopular(String key, int rate, boolean copied) {
    return copies.isPopular(key, rate, copied);
  }

  /** Forgets a copy that does not pay any more, unless another one is there. */
  void dropCopy(String key, Entry.Copy former) {
    copies.change(key, present -> present == former ? null : present);
  }

  /** Whether {@code entry} is small enough to be kept. */
  boolean fits(String key, Entry entry) {
    return bytes(key, entry) <= room();
  }

  /** Returns the heap that an entry takes, in bytes. */
  long bytes(String key, Entry entry) {
    return weigher.bytes(key, entry);
  }

  /** Returns the heap that all entries may take, without copies, in bytes. */
  long room() {
    return copies.mainBound();
  }

  /**
   * Replaces the value of {@code key} by the entry that {@code make} makes of the fence of the
   * change, or removes it if that is null or too large; unless the value was set with a stamp that
   * is not before this one, or a clearing has a later one.
   */
  Carried set(String key, Stamp stamp, LongFunction<@Nullable Entry> make) {
    return set(key, stamp, present -> false, make);
  }

  /**
   * As {@link #set(String, Stamp, LongFunction)}, unless {@code keeps} the present value, which was
   * not stored by this change itself: then nothing is done, and the result is {@link
   * Carried#PRESENT}.
   */
  Carried set(String key, Stamp stamp, Predicate<Entry> keeps, LongFunction<@Nullable Entry> make) {
    noteSet();
    Carried[] carried = {Carried.OUT};
    cache.compute(
        key,
        present -> {
          Entry seen = seen(present);
          Entry held = seen != null ? seen : seen(copies.peek(key));
          if (held != null && !stamp.equals(held.change()) && keeps.test(held)) {
            carried[0] = Carried.PRESENT;
            return present;
          }
          Carried left = left(key, stamp, seen, false);
          if (left != null) {
            carried[0] = left;
            return present;
          }
          long fence = fences.raise(key);
          Stamp clearing = fences.clearingAfter(stamp); // Not before the fence is known.
          if (clearing != null) {
            carried[0] = new Carried(false, clearing);
            return present;
          }
          Entry entry = make.apply(fence);
          return entry != null && fits(key, entry) ? entry : null;
        });
    copies.drop(key); // A copy that is stored after this finds the fence.
    return carried[0];
  }

  /** Removes {@code key}, unless its value was set with a stamp that is not before this one. */
  Carried remove(String key, Stamp stamp) {
    Carried[] carried = {Carried.OUT};
    cache.compute(
        key,
        present -> {
          Carried left = left(key, stamp, seen(present), true);
          if (left != null) {
            carried[0] = left;
            return present;
          }
          fences.raise(key);
          return null;
        });
    copies.drop(key);
    return carried[0];
  }

  /**
   * Returns how a change is carried out that leaves the present value alone, since that was set
   * with a stamp that is not earlier; null if the change takes the value away. Runs in the step of
   * the store.
   *
   * @param removal whether it is a removal. If the value was set later, it voids loads all the
   *     same; a set need not, since its removal of older values comes next
   */
  private @Nullable Carried left(
      String key, Stamp stamp, @Nullable Entry present, boolean removal) {
    Marks marks = present == null ? null : present.marks();
    if (marks == null || marks.change() == null || stamp.isAfter(marks.change())) {
      return null;
    }
    boolean later = marks.change().isAfter(stamp);
    boolean voids = !marks.setHere() || (removal && later);
    if (voids) {
      fences.raise(key);
    }
    return new Carried(voids, later ? marks.change() : null);
  }

  /**
   * Fences off all loads, and hides all values but those that were set with a stamp that is not
   * before {@code stamp}. Returns the fence.
   */
  long fenceAll(Stamp stamp) {
    return fences.raiseAll(stamp);
  }

  /**
   * Removes what {@link #fenceAll} hid, and all copies. If this never held a value that was set, it
   * is emptied at once; else it is walked over.
   *
   * @return the latest stamp of the values that stay, if that is later than {@code stamp}; a value
   *     that is being stored may be overlooked
   */
  @Nullable Stamp sweep(Stamp stamp) {
    copies.clear();
    return emptied() ? null : removeCleared(stamp);
  }

  private boolean emptied() {
    if (heldSets) {
      return false;
    }
    synchronized (firstSet) {
      if (!heldSets) {
        cache.clear();
      }
      return !heldSets;
    }
  }

  private @Nullable Stamp removeCleared(Stamp stamp) {
    Stamp[] latest = {stamp};
    cache.forEach(
        (key, entry) -> {
          if (fences.isCleared(entry)) {
            cache.compute(key, this::seen);
          } else if (entry.change() != null && entry.change().isAfter(latest[0])) {
            latest[0] = entry.change();
          }
        });
    return latest[0] == stamp ? null : latest[0];
  }

  /** To be called before a value is stored that was set. */
  private void noteSet() {
    if (!heldSets) {
      synchronized (firstSet) {
        heldSets = true;
      }
    }
  }

  /**
   * Replaces the entry of {@code key}, if there is one that is no copy, by the same value with
   * other times; null removes it.
   */
  void change(String key, UnaryOperator<@Nullable Entry> change) {
    cache.compute(key, present -> present == null ? null : change.apply(present));
  }

  /** As {@link #change}, unless the key is fenced off since {@code fence}. */
  void changeSince(long fence, String key, UnaryOperator<@Nullable Entry> change) {
    change(key, present -> fences.mayStore(key, fence) ? change.apply(present) : present);
  }

  /** Removes the entry of {@code key}, and its copy, if it has this very {@code value}. */
  void forget(String key, ByteView value) {
    UnaryOperator<@Nullable Entry> without =
        present -> present != null && present.value == value ? null : present;
    cache.compute(key, without);
    copies.change(key, without);
  }

  /**
   * Keeps what a codec made of {@code value} beside it, if that is still the value of {@code key},
   * and there is room for both.
   */
  void keepDecoded(String key, ByteView value, Decoded decoded) {
    cache.compute(key, present -> withDecoded(key, present, value, decoded, room()));
    copies.change(key, copy -> withDecoded(key, copy, value, decoded, copies.bound()));
  }

  private @Nullable Entry withDecoded(
      String key, @Nullable Entry present, ByteView value, Decoded decoded, long room) {
    if (present == null || present.value != value) {
      return present;
    }
    Entry both = present.marked(Marks.decoded(present.marks(), decoded));
    return weigher.bytes(key, both) <= room ? both : present;
  }

  /** Passes each entry that is no copy to {@code action}; see {@link Cache#forEach}. */
  void forEach(BiConsumer<String, Entry> action) {
    cache.forEach(action);
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
  Fences fences() {
    return fences;
  }

  /** For tests that stand in for a race. */
  Cache<Entry> cache() {
    return cache;
  }
}
