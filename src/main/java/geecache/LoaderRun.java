package geecache;

import geecache.Lease.Loaded;

/**
 * Runs the loaders of callers, each under a lease and on this thread. A lease ends whatever the
 * loader does. Keeps no state between runs.
 */
final class LoaderRun {
  /** As long as a chain of getters may be. */
  private static final int MAX_DEPTH = FlightRunner.MAX_DEPTH;

  private final String group;
  private final Counters counters;
  private final LoaderThreads loaders;
  private final Ticker ticker;

  LoaderRun(GroupParts group) {
    this.group = group.name();
    this.counters = group.counters();
    this.loaders = group.node().loaders();
    this.ticker = group.node().ticker();
  }

  /** What runs under leases. */
  private interface Body<R, E extends Exception> {
    R run() throws LoadException, E;
  }

  /** Returns what {@code loader} brings for the caller who holds {@code lease}. */
  <E extends Exception> LoadOutcome run(Lease lease, Loader<E> loader) throws CacheException, E {
    return this.<LoadOutcome, E>under(
        lease,
        () -> {
          long begun = ticker.nanos();
          long age = loaders.transactionAge();
          Value value = this.<Value, E>called(() -> loader.load(lease.key()), lease, begun);
          return land(lease, value, begun, age);
        });
  }

  /** Runs {@code body} as the load of the lease, and gives it back unless it has ended. */
  private <R, E extends Exception> R under(Lease lease, Body<R, E> body) throws LoadException, E {
    Flight parent = loaders.currentLoad();
    Flight load = lease.load();
    try {
      if (parent != null && parent.depth >= MAX_DEPTH) {
        throw new LoadException(
            "load chain too deep: " + load + " is asked for by a chain of " + MAX_DEPTH + " loads");
      }
      StackRoom.require();
      load.onLoader = parent != null && parent.onLoader;
      load.place = load.onLoader ? parent.place : null;
      loaders.waitGraph.enterChild(load, parent);
      loaders.setCurrentFlight(load);
      counters.leaseLoads.increment();
      return body.run();
    } finally {
      loaders.setCurrentFlight(parent);
      loaders.waitGraph.leave(parent);
      lease.giveBack(); // Unless it has ended.
    }
  }

  private <R, E extends Exception> R called(Body<R, E> body, Lease lease, long begun)
      throws LoadException, E {
    R result;
    try {
      result = body.run();
    } catch (Throwable failure) {
      lease.fail(failure, begun);
      throw failure;
    } finally {
      long took = ticker.nanos() - begun;
      counters.countLoadTime(took);
      if (counters.durations.loads().isHeard()) {
        counters.durations.loads().tell(took);
      }
    }
    if (result == null) {
      throw refused("the loader returned null", lease, begun);
    }
    return result;
  }

  private LoadOutcome land(Lease lease, Value value, long begun, long age) {
    long ended = ticker.nanos();
    return lease.land(new Loaded(value, begun, ended, snapshot(lease, begun, age, ended)));
  }

  private LoadException refused(String why, Lease lease, long begun) {
    LoadException refused = new LoadException(why + ", in group " + group);
    lease.fail(refused, begun);
    return refused;
  }

  /**
   * Returns how long before the lease the snapshot began that was read from. The transaction may
   * have begun within the loader, or have written in it.
   */
  private long snapshot(Lease lease, long begun, long ageBefore, long ended) {
    long ageAfter = loaders.transactionAge();
    if (ageBefore == Loaded.UNKNOWN || ageAfter == Loaded.UNKNOWN) {
      return Loaded.UNKNOWN;
    }
    long earlier =
        Math.max(lease.given() - (begun - ageBefore), lease.given() - (ended - ageAfter));
    boolean inTransaction = ageBefore > 0 || ageAfter > 0;
    return inTransaction ? Math.max(0, earlier) : 0;
  }
}
