package geecache;

import geecache.cache.Cache;
import geecache.cache.CaffeineCache;
import geecache.cache.LruCache;
import java.time.Duration;
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
  private final GroupSettings settings;
  private final Ticker ticker;
  private final Cache.Weigher<Entry> weigher;
  private final Fences fences = new Fences();
  private final Cache<Entry> cache;
  private final Copies copies;
  private final AtomicReference<PeerPicker> peers;

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
    BiConsumer<String, Entry> onEviction = (key, entry) -> counters.evictions.increment();
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
            : timed(fetched.value(), begin, begun, now + life);
    if (fetched.stale()) {
      return Landing.stale(given);
    }
    if (life <= 0 || !copies.wants(key)) {
      return Landing.loaded(given, false);
    }
    long end = now + Math.min(life, settings.hotTimeToLive());
    Entry copy = timed(fetched.value(), begin, begun, end);
    return Landing.loaded(given, fits(key, copy, copies.bound()) && storeCopy(key, copy));
  }

  private static Entry timed(@Nullable ByteView value, long stamp, long begun, long end) {
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

  /** Limits the life of everything that this node does not own (any more). */
  void demote() {
    cache.keys().forEach(this::demote);
  }

  private void demote(String key) {
    if (!owns(key)) {
      long now = ticker.nanos();
      long end = now + settings.hotTimeToLive();
      cache.compute(key, 0, present -> present == null ? null : present.endingBy(now, end));
    }
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
    life = shortened(life);
    long end = begun + life;
    return new Entry.Timed(
        value.bytes(),
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
