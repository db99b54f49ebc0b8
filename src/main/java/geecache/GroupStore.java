package geecache;

import geecache.cache.Cache;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The values that one group has in memory. Makes entries of the values of getters, peers and {@code
 * set}, by the rules of time ({@link Expiry}) and of ownership ({@link OwnershipLimits}), and
 * stores them in a {@link FencedStore}.
 *
 * <p>A value that this node does not own lives for the hot time to live of the group at most. Such
 * values are copies of values that a peer keeps, which have a store of their own, and the values
 * that {@link OwnershipLimits} limits.
 */
final class GroupStore {
  private final GroupSettings settings;
  private final Counters counters;
  private final FencedStore store;
  private final Expiry expiry;
  private final OwnershipLimits ownership;
  private final LargeValues large;
  private final Ticker clock;

  /**
   * Makes an empty store.
   *
   * @param group whose values these are, for the cluster
   */
  GroupStore(
      GroupSettings settings,
      Counters counters,
      NodeParts node,
      LocalGroup group,
      LargeValues large) {
    this.settings = settings;
    this.counters = counters;
    this.store = new FencedStore(settings, node.ticker(), this::evicted);
    this.expiry = new Expiry(settings, node);
    this.large = large;
    this.clock = node.waitTicker();
    this.ownership = new OwnershipLimits(node, group, settings.hotTimeToLive(), store);
  }

  private void evicted(String key, Entry entry) {
    counters.evictions.increment();
    ownership.noteEviction();
  }

  /**
   * Returns the entry of {@code key}, even if it is past its end; null if there is none, or it was
   * cleared away.
   */
  @Nullable Entry find(String key) {
    return store.find(key);
  }

  /**
   * Looks up once more what was a hit just now, and tells the history of the group how long that
   * took. So no other hit has to read a clock. This is no use: a key is not kept for being watched.
   */
  void lookAgain(String key) {
    GroupHistory kept = counters.history;
    if (kept != null) {
      long begun = clock.nanos();
      store.peek(key);
      kept.addHit(key, clock.nanos() - begun);
    }
  }

  /** As {@link #find}, without a use. */
  @Nullable Entry look(String key) {
    return store.peek(key);
  }

  /**
   * Returns what the entry of {@code key}, which is no copy, is kept for; null if it is unknown.
   */
  Cache.@Nullable Worth worthOf(String key) {
    return store.worthOf(key);
  }

  /** Returns the heap that an entry takes, in bytes. */
  long bytes(String key, Entry entry) {
    return store.bytes(key, entry);
  }

  boolean isFresh(Entry entry) {
    return expiry.isFresh(entry);
  }

  /** Whether {@code entry} answers a get without a load: it is fresh, or held off. */
  boolean mayAnswer(Entry entry) {
    return expiry.mayAnswer(entry);
  }

  boolean isDueForRefresh(Entry entry) {
    return expiry.isDueForRefresh(entry);
  }

  boolean mayServeStale(Entry entry) {
    return expiry.mayServeStale(entry);
  }

  /** Whether what began with {@code fence} is not older than a removal of {@code key}. */
  boolean isSince(long fence, String key) {
    return store.isSince(fence, key);
  }

  /** Returns the fence of a load that begins now. */
  long currentFence() {
    return store.currentFence();
  }

  /**
   * Makes an entry of the value that {@code flight} loaded, and stores it unless it is fenced off.
   *
   * @param begun when the load began
   * @param cost the time that callers waited for it together, or that it took, in nanoseconds
   */
  LoadOutcome keep(Flight flight, Value value, long begun, long cost) {
    long view = ownership.view();
    Entry loaded = expiry.of(value, flight.fence, begun, null);
    Entry entry = ownership.capped(flight.key, loaded, begun);
    return LoadOutcome.loaded(entry, store(flight, cost, isKept(value) ? entry : null, view));
  }

  /** Makes an entry of the value that a caller loaded, and stores nothing. */
  LoadOutcome served(String key, Lease.Loaded loaded, long fence) {
    Entry entry = expiry.of(loaded.value(), fence, loaded.begun(), null);
    return LoadOutcome.loaded(ownership.capped(key, entry, loaded.begun()), false);
  }

  /** Whether {@code key} was not removed at {@code time} or later, as far as this node knows. */
  boolean isUnremovedSince(long time, String key) {
    return store.isUnremovedSince(time, key);
  }

  /** Notes that a load brought more than the group takes. */
  void noteRefused(String key, Value value) {
    large.noteRefused(key, value.bytes().length(), settings.maxValueBytes());
  }

  /**
   * Refuses a value to be set that is larger than all the room there is.
   *
   * @throws ValueTooLargeException if it is
   */
  void requireRoom(String key, Value value) {
    if (!isKept(value)) {
      return;
    }
    Marks marks = Marks.set(new Stamp(0, 0));
    boolean ends = value.timeToLive() != null || settings.timeToLive() != 0;
    Entry entry =
        ends
            ? new Entry.Timed(value.bytes(), 0, 0, 0, 0, 0, marks)
            : Entry.plain(value.bytes(), 0, marks);
    if (!store.fits(key, entry)) {
      throw new ValueTooLargeException(
          "value is too large: it takes %d bytes of heap, and the group has room for %d"
              .formatted(store.bytes(key, entry), store.room()));
    }
  }

  private static boolean isKept(Value value) {
    return value.timeToLive() == null || !value.timeToLive().isZero();
  }

  /** Forgets the old value, and stores that the source has no such key, if the group keeps that. */
  void keepAbsence(Flight flight, String message, long begun) {
    long view = ownership.view();
    Entry absence =
        settings.absentTimeToLive() == 0
            ? null
            : expiry.absence(message, flight.fence, begun, ownership.longestLife(flight.key));
    store(flight, 0, absence, view);
  }

  /**
   * Makes an entry of the value that the former owner of the key gave, with the age that it had
   * there, and stores it unless it is fenced off.
   */
  LoadOutcome keepPeeked(Flight flight, PeerValue given) {
    long view = ownership.view();
    Entry entry = ownership.capped(flight.key, expiry.of(given, flight.fence), expiry.now());
    return LoadOutcome.loaded(entry, store(flight, 0, entry, view));
  }

  /**
   * Stores the result of a flight, or nothing in place of the present entry, unless the result is
   * fenced off.
   *
   * @param cost what the load cost, in nanoseconds; 0 if that is not known
   * @param view the view from before it was asked who owns the key
   */
  private boolean store(Flight flight, long cost, @Nullable Entry entry, long view) {
    ownership.makeRoom();
    if (entry != null && !store.fits(flight.key, entry)) {
      large.noteNotKept(flight.key, store.bytes(flight.key, entry), store.room());
    }
    boolean stored =
        store.store(flight.key, flight.fence, cost, entry, present -> !flight.isAbandoned());
    if (stored) {
      counters.puts.increment();
      ownership.demoteIfChanged(flight.key, view);
    }
    return stored;
  }

  /**
   * Lets the source rest after a load that failed, if there is a value to serve. Otherwise each hit
   * on a value that is due to be renewed, or stale, would ask the source again.
   */
  void holdOff(Flight flight) {
    long until = expiry.now() + settings.holdOff();
    store.changeSince(
        flight.fence,
        flight.key,
        present ->
            present instanceof Entry.Timed timed && timed.value != null
                ? timed.heldOffUntil(until)
                : present);
  }

  /** Forgets the value of {@code key} on this node, if it is this very {@code value}. */
  void forget(String key, ByteView value) {
    store.forget(key, value);
  }

  /** Whether this very {@code value} is in memory. */
  boolean holds(String key, ByteView value) {
    Entry entry = find(key);
    return entry != null && entry.value == value;
  }

  /** Keeps what a codec made of {@code value} beside it; see {@link FencedStore#keepDecoded}. */
  void keepDecoded(String key, ByteView value, Decoded decoded) {
    store.keepDecoded(key, value, decoded);
  }

  /** Counts one question to a peer for {@code key}: the count tells which keys are popular. */
  void countFetch(String key) {
    store.countFetch(key);
    GroupHistory kept = counters.history;
    if (kept != null) {
      kept.addGets(key, 1);
    }
  }

  /**
   * Makes an entry of the value that a peer gave. Stores a copy if the key is popular, the value is
   * fresh, and it is not fenced off since {@code fence}.
   *
   * @param former the copy that had come to its end; null if there was none
   */
  LoadOutcome keepFetched(String key, long fence, PeerValue fetched, Entry.@Nullable Copy former) {
    Entry given =
        fetched.timeToLive() == null
            ? Entry.plain(fetched.value(), fence, Marks.given(fetched.change()))
            : expiry.copy(fetched, fence, expiry.now(), Long.MAX_VALUE);
    if (fetched.stale()) {
      return LoadOutcome.stale(given);
    }
    if (!fetched.isLive() || !store.isPopular(key, fetched.rate(), former != null)) {
      if (former != null) {
        store.dropCopy(key, former);
      }
      return LoadOutcome.loaded(given, false);
    }
    Entry copy = expiry.copy(fetched, fence, expiry.now(), settings.hotTimeToLive());
    boolean stored = store.storeCopy(key, copy, () -> ownership.owns(key));
    if (stored) {
      counters.puts.increment();
    }
    return LoadOutcome.loaded(given, stored);
  }

  /**
   * Stores a value that the former owner of the key hands over, unless it is past its end, a fresh
   * value is there, or it is fenced off since {@code fence}.
   *
   * @return whether it was stored
   */
  boolean accept(String key, long fence, PeerValue given) {
    long view = ownership.view();
    Entry entry = ownership.capped(key, expiry.of(given, fence), expiry.now());
    if (!store.fits(key, entry)) {
      return false;
    }
    ownership.makeRoom();
    boolean stored =
        store.store(key, fence, 0, entry, present -> present == null || !expiry.isFresh(present));
    if (stored) {
      counters.puts.increment();
      ownership.demoteIfChanged(key, view);
    }
    return stored;
  }

  /**
   * Returns the entry of {@code key} as its owner has it, with the life that it had while this node
   * was the owner. Null if there is no value, or it is past its end, or a copy.
   */
  @Nullable Entry peek(String key) {
    Entry entry = find(key);
    return entry == null ? null : peek(entry);
  }

  /**
   * As {@link #peek(String)}, for a node that stores the value. If this node has lost the key, it
   * forgets the entry, to make room for the keys that it owns.
   */
  @Nullable Entry handOut(String key) {
    Entry entry = find(key);
    Entry given = entry == null ? null : peek(entry);
    if (given != null && entry instanceof Entry.Demoted) {
      store.change(key, present -> present == entry ? null : present);
    }
    return given;
  }

  private @Nullable Entry peek(Entry entry) {
    Entry owned = entry.owned();
    return owned.value == null || owned instanceof Entry.Copy || !isFresh(owned) ? null : owned;
  }

  /**
   * Returns the keys without those of copies; those that the store would keep longest come first.
   */
  List<String> hottestKeys() {
    return List.copyOf(store.hottest().keySet());
  }

  /**
   * Limits the life of values that this node does not own; see {@link OwnershipLimits#demote()}.
   */
  void demote() {
    ownership.demote();
  }

  /** Stores {@code value} as if it had just been loaded, unless a later change is known. */
  Carried set(String key, Value value, Stamp stamp) {
    return set(key, value, stamp, present -> false);
  }

  /** As {@link #set}, unless the key has a value that is fresh: {@link Carried#PRESENT}. */
  Carried putIfAbsent(String key, Value value, Stamp stamp) {
    return set(key, value, stamp, present -> present.value != null && expiry.isFresh(present));
  }

  private Carried set(String key, Value value, Stamp stamp, Predicate<Entry> keeps) {
    long view = ownership.view();
    long begun = expiry.now();
    Marks marks = Marks.set(stamp);
    Carried carried =
        store.set(
            key,
            stamp,
            keeps,
            fence ->
                isKept(value)
                    ? ownership.capped(key, expiry.of(value, fence, begun, marks), begun)
                    : null);
    if (carried == Carried.OUT && isKept(value)) {
      counters.puts.increment();
    }
    ownership.demoteIfChanged(key, view);
    return carried;
  }

  /** Removes {@code key}, unless its value was set with a stamp that is not before this one. */
  Carried remove(String key, Stamp stamp) {
    return store.remove(key, stamp);
  }

  /**
   * Hides all values but those that were set with a stamp that is not before {@code stamp}. Returns
   * the fence that voids all loads before.
   */
  long fenceAll(Stamp stamp) {
    return store.fenceAll(stamp);
  }

  /**
   * Removes what {@link #fenceAll} hid, and returns the latest stamp of the values that stay, if
   * that is later than {@code stamp}.
   */
  @Nullable Stamp sweep(Stamp stamp) {
    Stamp later = store.sweep(stamp);
    ownership.noteClear();
    return later;
  }

  /** Returns what was counted and what is held, with the loads and gets of now. */
  GroupStats stats(int getsWaiting, int loadsRunning, int loadsWaiting) {
    return counters.snapshot(
        store.entries(),
        store.bytes(),
        store.copies(),
        store.copyBytes(),
        settings.maxBytes(),
        getsWaiting,
        loadsRunning,
        loadsWaiting);
  }
}
