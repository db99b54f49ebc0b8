package geecache;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * The threads of one group's flights: a flight runs on a loader thread when {@link LoadLimiter} has
 * a place, or on that of the getter that asks for its key. Whoever waits for one on a loader thread
 * runs it, if nobody does yet, and else enters the chain of who waits for whom.
 */
final class FlightRunner {
  /** How many getters may ask each other in a chain: far fewer than overflow a stack of 1 MiB. */
  private static final int MAX_DEPTH = 50;

  private final GroupParts group;
  private final LoaderThreads loaders;
  private final GetterCall getterCall;
  private final LoadLimiter limiter;
  private final BiConsumer<Flight, LoadOutcome> complete;

  /**
   * Runs nothing yet.
   *
   * @param complete ends a flight
   */
  FlightRunner(GroupParts group, BiConsumer<Flight, LoadOutcome> complete) {
    this.group = group;
    this.loaders = group.node().loaders();
    this.getterCall = new GetterCall(group, complete);
    this.complete = complete;
    this.limiter =
        new LoadLimiter(
            loaders,
            group.settings().maxLoads(),
            group.settings().maxWaitingLoads(),
            this::run,
            (flight, why) -> complete.accept(flight, getterCall.outcomeWithoutThread(flight, why)));
  }

  /** A getter's own get runs on the getter's thread, and everything else in the queue. */
  void start(Flight flight) {
    Flight current = loaders.currentFlight();
    if (current != null && !flight.refresh) {
      if (!flight.tryStart()) {
        return; // Another getter needs it too, and runs it.
      }
      if (current.depth >= MAX_DEPTH) {
        complete.accept(flight, LoadOutcome.failed(tooDeep(flight)));
      } else {
        run(flight);
      }
      return;
    }
    if (!limiter.offer(flight)) {
      if (!flight.refresh) {
        group.counters().rejected.increment();
      }
      complete.accept(flight, getterCall.staleOrFailed(flight, overloaded()));
    }
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

  /** Waits for the landing for {@code left}, the rest of {@code wait}; see {@link WaitLimits}. */
  LoadOutcome await(Flight flight, Duration left, Duration wait) throws CacheException {
    Flight current = loaders.currentFlight();
    if (current == null) {
      return outcomeOf(flight, left, wait);
    }
    if (flight.outcome.isDone()) {
      return outcomeOf(flight, left, wait); // It may have landed without ever being run.
    }
    if (current.depth >= MAX_DEPTH) {
      throw tooDeep(flight);
    }
    CompletableFuture<?> peek = flight.peek;
    if (peek != null) {
      group
          .node()
          .waiting()
          .join(peek); // It takes no thread of the loaders', and has a limit of its own.
    }
    if (flight.tryStart()) {
      run(flight); // It waited for a thread, maybe for this very one.
      return outcomeOf(flight, left, wait);
    }
    loaders.waitGraph.enterWait(current, flight);
    try {
      return outcomeOf(flight, left, wait);
    } finally {
      loaders.waitGraph.leave(current);
    }
  }

  private LoadOutcome outcomeOf(Flight flight, Duration left, Duration wait)
      throws LoadTimeoutException {
    return group.waits().await(flight.outcome, flight, left, wait);
  }

  /** As {@link #await}, and blocks on a loader thread alone. */
  CompletableFuture<LoadOutcome> awaitAsync(Flight flight, Duration left, Duration wait)
      throws CacheException {
    return loaders.currentFlight() != null || flight.outcome.isDone()
        ? CompletableFuture.completedFuture(await(flight, left, wait))
        : group.waits().awaitAsync(flight.outcome, flight, left, wait);
  }

  /** Lets nothing wait for a place any more. */
  void close() {
    limiter.close();
  }

  /**
   * Runs on a loader thread, once for each flight. Nothing that a getter does makes it throw. The
   * actions that depend on the landing run as the getter did: what they get is loaded right here,
   * since they may have the last thread or place.
   */
  private void run(Flight flight) {
    Flight parent = loaders.currentFlight();
    loaders.waitGraph.enterChild(flight, parent);
    loaders.setCurrentFlight(flight);
    if (parent != null) {
      parent.leave();
    }
    LoadOutcome outcome = LoadOutcome.FAULT;
    try {
      outcome = getterCall.run(flight);
    } finally {
      complete.accept(flight, outcome);
      if (parent != null) {
        parent.enter();
      }
      loaders.setCurrentFlight(parent);
      loaders.waitGraph.leave(parent);
    }
  }
}
