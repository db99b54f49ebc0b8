package geecache;

import geecache.JoinTable.Seat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
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
    this.table =
        new JoinTable<>(store, group.waiterLimit(), group.node().ticker(), this::dropIfUnwanted);
    this.runner = new FlightRunner(group, table::complete);
  }

  /**
   * Takes a seat for a get that found nothing in memory. The first one begins the load.
   *
   * @param guest whether a stranger asks for many keys
   * @throws OverloadedException if too many gets wait
   */
  Seat<Flight> join(String key, boolean guest) throws OverloadedException {
    return join(key, guest, 1);
  }

  /**
   * As {@link #join(String, boolean)}, for the get of another node.
   *
   * @param callers how many wait there
   */
  Seat<Flight> join(String key, boolean guest, int callers) throws OverloadedException {
    return join(() -> seat(key, guest, callers), null);
  }

  /**
   * As {@link #join}, for a get that can load the key: it may be given the lease.
   *
   * @param own completed with the lease, if this get has it
   */
  Seat<Flight> joinToLoad(
      String key, boolean guest, int callers, CompletableFuture<LoadOutcome> own)
      throws OverloadedException {
    return join(() -> seat(key, guest, callers, true), own);
  }

  /** As {@link #join}, for a get that has no use for what other nodes have. */
  Seat<Flight> joinFromSource(String key) throws OverloadedException {
    return joinFromSource(key, null);
  }

  /** As {@link #joinFromSource(String)}; {@code own} as for {@link #joinToLoad}, or null. */
  Seat<Flight> joinFromSource(String key, @Nullable CompletableFuture<LoadOutcome> own)
      throws OverloadedException {
    return join(
        () ->
            table.seat(
                key,
                false,
                1,
                store::mayAnswer,
                (k, fence, former) ->
                    byLease(Flight.fromSource(group.name(), k, fence), own != null)),
        own);
  }

  /** Takes a seat, unless too many gets wait. */
  private interface Taker {
    Seat<Flight> take() throws OverloadedException;
  }

  private Seat<Flight> join(Taker taker, @Nullable CompletableFuture<LoadOutcome> own)
      throws OverloadedException {
    Seat<Flight> seat;
    try {
      seat = taker.take();
    } catch (OverloadedException tooMany) {
      counters.misses.increment();
      counters.rejected.increment();
      throw tooMany;
    }
    if (seat.found() != null) {
      counters.countHit(seat.found());
      return seat;
    }
    return beginIfFirst(seat, counters.misses, own);
  }

  /** As {@link #join}, for a get that was counted when it joined a fetch which no peer answered. */
  Seat<Flight> joinAfterFetch(Fetch fetch, boolean guest) throws OverloadedException {
    return joinAfterFetch(fetch, guest, null);
  }

  /**
   * As {@link #joinAfterFetch(Fetch, boolean)}; {@code own} as for {@link #joinToLoad}, or null.
   */
  Seat<Flight> joinAfterFetch(
      Fetch fetch, boolean guest, @Nullable CompletableFuture<LoadOutcome> own)
      throws OverloadedException {
    Seat<Flight> seat;
    try {
      seat = seatAfterFetch(fetch, guest, own != null);
    } catch (OverloadedException tooMany) {
      counters.fetchesInVain.increment();
      counters.rejected.increment();
      throw tooMany;
    }
    return seat.found() != null ? seat : beginIfFirst(seat, counters.fetchesInVain, own);
  }

  /**
   * Under the lock of the fetch, so that all its gets share one load. Nothing is begun under it,
   * and no code of callers runs.
   */
  private Seat<Flight> seatAfterFetch(Fetch fetch, boolean guest, boolean canLoad)
      throws OverloadedException {
    synchronized (fetch) {
      Flight shared = fetch.load;
      boolean joins = shared != null && !(canLoad && isUnfilled(shared));
      Seat<Flight> seat = joins ? table.seatIn(shared, guest) : null;
      if (seat == null) {
        seat = seat(fetch.key, guest, 1, canLoad);
        fetch.load = seat.attempt();
      }
      return seat;
    }
  }

  private static boolean isUnfilled(Flight flight) {
    LoadOutcome outcome = flight.outcome();
    return outcome != null && outcome.isUnfilled();
  }

  /** Whatever fails here, the flight lands: no other thread would run it. */
  private Seat<Flight> beginIfFirst(
      Seat<Flight> seat, LongAdder count, @Nullable CompletableFuture<LoadOutcome> own) {
    boolean begun = false;
    try {
      count.increment();
      if (own != null) {
        seat.attempt().addCandidate(own);
      }
      if (seat.first()) {
        begin(seat.attempt());
      } else {
        counters.loadsDeduplicated.increment();
      }
      begun = true;
      return seat;
    } finally {
      if (!begun) {
        try {
          table.giveUp(seat, LoadOutcome.FAULT);
        } finally {
          if (own != null) {
            WaitLimits.abandon(own);
          }
        }
      }
    }
  }

  /** Begins a load for which no caller waits, unless the key is being loaded. */
  void refresh(String key) {
    if (!group.hasGetter()) {
      return;
    }
    Flight flight =
        table.unseated(
            key,
            entry -> store.mayAnswer(entry) && !store.isDueForRefresh(entry),
            (k, fence, former) -> new Flight(group.name(), k, fence, true, former != null));
    if (flight != null) {
      boolean begun = false;
      try {
        begin(flight);
        begun = true;
      } finally {
        if (!begun) {
          table.complete(flight, LoadOutcome.FAULT);
        }
      }
    }
  }

  private Seat<Flight> seat(String key, boolean guest, int callers) throws OverloadedException {
    return seat(key, guest, callers, false);
  }

  private Seat<Flight> seat(String key, boolean guest, int callers, boolean canLoad)
      throws OverloadedException {
    return table.seat(
        key,
        guest,
        callers,
        store::mayAnswer,
        (k, fence, former) ->
            byLease(new Flight(group.name(), k, fence, false, former != null), canLoad));
  }

  private Flight byLease(Flight made, boolean canLoad) {
    made.byLease = canLoad || !group.hasGetter();
    return made;
  }

  /** A flight that waits for a place while no get waits for it any more is not run. */
  private void dropIfUnwanted(Flight flight) {
    if (!flight.refresh && runner.dropIfUnwanted(flight)) {
      counters.unwanted.increment();
      table.complete(flight, LoadOutcome.UNWANTED);
    }
  }

  /**
   * Asks the former owner of the key first, and the source if that has no value. The question takes
   * no loader thread and no place of a load. Only a getter that asks for the key waits for the
   * answer on its thread.
   */
  private void begin(Flight flight) {
    flight.since = group.node().waitTicker().nanos();
    runner.decorate(flight);
    CompletableFuture<@Nullable PeerValue> given =
        closed || flight.fromSource ? null : askFormerOwner(flight);
    if (given == null) {
      load(flight);
      return;
    }
    counters.peeks.increment();
    CompletableFuture<Boolean> peek = given.handle((value, failure) -> accept(flight, value));
    flight.peek = peek;
    if (group.node().loaders().currentFlight() == null) {
      peek.thenAccept(taken -> loadAfterPeek(flight, taken));
    } else if (!group.node().waiting().join(peek)) {
      load(flight);
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

  /** Runs where a failure is seen by no thread. */
  private void loadAfterPeek(Flight flight, boolean taken) {
    if (taken) {
      return;
    }
    boolean begun = false;
    try {
      load(flight);
      begun = true;
    } finally {
      if (!begun) {
        table.complete(flight, LoadOutcome.FAULT);
      }
    }
  }

  /**
   * Ends a flight with the value that the former owner gave; returns whether the flight has begun
   * or ended: if the value is of no use, it has not. Never throws.
   */
  private boolean accept(Flight flight, @Nullable PeerValue given) {
    try {
      if (given == null
          || !given.isLive()
          || given.value().length() > group.settings().maxValueBytes()) {
        return flight.hasLanded();
      }
      if (!flight.tryStart()) {
        return true; // A getter that did not see the question began to load the key.
      }
      keep(flight, given);
    } catch (Throwable fault) { // No memory. If the flight has not ended, it is loaded.
      return flight.hasLanded();
    }
    return true;
  }

  private void keep(Flight flight, PeerValue given) {
    LoadOutcome outcome = LoadOutcome.FAULT;
    try {
      outcome = store.keepPeeked(flight, given);
      flight.peeked = true;
      counters.peekHits.increment();
    } finally {
      table.complete(flight, outcome);
    }
  }

  private void load(Flight flight) {
    if (closed) {
      table.complete(flight, LoadOutcome.closed());
    } else {
      runner.start(flight);
    }
  }

  /** As {@link FlightRunner#runInPlace}. */
  void runInPlace(Flight call) {
    runner.runInPlace(call);
  }

  /** Takes a call of {@link #runInPlace} off those that wait for a place, if it waits. */
  void dropCall(Flight call) {
    runner.dropIfUnwanted(call);
  }

  /** Returns {@code failure} as all are told of it that wait for {@code load}. */
  CacheException failureOf(Flight load, Throwable failure) {
    return runner.failureOf(load, failure);
  }

  /** Returns the loads of {@code key} that are under way. */
  List<Flight> underWay(String key) {
    return table.underWay(key);
  }

  /** Returns how many loads wait for a place before {@code flight}; -1 if that does not wait. */
  int waitingBefore(Flight flight) {
    return runner.waitingBefore(flight);
  }

  /** Returns how many loads have a place. */
  int running() {
    return runner.running();
  }

  /** Returns how many loads wait for a place. */
  int waitingForPlace() {
    return runner.waitingForPlace();
  }

  /** As {@link LocalGroup#beginBurst}. */
  LocalGroup.Burst beginBurst() {
    return runner.beginBurst();
  }

  /** Whether {@code flight} waits for a place. */
  boolean isQueued(Flight flight) {
    return runner.isQueued(flight);
  }

  /** Waits for the outcome, on the thread of a caller or a loader, and gives the seat back. */
  LoadOutcome await(Seat<Flight> seat, WaitTime wait) throws CacheException {
    return await(seat, null, wait);
  }

  /** As {@link #await(Seat, WaitTime)}; {@code own} as for {@link #joinToLoad}, or null. */
  LoadOutcome await(Seat<Flight> seat, @Nullable CompletableFuture<LoadOutcome> own, WaitTime wait)
      throws CacheException {
    if (seat.found() != null) {
      return LoadOutcome.loaded(seat.found(), false);
    }
    boolean answered = false;
    try {
      LoadOutcome outcome = runner.await(Objects.requireNonNull(seat.attempt()), own, wait);
      answered = true;
      return outcome;
    } finally {
      leave(seat, answered ? null : own);
    }
  }

  /** Gives the seat back of a get that fails before it waits for {@code own}, too. */
  private static void leave(Seat<Flight> seat, @Nullable CompletableFuture<LoadOutcome> own) {
    try {
      if (own != null) {
        WaitLimits.abandon(own);
      }
    } finally {
      seat.leave();
    }
  }

  /** Has {@code get} wait. To cancel it gives the seat back. */
  void awaitAsync(PendingGet get, Seat<Flight> seat, WaitTime wait, PendingGet.Step next)
      throws CacheException {
    awaitAsync(get, seat, null, wait, next);
  }

  /** As {@link #awaitAsync}; {@code own} as for {@link #joinToLoad}, or null. */
  void awaitAsync(
      PendingGet get,
      Seat<Flight> seat,
      @Nullable CompletableFuture<LoadOutcome> own,
      WaitTime wait,
      PendingGet.Step next)
      throws CacheException {
    Flight flight = Objects.requireNonNull(seat.attempt());
    get.await(seat, () -> runner.awaitAsync(flight, own, wait), next);
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
