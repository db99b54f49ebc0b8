package geecache;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * The threads of one group's flights: a flight runs on a loader thread when {@link LoadQueue} has a
 * place, or on that of the getter that asks for its key. Whoever waits for one on a loader thread
 * runs it, if nobody does yet, and else enters the chain of who waits for whom.
 */
final class FlightRunner {
  /** How many getters may ask each other in a chain: far fewer than overflow a stack of 1 MiB. */
  private static final int MAX_DEPTH = 50;

  private final GroupParts group;
  private final Loaders loaders;
  private final Loading loading;
  private final LoadQueue queue;
  private final BiConsumer<Flight, Landing> land;

  /**
   * Runs nothing yet.
   *
   * @param land ends a flight
   */
  FlightRunner(GroupParts group, BiConsumer<Flight, Landing> land) {
    this.group = group;
    this.loaders = group.node().loaders();
    this.loading = new Loading(group, land);
    this.land = land;
    this.queue =
        new LoadQueue(
            loaders,
            group.settings().maxLoads(),
            group.settings().maxWaitingLoads(),
            this::run,
            (flight, why) -> land.accept(flight, loading.withoutThread(flight, why)));
  }

  /** A getter's own get runs on the getter's thread, and everything else in the queue. */
  void start(Flight flight) {
    Flight current = loaders.current();
    if (current != null && !flight.refresh) {
      if (!flight.start()) {
        return; // Another getter needs it too, and runs it.
      }
      if (current.depth >= MAX_DEPTH) {
        land.accept(flight, Landing.failed(tooDeep(flight)));
      } else {
        run(flight);
      }
      return;
    }
    if (!queue.offer(flight)) {
      if (!flight.refresh) {
        group.counters().rejected.increment();
      }
      land.accept(flight, loading.orStale(flight, overloaded()));
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

  /** Waits for the landing for {@code left}, the rest of {@code wait}; see {@link Waits}. */
  Landing await(Flight flight, Duration left, Duration wait) throws CacheException {
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
      group
          .node()
          .waiting()
          .join(peek); // It takes no thread of the loaders', and has a limit of its own.
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
    return group.waits().await(flight.landing, flight, left, wait);
  }

  /** As {@link #await}, and blocks on a loader thread alone. */
  CompletableFuture<Landing> awaitAsync(Flight flight, Duration left, Duration wait)
      throws CacheException {
    return loaders.current() != null || flight.landing.isDone()
        ? CompletableFuture.completedFuture(await(flight, left, wait))
        : group.waits().awaitAsync(flight.landing, flight, left, wait);
  }

  /** Lets nothing wait for a place any more. */
  void close() {
    queue.close();
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
    Landing landing = Landing.FAULT;
    try {
      landing = loading.of(flight);
    } finally {
      land.accept(flight, landing);
      if (parent != null) {
        parent.enter();
      }
      loaders.setCurrent(parent);
      loaders.chains.leave(parent);
    }
  }
}
