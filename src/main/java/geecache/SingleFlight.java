package geecache;

import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One load at a time for each key of a group, and everybody who waits for it; see {@link
 * JoinTable}.
 */
final class SingleFlight {
  private final GroupParts group;
  private final GroupStore store;
  private final Counters counters;
  private final JoinTable<Flight> table;
  private final FlightRunner runner;

  /** Set once; a load that reads it late is failed by the second {@link #close}. */
  private volatile boolean closed;

  SingleFlight(GroupParts group) {
    this.group = group;
    this.store = group.store();
    this.counters = group.counters();
    this.table = new JoinTable<>(store);
    this.runner = new FlightRunner(group, table::complete);
  }

  /** Takes a seat for a get that found nothing in memory, and sees to it that the load begins. */
  Seat<Flight> join(String key) {
    Seat<Flight> seat = seat(key, false);
    if (seat.found() != null) {
      counters.countHit(seat.found());
      return seat;
    }
    counters.misses.increment();
    return beginIfFirst(seat);
  }

  /** As {@link #join}, for a get which was counted when it joined a fetch that was in vain. */
  Seat<Flight> joinAfterFetch(Fetch fetch) {
    Seat<Flight> seat;
    synchronized (fetch) {
      seat = fetch.load == null ? seat(fetch.key, false) : new Seat<>(fetch.load, false, null);
      fetch.load = seat.attempt();
    }
    if (seat.found() != null) {
      return seat;
    }
    counters.fetchesInVain.increment();
    return beginIfFirst(seat);
  }

  private Seat<Flight> beginIfFirst(Seat<Flight> seat) {
    if (seat.first()) {
      begin(seat.attempt());
    } else {
      counters.loadsDeduplicated.increment();
    }
    return seat;
  }

  /** Begins a load that nobody waits for, unless the key is being loaded. */
  void refresh(String key) {
    Seat<Flight> seat = seat(key, true);
    if (seat.first()) {
      begin(seat.attempt());
    }
  }

  private Seat<Flight> seat(String key, boolean refresh) {
    return table.seat(
        key,
        entry -> store.mayAnswer(entry) && !(refresh && store.isDueForRefresh(entry)),
        (k, stamp, former) -> new Flight(group.name(), k, stamp, refresh, former != null));
  }

  /**
   * Asks whoever owned the key until lately first, and the source if that has nothing. The question
   * takes no loader thread and no place of a load, unless it is a getter's own: that waits for the
   * answer on its thread.
   */
  private void begin(Flight flight) {
    CompletableFuture<@Nullable PeerValue> given =
        closed || flight.refresh ? null : askFormerOwner(flight);
    if (given == null) {
      load(flight);
      return;
    }
    counters.peeks.increment();
    CompletableFuture<Boolean> peek = given.handle((value, failure) -> accept(flight, value));
    flight.peek = peek;
    if (group.node().loaders().currentFlight() == null) {
      peek.thenAccept(taken -> load(flight, taken));
    } else {
      load(flight, group.node().waiting().join(peek));
    }
  }

  /** A picker is anybody's code, and a flight that never lands would take its key along. */
  private @Nullable CompletableFuture<@Nullable PeerValue> askFormerOwner(Flight flight) {
    try {
      return group.node().cluster().get().peek(group.local(), flight.key);
    } catch (RuntimeException | Error broken) {
      return null;
    }
  }

  private void load(Flight flight, boolean taken) {
    if (!taken && !flight.outcome.isDone()) {
      load(flight);
    }
  }

  /** Lands a flight with what another node gave; false if that is of no use. Never throws. */
  private boolean accept(Flight flight, @Nullable PeerValue given) {
    if (given == null
        || !given.isLive()
        || given.value().length() > group.settings().maxValueBytes()) {
      return false;
    }
    if (!flight.tryStart()) {
      return true; // A getter came by before it could know of the question, and loads the key.
    }
    LoadOutcome outcome = LoadOutcome.FAULT;
    try {
      outcome = store.keepPeeked(flight, given);
      flight.peeked = true;
      counters.peekHits.increment();
    } finally {
      table.complete(flight, outcome);
    }
    return true;
  }

  private void load(Flight flight) {
    if (closed) {
      table.complete(flight, LoadOutcome.closed());
    } else {
      runner.start(flight);
    }
  }

  /**
   * Waits for the landing, on a caller's thread or on a loader's, for {@code left}, the rest of
   * {@code wait}, which is what a failure tells.
   */
  LoadOutcome await(Seat<Flight> seat, Duration left, Duration wait) throws CacheException {
    return seat.found() != null
        ? LoadOutcome.loaded(seat.found(), false)
        : runner.await(Objects.requireNonNull(seat.attempt()), left, wait);
  }

  /** Returns a future of the caller's own, which fails when {@code left} is over. */
  CompletableFuture<LoadOutcome> awaitAsync(Seat<Flight> seat, Duration left, Duration wait)
      throws CacheException {
    return seat.found() != null
        ? CompletableFuture.completedFuture(LoadOutcome.loaded(seat.found(), false))
        : runner.awaitAsync(Objects.requireNonNull(seat.attempt()), left, wait);
  }

  /** Makes a change of {@code key} in the store; see {@link JoinTable#detach}. */
  void detach(String key, Runnable change) {
    table.detach(key, change);
  }

  /** Lets no later get join any flight that began before a removal with {@code stamp}. */
  void detachAll(long stamp) {
    table.detachAll(stamp);
  }

  /** Fails all loads, those too that no get can join any more. */
  void close() {
    closed = true;
    runner.close();
    table.completeAll(LoadOutcome.closed());
  }
}
