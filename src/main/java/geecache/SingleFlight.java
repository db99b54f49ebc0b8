package geecache;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One load at a time for each key of a group, and everybody who waits for it. The idea is
 * golang/groupcache's {@code singleflight}.
 *
 * <p>Interleaving: two gets miss; the first loads, stores and lands its flight before the second
 * looks for one. The second would load again. So whoever makes a flight looks into the store once
 * more, in the same step of the table: a flight stores before it leaves the table, so to find no
 * flight is to find the value. Test: {@code aMissThatComesLateFindsTheStoredValue}.
 */
final class SingleFlight {
  /**
   * A place in a flight, or a value that the second look found.
   *
   * @param flight what to wait for; null if {@code found}
   * @param first whether this seat made the flight
   * @param found what was in memory after all
   */
  record Seat(@Nullable Flight flight, boolean first, @Nullable Entry found) {}

  private final LocalGroup group;
  private final GroupSettings settings;
  private final Entries entries;
  private final Counters counters;
  private final Loaders loaders;
  private final FlightRunner runner;
  private final AtomicReference<Cluster> peers;

  /**
   * The flights that a get may join. Steps on a key are atomic; only our own code runs in them. The
   * store's locks are taken inside, and never the other way round.
   */
  private final ConcurrentMap<String, Flight> table = new ConcurrentHashMap<>();

  /** All flights that have not landed: those of the table, and those detached from it. */
  private final Set<Flight> live = ConcurrentHashMap.newKeySet();

  /** Set once; a load that reads it late is failed by the second {@link #close}. */
  private volatile boolean closed;

  SingleFlight(
      LocalGroup group,
      Getter getter,
      GroupSettings settings,
      Entries entries,
      Counters counters,
      Ticker ticker,
      Loaders loaders,
      Waits waits,
      AtomicReference<Cluster> peers) {
    this.group = group;
    this.peers = peers;
    this.settings = settings;
    this.entries = entries;
    this.counters = counters;
    this.loaders = loaders;
    Loading loading =
        new Loading(group, getter, settings, entries, counters, ticker, loaders, this::land);
    this.runner = new FlightRunner(group, settings, counters, loaders, waits, loading, this::land);
  }

  /** Takes a seat for a get that found nothing in memory, and sees to it that the load begins. */
  Seat join(String key) {
    Seat seat = seat(key, false);
    if (seat.found() != null) {
      counters.hit(seat.found());
      return seat;
    }
    counters.misses.increment();
    return boarded(seat);
  }

  /** As {@link #join}, for a get which was counted when it joined a fetch that was in vain. */
  Seat joinAfterFetch(Fetches.Fetch fetch) {
    Seat seat;
    synchronized (fetch) {
      seat = fetch.load == null ? seat(fetch.key, false) : new Seat(fetch.load, false, null);
      fetch.load = seat.flight();
    }
    if (seat.found() != null) {
      return seat;
    }
    counters.fetchesInVain.increment();
    return boarded(seat);
  }

  private Seat boarded(Seat seat) {
    if (seat.first()) {
      begin(seat.flight());
    } else {
      counters.loadsDeduplicated.increment();
    }
    return seat;
  }

  /** Begins a load that nobody waits for, unless the key is being loaded. */
  void refresh(String key) {
    Seat seat = seat(key, true);
    if (seat.first()) {
      begin(seat.flight());
    }
  }

  private Seat seat(String key, boolean refresh) {
    Flight under = table.get(key);
    if (under != null) {
      return new Seat(under, false, null);
    }
    Entry[] found = {null};
    boolean[] first = {false};
    Flight flight =
        table.compute(
            key,
            (k, present) -> {
              if (present != null) {
                return present;
              }
              Entry entry = entries.find(k);
              if (entry != null
                  && entries.mayAnswer(entry)
                  && !(refresh && entries.isDueForRefresh(entry))) {
                found[0] = entry;
                return null;
              }
              first[0] = true;
              Flight made = new Flight(group, k, entries.begin(), refresh, entry != null);
              live.add(made);
              return made;
            });
    return new Seat(flight, first[0], found[0]);
  }

  /**
   * Asks whoever owned the key until lately first, and the source if that has nothing. The question
   * takes no loader thread and no place of a load, unless it is a getter's own: that waits for the
   * answer on its thread.
   */
  private void begin(Flight flight) {
    CompletableFuture<@Nullable PeerValue> given =
        closed || flight.refresh ? null : question(flight);
    if (given == null) {
      load(flight);
      return;
    }
    counters.peeks.increment();
    CompletableFuture<Boolean> peek = given.handle((value, failure) -> take(flight, value));
    flight.peek = peek;
    if (loaders.current() == null) {
      peek.thenAccept(taken -> load(flight, taken));
    } else {
      load(flight, peek.join());
    }
  }

  /** A picker is anybody's code, and a flight that never lands would take its key along. */
  private @Nullable CompletableFuture<@Nullable PeerValue> question(Flight flight) {
    try {
      return peers.get().peek(group, flight.key);
    } catch (RuntimeException | Error broken) {
      return null;
    }
  }

  private void load(Flight flight, boolean taken) {
    if (!taken && !flight.landing.isDone()) {
      load(flight);
    }
  }

  /** Lands a flight with what another node gave; false if that is of no use. Never throws. */
  private boolean take(Flight flight, @Nullable PeerValue given) {
    if (given == null || !given.isLive() || given.value().length() > settings.maxValueBytes()) {
      return false;
    }
    if (!flight.start()) {
      return true; // A getter came by before it could know of the question, and loads the key.
    }
    Landing landing = Loading.FAULT;
    try {
      landing = entries.keepPeeked(flight, given);
      flight.peeked = true;
      counters.peekHits.increment();
    } finally {
      land(flight, landing);
    }
    return true;
  }

  private void load(Flight flight) {
    if (closed) {
      land(flight, Loading.closed());
    } else {
      runner.start(flight);
    }
  }

  /**
   * Waits for the landing, on a caller's thread or on a loader's, for {@code left}, the rest of
   * {@code wait}, which is what a failure tells.
   */
  Landing await(Seat seat, Duration left, Duration wait) throws CacheException {
    return seat.found() != null
        ? Landing.loaded(seat.found(), false)
        : runner.await(Objects.requireNonNull(seat.flight()), left, wait);
  }

  /** Returns a future of the caller's own, which fails when {@code left} is over. */
  CompletableFuture<Landing> awaitAsync(Seat seat, Duration left, Duration wait)
      throws CacheException {
    return seat.found() != null
        ? CompletableFuture.completedFuture(Landing.loaded(seat.found(), false))
        : runner.awaitAsync(Objects.requireNonNull(seat.flight()), left, wait);
  }

  /**
   * Makes a change of {@code key} in the store, such that no later get joins a flight which began
   * before it, and that none begins in the midst of it: a flight looks into the store and notes its
   * stamp in one step of the table, and so does this.
   */
  void detach(String key, Runnable change) {
    table.compute(
        key,
        (k, flight) -> {
          change.run();
          return null;
        });
  }

  /** Lets no later get join any flight that began before a removal with {@code stamp}. */
  void detachAll(long stamp) {
    table.values().removeIf(flight -> flight.begin < stamp);
  }

  /** Fails all loads, those too that no get can join any more. */
  void close() {
    closed = true;
    runner.close();
    live.forEach(flight -> land(flight, Loading.closed()));
  }

  private void land(Flight flight, Landing landing) {
    table.remove(flight.key, flight);
    flight.landing.complete(landing);
    live.remove(flight);
  }
}
