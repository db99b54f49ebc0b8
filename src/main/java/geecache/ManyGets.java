package geecache;

import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The gets of one {@link Group#getAll}. It keeps so many loads under way as may run at once, and no
 * more questions to peers than their owners can load or have wait: more would be refused. Keys of
 * one peer are asked for together. If the thread has nothing else to do, it sends one of these
 * questions itself, and reads the answer. For one thread.
 */
final class ManyGets implements AutoCloseable {
  /** How many questions to peers are under way at most, unless an owner's calls need more keys. */
  private static final int MOST_FETCHES = 256;

  private final WaitTime wait;
  private final int mostLoads;
  private final int mostFetches;

  /**
   * Whether a call loads many keys, so that no call is to wait for keys that this has not asked.
   */
  private final boolean loadsTogether;

  /** The number of questions under way at which this takes up more keys. */
  private final int fewFetches;

  private final SingleFlight flights;
  private final PeerFetches fetches;
  private final long end;
  private final Supplier<Duration> left;

  /** Null for a key whose outcome is not there yet. */
  private final Map<String, @Nullable LoadOutcome> outcomes = new LinkedHashMap<>();

  private final ArrayDeque<Seat<Flight>> loading = new ArrayDeque<>();
  private final ArrayDeque<Seat<Fetch>> fetching = new ArrayDeque<>();

  /** The fetches that this made and asks for next, by their peer. */
  private final Map<Peer, List<Fetch>> unasked = new LinkedHashMap<>();

  /** The keys that this node loads next, and those that were not taken up yet. */
  private final ArrayDeque<String> own = new ArrayDeque<>();

  private final ArrayDeque<String> later = new ArrayDeque<>();
  private final List<Fetch> unanswered = new ArrayList<>();

  /**
   * Begins nothing yet.
   *
   * @param end when the time for all keys is over, by the waiting ticker
   * @param left returns the rest of that time
   */
  ManyGets(
      GroupSettings settings,
      SingleFlight flights,
      PeerFetches fetches,
      long end,
      Supplier<Duration> left) {
    this.wait = WaitTime.of(settings.waitTimeout());
    this.mostLoads = settings.mostLoadsOfCaller();
    this.mostFetches = settings.mostFetchesOfCaller(MOST_FETCHES);
    this.loadsTogether = settings.maxBatch() > 1;
    this.fewFetches = loadsTogether ? mostFetches - mostFetches / 4 : mostFetches / 2;
    this.flights = flights;
    this.fetches = fetches;
    this.end = end;
    this.left = left;
  }

  /** Notes the outcome of a key that was in memory. */
  void note(String key, LoadOutcome outcome) {
    outcomes.put(key, outcome);
  }

  /** Notes a key that was not in memory. */
  void noteMiss(String key) {
    outcomes.put(key, null);
    boolean isOwn = loadsTogether && !fetches.isForPeer(key);
    (isOwn ? own : later).add(key);
  }

  /** Takes up as many keys as may be asked for at once. The caller asks next. */
  private void takeUp() throws CacheException {
    while (!later.isEmpty() && fetching.size() < mostFetches) {
      String key = later.remove();
      if (!fetch(key)) {
        own.add(key);
      }
    }
  }

  /** Returns false if the key is for this node to load. */
  private boolean fetch(String key) throws CacheException {
    Seat<Fetch> seat = fetches.join(key, false, end, null, this::noteUnasked);
    if (seat != null && seat.found() != null) {
      note(key, LoadOutcome.loaded(seat.found(), false));
    } else if (seat != null) {
      fetching.add(seat);
    }
    return seat != null;
  }

  private void noteUnasked(Fetch fetch, Peer peer) {
    unasked.computeIfAbsent(peer, p -> new ArrayList<>()).add(fetch);
  }

  /**
   * Asks for all that is unasked.
   *
   * @param here whether this thread may wait for the answer of one peer
   */
  private void ask(boolean here) {
    while (!unasked.isEmpty()) {
      Peer peer = unasked.keySet().iterator().next();
      List<Fetch> ofPeer = unasked.remove(peer);
      fetches.askAll(peer, ofPeer, here && unasked.isEmpty() ? left.get() : null);
    }
  }

  private void load(String key) throws CacheException {
    add(key, flights.join(key, false));
  }

  private void makeRoomForLoad() throws CacheException {
    if (loading.size() == mostLoads) {
      awaitLoad();
    }
  }

  private void add(String key, Seat<Flight> seat) {
    if (seat.found() != null) {
      note(key, LoadOutcome.loaded(seat.found(), false));
    } else {
      loading.add(seat);
    }
  }

  private void awaitLoad() throws CacheException {
    Seat<Flight> oldest = loading.remove();
    outcomes.put(oldest.attempt().key, flights.await(oldest, wait.rest(left.get())));
  }

  private void awaitFetch() throws CacheException {
    Seat<Fetch> oldest = fetching.remove();
    Fetch fetch = oldest.attempt();
    LoadOutcome landed = fetches.landed(oldest);
    LoadOutcome outcome = landed != null ? landed : fetches.await(oldest, wait.rest(left.get()));
    if (outcome == LoadOutcome.NO_PEER_ANSWERED) {
      unanswered.add(fetch);
    } else {
      outcomes.put(fetch.key, outcome);
    }
  }

  /** Begins as many loads as may be under way. */
  private void loadOwn() throws CacheException {
    LocalGroup.Burst burst = flights.beginBurst();
    try {
      while (!own.isEmpty() && loading.size() < mostLoads) {
        load(own.remove());
      }
    } finally {
      burst.end();
    }
  }

  /** Whether keys are left to take up, and few are being asked for. */
  private boolean isTimeToAsk() {
    return !later.isEmpty() && fetching.size() <= fewFetches;
  }

  private static boolean hasLanded(Seat<? extends Attempt> seat) {
    return Objects.requireNonNull(seat.attempt()).hasLanded();
  }

  /** Returns all outcomes, in the order of the keys. */
  Map<String, LoadOutcome> awaitAll() throws CacheException {
    while (!later.isEmpty() || !own.isEmpty() || !fetching.isEmpty()) {
      if (isTimeToAsk()) {
        takeUp();
        ask(own.isEmpty() && later.isEmpty());
      }
      loadOwn();
      while (!fetching.isEmpty() && hasLanded(fetching.element())) {
        awaitFetch();
      }
      if (isTimeToAsk()) {
        continue; // Rather than wait while the peers have little to do.
      }
      if (!own.isEmpty()) {
        do {
          awaitLoad();
        } while (!loading.isEmpty() && hasLanded(loading.element()));
      } else if (!fetching.isEmpty()) {
        awaitFetch();
      }
    }
    for (Fetch fetch : unanswered) {
      makeRoomForLoad();
      add(fetch.key, flights.joinAfterFetch(fetch, false));
    }
    while (!loading.isEmpty()) {
      awaitLoad();
    }
    return outcomes;
  }

  /** Gives up what it has not waited for. Others may have joined what it has not asked for yet. */
  @Override
  public void close() {
    loading.forEach(Seat::leave);
    fetching.forEach(Seat::leave);
    for (List<Fetch> ofPeer : unasked.values()) {
      ofPeer.removeIf(fetches::dropIfUnwanted);
    }
    unasked.values().removeIf(List::isEmpty);
    ask(false);
  }
}
