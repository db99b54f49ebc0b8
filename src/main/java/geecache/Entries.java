package geecache;

import geecache.cache.Cache;
import geecache.cache.CaffeineCache;
import geecache.cache.LruCache;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What one group keeps: its store, behind the fences that keep removed values out, and the rules of
 * time and size by which a value becomes an entry.
 *
 * <p>The interleavings that {@link Fences} decides, with the tests that replay them:
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
 *
 * <p>What this node does not own lives at most the group's hot time to live: copies of what a peer
 * keeps, in a store of their own, and values that were loaded here because the owner did not
 * answer, or another node took this one for the owner. Interleaving: a load finds that this node
 * owns its key; the view changes, and the walk of {@link #demote} passes by; the load stores. So it
 * notes the view before it asks who owns the key, and looks at it once more when it has stored; and
 * so does {@code set}. ({@code aLoadThatStoresWhileTheViewChangesIsDemoted}, {@code
 * aSetThatStoresWhileTheViewChangesIsDemoted})
 */
final class Entries {
  /** How many lost entries go for one that the store has evicted. */
  private static final int LOST_FOR_ONE = 8;

  private final GroupSettings settings;
  private final Ticker ticker;
  private final Cache.Weigher<Entry> weigher;
  private final Fences fences = new Fences();
  private final Cache<Entry> cache;
  private final Copies copies;
  private final AtomicReference<PeerPicker> peers;

  /** The keys of what was lost by the last change: the first to go when the store is full. */
  private final Queue<String> lost = new ConcurrentLinkedQueue<>();

  /** Whether something was evicted since: written by whoever does, cleared by the next to store. */
  private volatile boolean full;

  Entries(
      GroupSettings settings, Ticker ticker, Counters counters, AtomicReference<PeerPicker> peers) {
    this.peers = peers;
    this.settings = settings;
    this.ticker = ticker;
    this.weigher =
        switch (settings.store()) {
          case CAFFEINE -> (key, entry) -> HeapSize.of(key, entry, CaffeineCache.ENTRY_OVERHEAD);
          case LRU -> (key, entry) -> HeapSize.of(key, entry, LruCache.ENTRY_OVERHEAD);
        };
    BiConsumer<String, Entry> onEviction =
        (key, entry) -> {
          counters.evictions.increment();
          full = true;
        };
    LongFunction<Cache<Entry>> store =
        switch (settings.store()) {
          case CAFFEINE -> maxBytes -> new CaffeineCache<>(maxBytes, weigher, onEviction);
          case LRU -> maxBytes -> new LruCache<>(maxBytes, weigher, onEviction);
        };
    this.cache = store.apply(settings.maxBytes());
    this.copies = new Copies(settings, ticker, cache, store);
  }

  /** Returns what the store has, be it past its end, unless it was cleared away. */
  @Nullable Entry find(String key) {
    Entry entry = cache.get(key);
    if (entry == null) {
      entry = copies.find(key);
    }
    return entry != null && entry.stamp >= fences.cleared() ? entry : null;
  }

  boolean isFresh(Entry entry) {
    return entry.isPlain() || ((Entry.Timed) entry).isFresh(ticker.nanos());
  }

  /** Whether a get is answered with it, without a load: it is fresh, or held off. */
  boolean mayAnswer(Entry entry) {
    if (entry.isPlain()) {
      return true;
    }
    long now = ticker.nanos();
    Entry.Timed timed = (Entry.Timed) entry;
    return timed.isFresh(now) || timed.isHeldOff(now);
  }

  boolean isDueForRefresh(Entry entry) {
    return !entry.isPlain() && ((Entry.Timed) entry).isDueForRefresh(ticker.nanos());
  }

  boolean mayServeStale(Entry entry) {
    return entry.isPlain() || ((Entry.Timed) entry).mayServeStale(ticker.nanos());
  }

  /** Returns the stamp that a load which begins now is fenced by. */
  long begin() {
    return fences.now();
  }

  /** Makes an entry of what {@code flight} loaded, and stores it unless that is fenced off. */
  Landing keep(Flight flight, Value value, long begun) {
    long view = view();
    Entry entry = entryOf(flight.key, value, flight.begin, begun);
    boolean kept = value.timeToLive() == null || !value.timeToLive().isZero();
    return Landing.loaded(entry, store(flight, kept ? entry : null, begun, view));
  }

  /** Stores that the source has no such key, if the group keeps that, and forgets the old value. */
  void keepAbsence(Flight flight, String message, long begun) {
    long view = view();
    long life = shortened(settings.absentTimeToLive());
    long end = begun + (owns(flight.key) ? life : Math.min(life, settings.hotTimeToLive()));
    boolean kept = settings.absentTimeToLive() > 0;
    store(
        flight,
        kept ? new Entry.Timed(null, message, flight.begin, begun, end, end, end, false) : null,
        begun,
        view);
  }

  /** Notes that a peer is asked for {@code key}, which tells what is popular. */
  void countFetch(String key) {
    copies.count(key);
  }

  /**
   * Makes an entry of what a peer gave, and stores a copy if that is popular, fresh and not fenced
   * off since {@code begin}.
   */
  Landing keepFetched(String key, long begin, Fetched fetched) {
    long now = ticker.nanos();
    long life = fetched.timeToLive() == null ? Long.MAX_VALUE : nanos(fetched.timeToLive());
    long begun = fetched.age() == null ? now : now - nanos(fetched.age());
    Entry given =
        fetched.timeToLive() == null
            ? new Entry.Plain(fetched.value(), begin)
            : copyOf(fetched.value(), begin, begun, now + life);
    if (fetched.stale()) {
      return Landing.stale(given);
    }
    if (life <= 0 || !copies.wants(key)) {
      return Landing.loaded(given, false);
    }
    long end = now + Math.min(life, settings.hotTimeToLive());
    Entry copy = copyOf(fetched.value(), begin, begun, end);
    return Landing.loaded(given, fits(key, copy, copies.bound()) && storeCopy(key, copy));
  }

  /**
   * Makes an entry of what the node gave that owned the key until lately, and stores it as if it
   * had been loaded here when it was loaded there, unless that is fenced off.
   */
  Landing keepPeeked(Flight flight, Fetched given) {
    long view = view();
    Entry entry = entryOf(flight.key, given, flight.begin);
    return Landing.loaded(entry, store(flight, entry, ticker.nanos(), view));
  }

  /**
   * Stores what a node hands over that owned the key until now, and that is not past its end,
   * unless there is something fresh, or that is fenced off since {@code begin}.
   *
   * @return whether it was stored
   */
  boolean take(String key, long begin, Fetched given) {
    long view = view();
    Entry entry = entryOf(key, given, begin);
    if (!fits(key, entry)) {
      return false;
    }
    makeRoom();
    boolean[] stored = {false};
    cache.compute(
        key,
        0,
        present -> {
          boolean taken = present != null && present.stamp >= fences.cleared() && isFresh(present);
          stored[0] = !taken && fences.isOpen(key, begin);
          return stored[0] ? entry : present;
        });
    if (stored[0]) {
      copies.drop(key);
      demoteIfChanged(key, view);
    }
    return stored[0];
  }

  /** Makes an entry of what another node gave, with what remains of its life. */
  private Entry entryOf(String key, Fetched given, long stamp) {
    long now = ticker.nanos();
    Entry entry;
    if (given.age() == null || given.timeToLive() == null) {
      entry = new Entry.Plain(given.value(), stamp);
    } else {
      long age = nanos(given.age());
      entry = timed(given.value(), stamp, now - age, age + nanos(given.timeToLive()));
    }
    return owns(key) ? entry : entry.endingBy(now, now + settings.hotTimeToLive());
  }

  /**
   * Returns what memory has of {@code key} for a node that owns it: with the life that it had here
   * as the owner's. Null if there is no value, or it is past its end, or a copy.
   */
  @Nullable Entry ofOwner(String key) {
    Entry entry = find(key);
    return entry == null ? null : ofOwner(entry);
  }

  /**
   * As {@link #ofOwner(String)}, for a node that stores it: what this one has lost is then only in
   * the way of what it owns.
   */
  @Nullable Entry give(String key) {
    Entry entry = find(key);
    Entry given = entry == null ? null : ofOwner(entry);
    if (given != null && entry instanceof Entry.Lost) {
      cache.compute(key, 0, present -> present == entry ? null : present);
    }
    return given;
  }

  private @Nullable Entry ofOwner(Entry entry) {
    Entry owned = entry.owned();
    boolean copy = owned instanceof Entry.Timed timed && timed.copy;
    return owned.value == null || copy || !isFresh(owned) ? null : owned;
  }

  /** Returns the keys of what the store has, what it would keep longest first. */
  List<String> hottest() {
    return List.copyOf(cache.hottest().keySet());
  }

  private static Entry copyOf(@Nullable ByteView value, long stamp, long begun, long end) {
    return new Entry.Timed(value, null, stamp, begun, end, end, end, true);
  }

  /** An older entry in the main cache would hide the copy, and so goes. */
  private boolean storeCopy(String key, Entry copy) {
    boolean[] stored = {false};
    copies
        .cache()
        .compute(
            key,
            0,
            present -> {
              stored[0] = fences.isOpen(key, copy.stamp);
              return stored[0] ? copy : present;
            });
    if (stored[0] && cache.get(key) != null) {
      cache.compute(key, 0, present -> owns(key) ? present : null);
    }
    return stored[0];
  }

  /**
   * Limits the life of everything that this node does not own (any more), and gives what it owns
   * again its own life back.
   */
  void demote() {
    lost.clear();
    cache
        .hottest()
        .forEach(
            (key, entry) -> {
              if (entry instanceof Entry.Lost || !owns(key)) {
                demote(key);
                lost.add(key);
              }
            });
  }

  /** The policy does not know what is lost, and would give up what is owned for it. */
  private void makeRoom() {
    if (full) {
      full = false;
      for (int i = 0; i < LOST_FOR_ONE; i++) {
        String key = lost.poll();
        if (key == null) {
          return;
        }
        cache.compute(key, 0, present -> present instanceof Entry.Lost ? null : present);
      }
    }
  }

  /** Asks who owns the key in the step: of two walks at once, the last has seen the last view. */
  private void demote(String key) {
    long now = ticker.nanos();
    long end = now + settings.hotTimeToLive();
    cache.compute(
        key,
        0,
        present -> {
          if (present == null) {
            return null;
          }
          if (owns(key)) {
            return present.owned();
          }
          // What was lost before, and has ended, takes a place from what is owned.
          boolean over = present instanceof Entry.Lost lost && !lost.isFresh(now);
          return over ? null : present.endingBy(now, end);
        });
  }

  /** Limits what was stored in the belief that it was owned, if that may have changed since. */
  private void demoteIfChanged(String key, long view) {
    if (view() != view) {
      demote(key);
    }
  }

  private long view() {
    return peers.get().view();
  }

  private boolean owns(String key) {
    return peers.get().owns(key);
  }

  /**
   * Lets the source rest after a load that failed, as long as there is a value to serve: or else
   * each hit on a value that is due to be renewed, or stale, would ask it again.
   */
  void holdOff(Flight flight) {
    long until = ticker.nanos() + settings.holdOff();
    cache.compute(
        flight.key,
        0,
        present ->
            present instanceof Entry.Timed timed
                    && timed.value != null
                    && fences.isOpen(flight.key, flight.begin)
                ? timed.heldOffUntil(until)
                : present);
  }

  /** What is larger than its whole store is not kept, and takes the old value with it. */
  private boolean fits(String key, Entry entry) {
    return fits(key, entry, copies.mainBound());
  }

  private boolean fits(String key, Entry entry, long bound) {
    return weigher.bytes(key, entry) <= bound;
  }

  /**
   * Stores, unless that is fenced off.
   *
   * @param view of before it was asked who owns the key
   */
  private boolean store(Flight flight, @Nullable Entry made, long begun, long view) {
    Entry entry = made != null && fits(flight.key, made) ? made : null;
    makeRoom();
    boolean[] stored = {false};
    cache.compute(
        flight.key,
        ticker.nanos() - begun,
        present -> {
          if (flight.isAbandoned() || !fences.isOpen(flight.key, flight.begin)) {
            return present;
          }
          stored[0] = entry != null;
          return entry;
        });
    if (stored[0]) {
      copies.drop(flight.key);
      demoteIfChanged(flight.key, view);
    }
    return stored[0];
  }

  /** Stores {@code value} now. */
  void set(String key, Value value) {
    long view = view();
    long begun = ticker.nanos();
    boolean kept = value.timeToLive() == null || !value.timeToLive().isZero();
    cache.compute(
        key,
        0,
        present -> {
          Entry entry = entryOf(key, value, fences.raise(key), begun);
          return kept && fits(key, entry) ? entry : null;
        });
    copies.drop(key);
    demoteIfChanged(key, view);
  }

  /** Removes {@code key}. */
  void remove(String key) {
    cache.compute(
        key,
        0,
        present -> {
          fences.raise(key);
          return null;
        });
    copies.drop(key); // A copy that is stored after this finds the stamp.
  }

  /** Removes everything, and returns the stamp of doing so. */
  long clear() {
    long stamp = fences.raiseAll();
    cache.clear();
    copies.clear();
    return stamp;
  }

  /** For tests that stand in for a race. */
  Fences fences() {
    return fences;
  }

  /** For tests that stand in for a race. */
  Cache<Entry> cache() {
    return cache;
  }

  long count() {
    return cache.entries() + copies.entries();
  }

  long bytes() {
    return cache.bytes() + copies.bytes();
  }

  long hotCount() {
    return copies.entries();
  }

  long hotBytes() {
    return copies.bytes();
  }

  private Entry entryOf(String key, Value value, long stamp, long begun) {
    Entry entry = entryOf(value, stamp, begun);
    return owns(key) ? entry : entry.endingBy(begun, begun + settings.hotTimeToLive());
  }

  private Entry entryOf(Value value, long stamp, long begun) {
    long life = value.timeToLive() == null ? settings.timeToLive() : nanos(value.timeToLive());
    if (life == 0 && value.timeToLive() == null) {
      return new Entry.Plain(value.bytes(), stamp);
    }
    return timed(value.bytes(), stamp, begun, shortened(life));
  }

  private Entry timed(ByteView value, long stamp, long begun, long life) {
    long end = begun + life;
    return new Entry.Timed(
        value,
        null,
        stamp,
        begun,
        end - refreshAhead(life),
        end,
        end + settings.staleIfError(),
        false);
  }

  /** A value that lives no longer than the group refreshes ahead is renewed in mid-life. */
  private long refreshAhead(long life) {
    return settings.refreshAhead() < life ? settings.refreshAhead() : life / 2;
  }

  private long shortened(long life) {
    return settings.jitter() == 0
        ? life
        : life - (long) (life * settings.jitter() * ThreadLocalRandom.current().nextDouble());
  }

  /** A source may name any time; a century is as good as any longer one, and adds up. */
  private static long nanos(Duration time) {
    return Math.min(TimeUnit.NANOSECONDS.convert(time), TimeUnit.DAYS.toNanos(36_500));
  }
}
