package geecache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one group keeps: makes entries of what getters, peers and {@code set} bring, by the rules of
 * time ({@link Lifetimes}) and of who owns what ({@link Ownership}), and stores them behind the
 * fences ({@link FencedStore}).
 *
 * <p>What this node does not own lives at most the group's hot time to live: copies of what a peer
 * keeps, in a store of their own, and what {@link Ownership} limits.
 */
final class Entries {
  private final GroupSettings settings;
  private final Counters counters;
  private final FencedStore store;
  private final Lifetimes lifetimes;
  private final Ownership ownership;

  Entries(GroupSettings settings, Counters counters, NodeParts node) {
    this.settings = settings;
    this.counters = counters;
    this.store = new FencedStore(settings, node.ticker(), this::evicted);
    this.lifetimes = new Lifetimes(settings, node);
    this.ownership = new Ownership(node, settings.hotTimeToLive(), store);
  }

  private void evicted(String key, Entry entry) {
    counters.evictions.increment();
    ownership.evicted();
  }

  /** Returns what the store has, be it past its end, unless it was cleared away. */
  @Nullable Entry find(String key) {
    return store.find(key);
  }

  boolean isFresh(Entry entry) {
    return lifetimes.isFresh(entry);
  }

  /** Whether a get is answered with it, without a load: it is fresh, or held off. */
  boolean mayAnswer(Entry entry) {
    return lifetimes.mayAnswer(entry);
  }

  boolean isDueForRefresh(Entry entry) {
    return lifetimes.isDueForRefresh(entry);
  }

  boolean mayServeStale(Entry entry) {
    return lifetimes.mayServeStale(entry);
  }

  /** Returns the stamp that a load which begins now is fenced by. */
  long begin() {
    return store.begin();
  }

  /** Makes an entry of what {@code flight} loaded, and stores it unless that is fenced off. */
  Landing keep(Flight flight, Value value, long begun) {
    long view = ownership.view();
    Entry loaded = lifetimes.of(value, flight.begin, begun);
    Entry entry = ownership.limited(flight.key, loaded, begun);
    return Landing.loaded(entry, store(flight, isKept(value) ? entry : null, view));
  }

  private static boolean isKept(Value value) {
    return value.timeToLive() == null || !value.timeToLive().isZero();
  }

  /** Stores that the source has no such key, if the group keeps that, and forgets the old value. */
  void keepAbsence(Flight flight, String message, long begun) {
    long view = ownership.view();
    Entry absence =
        settings.absentTimeToLive() == 0
            ? null
            : lifetimes.absence(message, flight.begin, begun, ownership.longestLife(flight.key));
    store(flight, absence, view);
  }

  /**
   * Makes an entry of what the node gave that owned the key until lately, and stores it as if it
   * had been loaded here when it was loaded there, unless that is fenced off.
   */
  Landing keepPeeked(Flight flight, PeerValue given) {
    long view = ownership.view();
    Entry entry = ownership.limited(flight.key, lifetimes.of(given, flight.begin), lifetimes.now());
    return Landing.loaded(entry, store(flight, entry, view));
  }

  /**
   * Stores what came of a flight, or nothing in place of what was there, unless that is fenced off.
   *
   * @param view of before it was asked who owns the key
   */
  private boolean store(Flight flight, @Nullable Entry entry, long view) {
    ownership.makeRoom();
    boolean stored = store.store(flight.key, flight.begin, entry, present -> !flight.isAbandoned());
    if (stored) {
      ownership.demoteIfChanged(flight.key, view);
    }
    return stored;
  }

  /**
   * Lets the source rest after a load that failed, as long as there is a value to serve: or else
   * each hit on a value that is due to be renewed, or stale, would ask it again.
   */
  void holdOff(Flight flight) {
    long until = lifetimes.now() + settings.holdOff();
    store.changeSince(
        flight.begin,
        flight.key,
        present ->
            present instanceof Entry.Timed timed && timed.value != null
                ? timed.heldOffUntil(until)
                : present);
  }

  /** Notes that a peer is asked for {@code key}, which tells what is popular. */
  void countFetch(String key) {
    store.countFetch(key);
  }

  /**
   * Makes an entry of what a peer gave, and stores a copy if that is popular, fresh and not fenced
   * off since {@code begin}.
   */
  Landing keepFetched(String key, long begin, PeerValue fetched) {
    long now = lifetimes.now();
    Entry given =
        fetched.timeToLive() == null
            ? new Entry.Plain(fetched.value(), begin)
            : lifetimes.copy(fetched, begin, now, Long.MAX_VALUE);
    if (fetched.stale()) {
      return Landing.stale(given);
    }
    if (!fetched.isLive() || !store.wantsCopy(key)) {
      return Landing.loaded(given, false);
    }
    Entry copy = lifetimes.copy(fetched, begin, now, settings.hotTimeToLive());
    return Landing.loaded(given, store.storeCopy(key, copy, () -> ownership.owns(key)));
  }

  /**
   * Stores what a node hands over that owned the key until now, and that is not past its end,
   * unless there is something fresh, or that is fenced off since {@code begin}.
   *
   * @return whether it was stored
   */
  boolean take(String key, long begin, PeerValue given) {
    long view = ownership.view();
    Entry entry = ownership.limited(key, lifetimes.of(given, begin), lifetimes.now());
    if (!store.fits(key, entry)) {
      return false;
    }
    ownership.makeRoom();
    boolean stored =
        store.store(key, begin, entry, present -> present == null || !lifetimes.isFresh(present));
    if (stored) {
      ownership.demoteIfChanged(key, view);
    }
    return stored;
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
      store.change(key, present -> present == entry ? null : present);
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
    return List.copyOf(store.hottest().keySet());
  }

  /** Limits the life of what this node does not own; see {@link Ownership#demote()}. */
  void demote() {
    ownership.demote();
  }

  /** Stores {@code value} now. */
  void set(String key, Value value) {
    long view = ownership.view();
    long begun = lifetimes.now();
    store.set(
        key,
        stamp ->
            isKept(value)
                ? ownership.limited(key, lifetimes.of(value, stamp, begun), begun)
                : null);
    ownership.demoteIfChanged(key, view);
  }

  /** Removes {@code key}. */
  void remove(String key) {
    store.remove(key);
  }

  /** Removes everything, and returns the stamp of doing so. */
  long clear() {
    long stamp = store.clear();
    ownership.cleared();
    return stamp;
  }

  GroupStats stats() {
    return counters.snapshot(store.entries(), store.bytes(), store.copies(), store.copyBytes());
  }
}
