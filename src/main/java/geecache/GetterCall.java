package geecache;

import geecache.internal.Durations;
import java.util.HexFormat;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;

/**
 * Calls the getter of one group for a flight, within the load timeout, and makes an outcome of the
 * result.
 */
final class GetterCall {
  private final GroupParts group;
  private final Counters counters;
  private final Durations loadTimes;
  private final GroupStore store;
  private final FailedLoads failures;
  private final BiConsumer<Flight, LoadOutcome> complete;

  /**
   * Calls the getter of {@code group}.
   *
   * @param complete ends a flight whose time is over before its getter returns
   */
  GetterCall(GroupParts group, BiConsumer<Flight, LoadOutcome> complete) {
    this.group = group;
    this.counters = group.counters();
    this.loadTimes = counters.durations.loads();
    this.store = group.store();
    this.failures = new FailedLoads(group.name(), group.node().ticker());
    this.complete = complete;
  }

  /**
   * Calls the getter on this thread, and returns the outcome. Nothing that the getter does makes
   * this throw.
   */
  LoadOutcome run(Flight flight) {
    Future<?> limit = null;
    flight.enter();
    try {
      limit = group.node().loaders().after(group.settings().loadTimeout(), () -> timeOut(flight));
      return load(flight);
    } catch (RejectedExecutionException closed) {
      return LoadOutcome.closed();
    } catch (Throwable fault) { // The timer has no thread, or a logger throws: never the getter.
      return LoadOutcome.failed(new LoadException("load failed", fault));
    } finally {
      if (limit != null) {
        limit.cancel(false);
      }
      flight.leave();
    }
  }

  private LoadOutcome load(Flight flight) {
    long begun = now();
    counters.loads.increment();
    if (flight.refresh) {
      counters.refreshes.increment();
    }
    try {
      Value value = callGetter(flight.key, begun);
      long ended = now();
      counters.countLoadTime(ended - begun);
      int maxValueBytes = group.settings().maxValueBytes();
      if (value.bytes().length() > maxValueBytes) {
        store.noteRefused(flight.key, value);
        throw new LoadException(GroupParts.tooLarge(value.bytes(), maxValueBytes));
      }
      return store.keep(flight, value, begun, Math.max(ended - begun, flight.waited(ended)));
    } catch (KeyNotFoundException absent) {
      counters.absent.increment();
      store.keepAbsence(flight, absent.getMessage(), begun);
      return LoadOutcome.failed(absent);
    } catch (Throwable failure) {
      if (flight.isAbandoned()) {
        return LoadOutcome.failed(withId(flight, failure)); // It has its outcome already.
      }
      counters.loadFailures.increment();
      store.holdOff(flight);
      return staleOrFailed(flight, withId(flight, failure));
    }
  }

  private long now() {
    return group.node().ticker().nanos();
  }

  private Value callGetter(String key, long begun) throws Exception {
    Entry old = store.find(key);
    try {
      return old == null || old.value == null
          ? group.getter().load(key)
          : group.getter().reload(key, old.value);
    } finally {
      if (loadTimes.isHeard()) {
        loadTimes.tell(now() - begun);
      }
    }
  }

  /**
   * Returns the outcome of a flight that never ran: the node is closed, or the JVM has no thread.
   */
  LoadOutcome outcomeWithoutThread(Flight flight, Throwable why) {
    if (why instanceof RejectedExecutionException) {
      return LoadOutcome.closed();
    }
    counters.loadFailures.increment();
    return staleOrFailed(flight, withId(flight, why));
  }

  /**
   * Gives an id to a failure whose message is not meant for clients, and logs the failure under it.
   */
  private CacheException withId(Flight flight, Throwable failure) {
    if (failure instanceof CacheException known) {
      return known;
    }
    String id = HexFormat.of().toHexDigits(group.node().random().nextInt());
    if (!flight.hasLanded()) {
      failures.tell(id, flight.key, failure);
    }
    return new LoadException("load failed: " + id, failure);
  }

  /**
   * Returns the value in the store, if it may stand in for a source that fails, or else the
   * failure. The store is read now, not when the flight began: it lacks values that were removed
   * meanwhile, and has those that were set.
   */
  LoadOutcome staleOrFailed(Flight flight, CacheException failure) {
    Entry old = store.find(flight.key);
    if (old == null || !store.mayServeStale(old)) {
      return LoadOutcome.failed(failure);
    }
    return store.isFresh(old) ? LoadOutcome.loaded(old, false) : LoadOutcome.stale(old);
  }

  private void timeOut(Flight flight) {
    if (flight.hasLanded()) {
      return;
    }
    LoadOutcome outcome = LoadOutcome.FAULT;
    try {
      counters.loadFailures.increment();
      store.holdOff(flight);
      outcome =
          staleOrFailed(
              flight,
              new LoadTimeoutException(
                  "load of "
                      + flight
                      + " ran out of time after "
                      + group.settings().loadTimeout().toMillis()
                      + " ms",
                  null));
    } finally {
      flight.abandon();
      complete.accept(flight, outcome);
      flight.interrupt();
    }
  }
}
