package geecache;

import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Loads the keys of one group: one load at a time for each key, whose outcome is for all that wait;
 * see {@link JoinTable}.
 */
final class SingleFlight {
  private final GroupParts group;
  private final GroupStore store;
  private final Counters counters;
  private final JoinTable<Flight> table;
  private final FlightRunner runner;

  /** Set once. A load that reads it late is failed by the second {@link #close}. */
  private volatile boolean closed;

  SingleFlight(GroupParts group) {
    this.group = group;
    this.store = group.store();
    this.counters = group.counters();
    this.table = new JoinTable<>(store);
    this.runner = new FlightRunner(group, table::complete);
  }

  /** Takes a seat for a get that found nothing in memory. The first one begins the load. */
  Seat<Flight> join(String key) {
    Seat<Flight> seat = seat(key, false);
    if (seat.found() != null) {
      counters.countHit(seat.found());
      return seat;
    }
    counters.misses.increment();
    return beginIfFirst(seat);
  }

  /** As {@link #join}, for a get that was counted when it joined a fetch which no peer answered. */
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

  /** Begins a load for which no caller waits, unless the key is being loaded. */
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
        (k, fence, former) -> new Flight(group.name(), k, fence, refresh, former != null));
  }

  /**
   * Asks the former owner of the key first, and the source if that has no value. The question takes
   * no loader thread and no place of a load. Only a getter that asks for the key waits for the
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

  /** A cluster may throw, and a flight that never ends would make its key unreachable. */
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

  /**
   * Ends a flight with the value that the former owner gave; returns false if that is of no use.
   * Never throws.
   */
  private boolean accept(Flight flight, @Nullable PeerValue given) {
    if (given == null
        || !given.isLive()
        || given.value().length() > group.settings().maxValueBytes()) {
      return false;
    }
    if (!flight.tryStart()) {
      return true; // A getter that did not see the question began to load the key.
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
   * Waits for the outcome, on the thread of a caller or a loader.
   *
   * @param left the rest of {@code wait}
   * @param wait the full wait, for the message
   */
  LoadOutcome await(Seat<Flight> seat, Duration left, Duration wait) throws CacheException {
    return seat.found() != null
        ? LoadOutcome.loaded(seat.found(), false)
        : runner.await(Objects.requireNonNull(seat.attempt()), left, wait);
  }

  /** Returns a future for one caller, which fails when {@code left} is over. */
  CompletableFuture<LoadOutcome> awaitAsync(Seat<Flight> seat, Duration left, Duration wait)
      throws CacheException {
    return seat.found() != null
        ? CompletableFuture.completedFuture(LoadOutcome.loaded(seat.found(), false))
        : runner.awaitAsync(Objects.requireNonNull(seat.attempt()), left, wait);
  }

  /** Changes {@code key} in the store; see {@link JoinTable#detach}. */
  void detach(String key, BooleanSupplier change) {
    table.detach(key, change);
  }

  /**
   * Detaches all flights that began before a removal with {@code fence}: no later get joins them.
   */
  void detachAll(long fence) {
    table.detachAll(fence);
  }

  /** Fails all loads, also those that were detached. */
  void close() {
    closed = true;
    runner.close();
    table.completeAll(LoadOutcome.closed());
  }
}
