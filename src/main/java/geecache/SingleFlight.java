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
  /** How many getters may ask each other in a chain: far fewer than overflow a stack of 1 MiB. */
  private static final int MAX_DEPTH = 50;

  /**
   * A place in a flight, or a value that the second look found.
   *
   * @param flight what to wait for; null if {@code found}
   * @param first whether this seat made the flight
   * @param found what was in memory after all
   */
  record Seat(@Nullable Flight flight, boolean first, @Nullable Entry found) {}

  private final Group group;
  private final GroupSettings settings;
  private final Entries entries;
  private final Counters counters;
  private final Loaders loaders;
  private final Waits waits;
  private final Loading loading;
  private final LoadQueue queue;
  private final AtomicReference<PeerPicker> peers;

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
      Group group,
      Getter getter,
      GroupSettings settings,
      Entries entries,
      Counters counters,
      Ticker ticker,
      Loaders loaders,
      Waits waits,
      AtomicReference<PeerPicker> peers) {
    this.group = group;
    this.peers = peers;
    this.settings = settings;
    this.entries = entries;
    this.counters = counters;
    this.loaders = loaders;
    this.waits = waits;
    this.loading =
        new Loading(group, getter, settings, entries, counters, ticker, loaders, this::land);
    this.queue =
        new LoadQueue(
            loaders,
            settings.maxLoads(),
            settings.maxWaitingLoads(),
            this::run,
            (flight, why) -> land(flight, loading.withoutThread(flight, why)));
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
    CompletableFuture<@Nullable Fetched> given = closed || flight.refresh ? null : question(flight);
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
  private @Nullable CompletableFuture<@Nullable Fetched> question(Flight flight) {
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
  private boolean take(Flight flight, @Nullable Fetched given) {
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

  /** A getter's own get runs on the getter's thread, and everything else in the queue. */
  private void load(Flight flight) {
    if (closed) {
      land(flight, Loading.closed());
      return;
    }
    Flight current = loaders.current();
    if (current != null && !flight.refresh) {
      if (!flight.start()) {
        return; // Another getter needs it too, and runs it.
      }
      if (current.depth >= MAX_DEPTH) {
        land(flight, Landing.failed(tooDeep(flight)));
      } else {
        run(flight);
      }
      return;
    }
    if (!queue.offer(flight)) {
      if (!flight.refresh) {
        counters.rejected.increment();
      }
      land(flight, loading.orStale(flight, overloaded()));
    }
  }

  private static LoadException tooDeep(Flight flight) {
    return new LoadException(
        "load chain too deep: " + flight + " is asked for by a chain of " + MAX_DEPTH + " getters");
  }

  private OverloadedException overloaded() {
    return new OverloadedException(
        "overloaded: %d loads of group %s are running and %d are waiting"
            .formatted(settings.maxLoads(), group.name(), settings.maxWaitingLoads()));
  }

  /**
   * Waits for the landing, on a caller's thread or on a loader's, for {@code left}, the rest of
   * {@code wait}, which is what a failure tells.
   */
  Landing await(Seat seat, Duration left, Duration wait) throws CacheException {
    if (seat.found() != null) {
      return Landing.loaded(seat.found(), false);
    }
    Flight flight = Objects.requireNonNull(seat.flight());
    Flight current = loaders.current();
    if (current == null) {
      return landingOf(flight, left, wait);
    }
    if (flight.landing.isDone()) {
      return landingOf(flight, left, wait); // It may have landed without ever being run.
    }
    if (current.depth >= MAX_DEPTH) {
      throw tooDeep(flight);
    }
    CompletableFuture<?> peek = flight.peek;
    if (peek != null) {
      peek.join(); // It takes no thread of the loaders', and has a limit of its own.
    }
    if (flight.start()) {
      run(flight); // It waited for a thread, maybe for this very one.
      return landingOf(flight, left, wait);
    }
    loaders.chains.enterWait(current, flight);
    try {
      return landingOf(flight, left, wait);
    } finally {
      loaders.chains.leave(current);
    }
  }

  private Landing landingOf(Flight flight, Duration left, Duration wait)
      throws LoadTimeoutException {
    return waits.await(flight.landing, flight, left, wait);
  }

  /** Returns a future of the caller's own, which fails when {@code left} is over. */
  CompletableFuture<Landing> awaitAsync(Seat seat, Duration left, Duration wait)
      throws CacheException {
    if (seat.found() != null || loaders.current() != null || isDone(seat)) {
      return CompletableFuture.completedFuture(await(seat, left, wait));
    }
    Flight flight = Objects.requireNonNull(seat.flight());
    return waits.awaitAsync(flight.landing, flight, left, wait);
  }

  private static boolean isDone(Seat seat) {
    return seat.flight() != null && seat.flight().landing.isDone();
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
    queue.close();
    live.forEach(flight -> land(flight, Loading.closed()));
  }

  /**
   * Runs on a loader thread, once for each flight. Nothing that a getter does makes it throw. The
   * actions that depend on the landing run as the getter did: what they get is loaded right here,
   * since they may have the last thread or place.
   */
  private void run(Flight flight) {
    Flight parent = loaders.current();
    loaders.chains.enterChild(flight, parent);
    loaders.setCurrent(flight);
    if (parent != null) {
      parent.leave();
    }
    Landing landing = Loading.FAULT;
    try {
      landing = loading.of(flight);
    } finally {
      land(flight, landing);
      if (parent != null) {
        parent.enter();
      }
      loaders.setCurrent(parent);
      loaders.chains.leave(parent);
    }
  }

  private void land(Flight flight, Landing landing) {
    table.remove(flight.key, flight);
    flight.landing.complete(landing);
    live.remove(flight);
  }
}
