package geecache;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the flights of one group: on a loader thread when {@link LoadLimiter} has a place, or on the
 * thread of the getter that asks for the key. A loader thread that needs a flight runs it itself,
 * if no thread does yet. Otherwise it waits, and {@link WaitGraph} looks for circles.
 */
final class FlightRunner {
  /**
   * The longest chain of getters that ask each other: far shorter than one that overflows a stack
   * of 1 MiB.
   */
  static final int MAX_DEPTH = 50;

  private final GroupParts group;
  private final LoaderThreads loaders;
  private final AtomicReference<Tracing> tracing;
  private final GetterCall getterCall;
  private final LoadLimiter limiter;
  private final Leases leases;
  private final BiConsumer<Flight, LoadOutcome> complete;

  /** The most flights that one call of the getter loads. */
  private final int maxBatch;

  /** Whether a flight that a getter asks for may wait for a call. */
  private final boolean joinsCalls;

  private final WaitLimits.Remedy<Flight> remedy =
      new WaitLimits.Remedy<>() {
        @Override
        public void begin(Flight flight) {
          if (flight.byLease) {
            leases.begin(flight);
          } else {
            limiter.offerAgain(flight);
          }
        }

        @Override
        public @Nullable LoadOutcome withoutPlace(Flight flight) {
          return FlightRunner.this.withoutPlace(flight);
        }

        @Override
        public LoadTimeoutException gaveUp(Flight flight, String message) {
          return LoadTimeoutException.stillLoading(message + "; " + where(flight));
        }
      };

  /**
   * Runs nothing yet.
   *
   * @param complete ends a flight
   */
  FlightRunner(GroupParts group, BiConsumer<Flight, LoadOutcome> complete) {
    this.group = group;
    this.loaders = group.node().loaders();
    this.tracing = group.node().tracing();
    this.getterCall = new GetterCall(group, complete);
    this.complete = complete;
    this.maxBatch = group.settings().maxBatch();
    this.joinsCalls = maxBatch > 1 && loaders.isUnbounded();
    this.leases = new Leases(group, getterCall, complete, this::queue);
    this.limiter =
        new LoadLimiter(
            loaders,
            group.node().waitTicker(),
            group.settings().maxLoads(),
            group.settings().maxWaitingLoads(),
            WaitTime.forPlace(group.settings().waitTimeout()),
            this::runDecorated,
            this::refuse,
            flight -> turnAway(flight, () -> noPlaceInTime(0)));
  }

  /** As {@link SingleFlight#failureOf}. */
  CacheException failureOf(Flight load, Throwable failure) {
    return getterCall.known(load, failure);
  }

  /** Ends a flight for which there is no thread. */
  private void refuse(Flight flight, Throwable why) {
    end(flight, () -> getterCall.outcomeWithoutThread(flight, why));
  }

  /** Ends a flight that is not run. */
  private void end(Flight flight, Supplier<LoadOutcome> how) {
    LoadOutcome outcome = LoadOutcome.FAULT;
    try {
      outcome = how.get();
    } catch (Throwable noMemory) {
      outcome = LoadOutcome.FAULT; // It must land all the same.
    } finally {
      complete.accept(flight, outcome);
    }
  }

  /** Drops {@code flight} if it waits for a place and no get waits for it. */
  boolean dropIfUnwanted(Flight flight) {
    return limiter.dropIfUnwanted(flight);
  }

  /** Notes the context of this thread, for which the flight is made. */
  void decorate(Flight flight) {
    try {
      flight.decorated = loaders.decorated(() -> run(flight), tracing.get());
    } catch (RuntimeException broken) { // The failure of the load, not of a hit that renews it.
      flight.decorated =
          () -> {
            throw broken;
          };
    }
  }

  /**
   * Has a caller load the key, if that is how the flight began; else runs it if a getter asks for
   * it, on the thread of that getter; else queues it.
   */
  void start(Flight flight) {
    if (flight.byLease) {
      leases.begin(flight);
      return;
    }
    Flight current = loaders.currentFlight();
    if (current != null && !flight.refresh && !joinsCall(flight, current)) {
      flight.since = now();
      LoadOutcome refused = current.depth >= MAX_DEPTH ? LoadOutcome.failed(tooDeep(flight)) : null;
      if (!flight.tryStart()) {
        return; // Another getter needs the key too, and runs the flight.
      }
      if (refused != null) {
        complete.accept(flight, refused);
      } else {
        run(flight);
      }
      return;
    }
    queue(flight);
  }

  /** Queues a flight that no getter on this thread asks for. */
  private void queue(Flight flight) {
    flight.since = now();
    if (!limiter.offer(flight) && flight.tryStart()) {
      turnAway(flight, this::overloaded);
    }
  }

  /**
   * Runs {@code call} on a loader thread as soon as there is a place, with the context that was
   * captured for it.
   *
   * @param call a flight that no get can join, whose {@link Flight#decorated} counts its runs. If
   *     there is no place for it in time, or no thread, it lands; if the node is closed, it may do
   *     neither
   */
  void runInPlace(Flight call) {
    queue(call);
  }

  private long now() {
    return group.node().waitTicker().nanos();
  }

  /** Returns how many loads wait for a place before {@code flight}; -1 if that does not wait. */
  int waitingBefore(Flight flight) {
    return limiter.waitingBefore(flight);
  }

  /**
   * Whether a flight that the getter of {@code current} asks for waits for a place, so that one
   * call loads the keys that many getters ask for. Never where loader threads are bounded: it may
   * be this thread for which it would wait.
   */
  private boolean joinsCall(Flight flight, Flight current) {
    if (!joinsCalls || current.depth >= MAX_DEPTH) {
      return false;
    }
    flight.depth = current.depth + 1;
    return limiter.offer(flight);
  }

  /** Returns how many loads have a place. */
  int running() {
    return limiter.running();
  }

  /** Returns how many loads wait for a place. */
  int waitingForPlace() {
    return limiter.waiting();
  }

  /** As {@link LocalGroup#beginBurst}. */
  LocalGroup.Burst beginBurst() {
    return maxBatch > 1 ? limiter.beginBurst() : LocalGroup.Burst.NONE;
  }

  /** Whether {@code flight} waits for a place. */
  boolean isQueued(Flight flight) {
    return limiter.isWaiting(flight);
  }

  /** Returns the outcome for a get whose time is over; null if its flight has a place. */
  private @Nullable LoadOutcome withoutPlace(Flight flight) {
    int before = waitingBefore(flight);
    return before < 0 ? null : getterCall.staleOrFailed(flight, noPlaceInTime(before));
  }

  /** Tells callers what the load that they waited for does now. */
  private String where(Flight flight) {
    if (flight.hasStarted()) {
      return "the load has been running for " + millisSince(flight) + " ms";
    }
    return flight.isPeeking()
        ? "the former owner of the key has been asked for " + millisSince(flight) + " ms"
        : "the load has not begun for " + millisSince(flight) + " ms";
  }

  private long millisSince(Flight flight) {
    return TimeUnit.NANOSECONDS.toMillis(now() - flight.since);
  }

  private void turnAway(Flight flight, Supplier<OverloadedException> why) {
    if (!flight.refresh) {
      group.counters().rejected.increment();
    }
    end(flight, () -> getterCall.staleOrFailed(flight, why.get()));
  }

  private static LoadException tooDeep(Flight flight) {
    return new LoadException(
        "load chain too deep: " + flight + " is asked for by a chain of " + MAX_DEPTH + " getters");
  }

  private OverloadedException overloaded() {
    return new OverloadedException(
        "overloaded: %d loads of group %s are running and %d are waiting"
            .formatted(
                group.settings().maxLoads(), group.name(), group.settings().maxWaitingLoads()));
  }

  private OverloadedException noPlaceInTime(int before) {
    String more = before == LoadLimiter.MOST_COUNTED ? " or more" : "";
    return new OverloadedException(
        "overloaded: no place for a load of group %s in time; %d are running, and %d%s waited before it"
            .formatted(group.name(), group.settings().maxLoads(), before, more));
  }

  /** Waits for the outcome; see {@link WaitLimits}. */
  LoadOutcome await(Flight flight, WaitTime wait) throws CacheException {
    return await(flight, null, wait);
  }

  /**
   * As {@link #await(Flight, WaitTime)}.
   *
   * @param own what a get waits for that can load the key itself, and may be given the lease; null
   *     for any other
   */
  LoadOutcome await(Flight flight, @Nullable CompletableFuture<LoadOutcome> own, WaitTime wait)
      throws CacheException {
    Flight current = loaders.currentLoad();
    if (current == null || flight.hasLanded() || (own != null && own.isDone())) {
      return outcomeOf(flight, own, wait); // It may have ended without being run.
    }
    if (current.depth >= MAX_DEPTH) {
      throw tooDeep(flight);
    }
    if (current.onLoader && runHere(flight)) {
      return outcomeOf(flight, own, wait);
    }
    loaders.waitGraph.enterWait(current, flight);
    try {
      return outcomeOf(flight, own, wait);
    } finally {
      loaders.waitGraph.leave(current);
    }
  }

  /** Runs a flight that a getter on this loader thread needs, unless another thread does. */
  private boolean runHere(Flight flight) {
    CompletableFuture<?> peek = flight.peek;
    if (peek != null) {
      group
          .node()
          .waiting()
          .join(peek); // The question needs no loader thread, and has a limit of its own.
    }
    StackRoom.require();
    if (flight.byLease || (joinsCalls && limiter.isOffered(flight)) || !flight.tryStart()) {
      return false;
    }
    run(flight); // It waited for a thread, perhaps for this one.
    return true;
  }

  private LoadOutcome outcomeOf(
      Flight flight, @Nullable CompletableFuture<LoadOutcome> own, WaitTime wait)
      throws LoadTimeoutException {
    return group.waits().await(flight, own, wait, remedy);
  }

  /** As {@link #await}; blocks only on a loader thread. */
  CompletableFuture<LoadOutcome> awaitAsync(
      Flight flight, @Nullable CompletableFuture<LoadOutcome> own, WaitTime wait)
      throws CacheException {
    return loaders.currentFlight() != null || flight.hasLanded()
        ? CompletableFuture.completedFuture(await(flight, own, wait))
        : group.waits().awaitAsync(flight, own, wait, remedy);
  }

  /** Drops the flights that wait for a place, and refuses later ones. */
  void close() {
    limiter.close();
  }

  /** Runs a flight that has a place, with the context of the get that made it. */
  private void runDecorated(Flight flight) {
    Runnable decorated = flight.decorated;
    if (decorated == null) {
      run(flight);
      return;
    }
    int before = flight.runs;
    Throwable why = new IllegalStateException("the decorator did not run the load");
    try {
      decorated.run();
    } catch (Throwable broken) {
      if (flight.runs != before) {
        throw broken; // After the load, which has ended.
      }
      why = broken;
    }
    if (flight.runs == before) {
      refuse(flight, why);
    }
  }

  /**
   * Runs a flight on this loader thread, with those that wait and may come along; called once for
   * each flight, and once more for one that has to be loaded alone. A getter cannot make it throw.
   * Actions that depend on the outcome run as the getter did: a key that they get is loaded on this
   * thread, because it may be the last one.
   */
  private void run(Flight flight) {
    flight.since = now();
    Flight parent = loaders.currentFlight();
    List<Flight> others = List.of();
    try {
      flight.runs++;
      loaders.waitGraph.enterChild(flight, parent);
      loaders.setCurrentFlight(flight);
      if (parent != null) {
        flight.place = parent.place;
        parent.leave();
      } else if (maxBatch > 1 && !flight.alone) {
        others = limiter.takeWaiting(maxBatch - 1);
        others.forEach(other -> other.since = flight.since);
        loaders.waitGraph.enterTogether(others, flight);
        others.forEach(other -> other.since = flight.since);
      }
      getterCall.run(flight, others);
    } finally {
      end(flight, others, parent);
    }
  }

  private void end(Flight flight, List<Flight> others, @Nullable Flight parent) {
    try {
      Each.of(others, this::end);
    } finally {
      try {
        end(flight);
      } finally {
        if (parent != null) {
          parent.enter();
        }
        loaders.setCurrentFlight(parent);
        loaders.waitGraph.leave(parent);
      }
    }
  }

  private void end(Flight flight) {
    if (flight.result == LoadOutcome.ALONE) {
      offerAlone(flight);
    } else {
      flight.decorated = null; // Else it would keep the context of its caller.
      complete.accept(flight, flight.result);
    }
  }

  /** Has a flight whose call did not answer it be loaded by itself, when there is a place. */
  private void offerAlone(Flight flight) {
    if (flight.hasLanded()) {
      return; // Its time is over.
    }
    loaders.waitGraph.leave(flight);
    flight.since = now();
    flight.putBack();
    boolean offered = false;
    try {
      offered = limiter.offer(flight);
    } finally {
      if (!offered && flight.tryStart()) {
        turnAway(flight, this::overloaded);
      }
    }
  }
}
