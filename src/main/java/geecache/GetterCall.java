package geecache;

import geecache.BulkGetter.Answer;
import geecache.Tracing.Step;
import geecache.internal.Durations;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls the getter of one group for a flight, or for several together, within the load timeout, and
 * makes an outcome of each result.
 */
final class GetterCall {
  private final GroupParts group;
  private final Counters counters;
  private final Durations loadTimes;
  private final GroupStore store;
  private final FailedLoads failures;
  private final BiConsumer<Flight, LoadOutcome> complete;
  private final GetSpans spans;

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
    this.spans = new GetSpans(group);
  }

  /**
   * Calls the getter on this thread for {@code leader} and the flights that came along, and notes
   * the {@link Flight#result} of each. Nothing that the getter does makes this throw.
   */
  void run(Flight leader, List<Flight> others) {
    Future<?> limit = null;
    leader.enter();
    try {
      limit =
          group
              .node()
              .loaders()
              .after(group.settings().loadTimeout(), () -> timeOut(leader, others));
      if (others.isEmpty()) {
        leader.result = load(leader);
      } else {
        loadTogether(leader, others);
      }
    } catch (RejectedExecutionException closed) {
      fail(leader, others, LoadOutcome.closed());
    } catch (Throwable fault) { // The timer has no thread, or a logger throws: never the getter.
      fail(leader, others, LoadOutcome.failed(new LoadException("load failed", fault)));
    } finally {
      if (limit != null) {
        limit.cancel(false);
      }
      leader.leave();
    }
  }

  private static void fail(Flight leader, List<Flight> others, LoadOutcome failure) {
    leader.result = failure;
    others.forEach(other -> other.result = failure);
  }

  private LoadOutcome load(Flight flight) {
    long begun = now();
    count(flight);
    try {
      Value value = callGetter(flight, begun);
      return kept(flight, value, new Call(begun, now(), 1));
    } catch (Throwable failure) {
      return failed(flight, failure, begun);
    }
  }

  private void loadTogether(Flight leader, List<Flight> others) {
    long begun = now();
    List<Flight> flights = new ArrayList<>(others.size() + 1);
    flights.add(leader);
    flights.addAll(others);
    flights.forEach(this::count);
    Map<String, Answer> answers = callTogether(flights, begun);
    Call call = new Call(begun, now(), flights.size());
    for (Flight flight : flights) {
      flight.result = outcomeOf(flight, answers.get(flight.key), call);
    }
  }

  /** A call of the getter that has ended, for one flight or several. */
  private record Call(long begun, long ended, int flights) {
    /** The part of one flight in the time that it took. */
    long share() {
      return (ended - begun) / flights;
    }

    /** What the value of {@code flight} cost: its share, or the waits of all callers, if longer. */
    long costOf(Flight flight) {
      long ofOthers = ended - begun - share();
      return Math.max(share(), flight.waited(ended) - flight.callers() * ofOthers);
    }
  }

  private void count(Flight flight) {
    counters.loads.increment();
    if (flight.refresh) {
      counters.refreshes.increment();
    }
  }

  /** Returns the outcome of one of many flights. */
  private LoadOutcome outcomeOf(Flight flight, @Nullable Answer answer, Call call) {
    try {
      if (answer == null) {
        throw new KeyNotFoundException("no such key: " + flight.key);
      }
      if (answer.isAskAlone()) {
        counters.loads.decrement(); // It is counted when it is asked for.
        return LoadOutcome.ALONE;
      }
      return kept(flight, answer.value(), call);
    } catch (Throwable failure) {
      return failed(flight, failure, call.begun);
    }
  }

  /**
   * Returns the outcome of a flight that a caller loaded under a lease.
   *
   * @param store whether the value may be stored
   */
  LoadOutcome landed(Flight flight, Lease.Loaded loaded, boolean store) {
    Call call = new Call(loaded.begun(), loaded.ended(), 1);
    try {
      requireNotTooLarge(flight, loaded.value());
      return store
          ? this.store.keep(flight, loaded.value(), call.begun, call.costOf(flight))
          : this.store.served(flight.key, loaded, flight.fence);
    } catch (LoadException tooLarge) {
      return LoadOutcome.failed(tooLarge);
    }
  }

  private LoadOutcome kept(Flight flight, Value value, Call call) throws LoadException {
    counters.countLoadTime(call.share());
    requireNotTooLarge(flight, value);
    return store.keep(flight, value, call.begun, call.costOf(flight));
  }

  private void requireNotTooLarge(Flight flight, Value value) throws LoadException {
    int maxValueBytes = group.settings().maxValueBytes();
    if (value.bytes().length() > maxValueBytes) {
      store.noteRefused(flight.key, value);
      throw new LoadException(GroupParts.tooLarge(value.bytes(), maxValueBytes));
    }
  }

  /** Returns the outcome of a flight whose load failed. */
  LoadOutcome failed(Flight flight, Throwable thrown, long begun) {
    Throwable failure =
        thrown instanceof Unchecked.CacheException typed ? typed.getCause() : thrown;
    if (failure instanceof KeyNotFoundException absent) {
      counters.absent.increment();
      store.keepAbsence(flight, absent.getMessage(), begun);
      return LoadOutcome.failed(
          absent.isUnfilled() // Of another key, which the getter or loader asked for.
              ? new KeyNotFoundException(absent.getMessage())
              : absent);
    }
    if (flight.isAbandoned()) {
      return LoadOutcome.failed(withId(flight, failure)); // It has its outcome already.
    }
    counters.loadFailures.increment();
    store.holdOff(flight);
    return staleOrFailed(flight, withId(flight, failure));
  }

  private long now() {
    return group.node().ticker().nanos();
  }

  private Value callGetter(Flight flight, long begun) throws Exception {
    Entry old = store.find(flight.key);
    boolean failed = true;
    try {
      Value value =
          spans.around(
              Step.LOAD,
              1,
              () ->
                  old == null || old.value == null
                      ? group.getter().load(flight.key)
                      : group.getter().reload(flight.key, old.value));
      failed = false;
      return value;
    } catch (KeyNotFoundException absent) {
      failed = false;
      throw absent;
    } finally {
      tellEnd(List.of(flight), begun, failed);
    }
  }

  /** Calls the getter for all keys. If it throws, that is the answer for each of them. */
  private Map<String, Answer> callTogether(List<Flight> flights, long begun) {
    Set<String> keys = new LinkedHashSet<>();
    flights.forEach(flight -> keys.add(flight.key));
    boolean failed = false;
    try {
      return Objects.requireNonNull(
          spans.around(
              Step.LOAD,
              keys.size(),
              () -> ((BulkGetter) group.getter()).loadAll(Collections.unmodifiableSet(keys))),
          "the getter returned null");
    } catch (KeyNotFoundException ofAnother) { // Says of none of the keys that it is absent.
      return allOf(keys, Answer.askAlone());
    } catch (Throwable failure) {
      failed = true;
      return allOf(keys, Answer.failed(withId(flights.get(0), keys.size() - 1, failure)));
    } finally {
      tellEnd(flights, begun, failed);
    }
  }

  /** Tells those who listen that a call of the getter has ended. */
  private void tellEnd(List<Flight> flights, long begun, boolean failed) {
    GroupHistory kept = counters.history;
    if (kept == null && !loadTimes.isHeard()) {
      return;
    }
    long nanos = now() - begun;
    loadTimes.tell(nanos);
    if (kept != null) {
      kept.addLoad(flights.get(0).key, flights.size(), nanos, failed);
      flights.forEach(flight -> kept.addGets(flight.key, flight.callers()));
    }
  }

  private static Map<String, Answer> allOf(Set<String> keys, Answer answer) {
    Map<String, Answer> all = new HashMap<>();
    keys.forEach(key -> all.put(key, answer));
    return all;
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

  /** Returns {@code failure} as clients may see it. */
  CacheException known(Flight flight, Throwable failure) {
    return withId(
        flight, failure instanceof Unchecked.CacheException typed ? typed.getCause() : failure);
  }

  /**
   * Gives an id to a failure whose message is not meant for clients, and logs the failure under it.
   */
  private CacheException withId(Flight flight, Throwable failure) {
    return withId(flight, 0, failure);
  }

  /** As {@link #withId(Flight, Throwable)}, for a failure of {@code others} more keys. */
  private CacheException withId(Flight flight, int others, Throwable failure) {
    if (failure instanceof CacheException known) {
      return known;
    }
    String id = HexFormat.of().toHexDigits(group.node().random().nextInt());
    if (!flight.hasLanded()) {
      failures.tell(
          id, others == 0 ? flight.key : flight.key + " and " + others + " more", failure);
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

  /** The gets of one flight may do anything when it ends: the others end all the same. */
  private void timeOut(Flight leader, List<Flight> others) {
    try {
      Each.of(others, this::timeOut);
    } finally {
      timeOut(leader);
    }
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
