package geecache;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger log = LoggerFactory.getLogger(Group.class);

  /** How many getters may ask each other in a chain: far fewer than overflow a thread's stack. */
  private static final int MAX_DEPTH = 200;

  /**
   * A place in a flight, or a value that the second look found.
   *
   * @param flight what to wait for; null if {@code found}
   * @param first whether this seat made the flight
   * @param found what was in memory after all
   */
  record Seat(@Nullable Flight flight, boolean first, @Nullable Entry found) {}

  private final Group group;
  private final Getter getter;
  private final GroupSettings settings;
  private final Entries entries;
  private final Counters counters;
  private final Ticker ticker;
  private final Loaders loaders;
  private final LoadQueue queue;

  /**
   * The flights that a get may join. Steps on a key are atomic; only our own code runs in them. The
   * store's locks are taken inside, and never the other way round.
   */
  private final ConcurrentMap<String, Flight> table = new ConcurrentHashMap<>();

  /** All flights that have not landed: those of the table, and those detached from it. */
  private final Set<Flight> live = ConcurrentHashMap.newKeySet();

  SingleFlight(
      Group group,
      Getter getter,
      GroupSettings settings,
      Entries entries,
      Counters counters,
      Ticker ticker,
      Loaders loaders) {
    this.group = group;
    this.getter = getter;
    this.settings = settings;
    this.entries = entries;
    this.counters = counters;
    this.ticker = ticker;
    this.loaders = loaders;
    this.queue =
        new LoadQueue(
            loaders, settings.maxLoads(), settings.maxWaitingLoads(), this::run, this::refuse);
  }

  /** Takes a seat for a get that found nothing in memory, and sees to it that the load begins. */
  Seat join(String key) {
    Seat seat = seat(key, false);
    if (seat.found() != null) {
      counters.hits.increment();
      return seat;
    }
    counters.misses.increment();
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

  /** A getter's own get runs on the getter's thread, and everything else in the queue. */
  private void begin(Flight flight) {
    Flight current = loaders.current();
    if (current != null && !flight.refresh) {
      if (current.depth >= MAX_DEPTH) {
        land(flight, Landing.failed(tooDeep(flight)));
      } else if (flight.start()) {
        run(flight);
      }
      return;
    }
    if (!queue.offer(flight)) {
      if (!flight.refresh) {
        counters.rejected.increment();
      }
      land(flight, orStale(flight, overloaded()));
    }
  }

  /** There is no thread for it: the node is closed, or the JVM has none left. */
  private void refuse(Flight flight, Throwable why) {
    if (why instanceof RejectedExecutionException) {
      land(flight, closed());
    } else {
      counters.loadFailures.increment();
      land(flight, orStale(flight, named(flight, why)));
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

  private static Landing closed() {
    return Landing.failed(new LoadException("the node is closed"));
  }

  /** Waits for the landing, on a caller's thread or on a loader's. */
  Landing await(Seat seat, Duration wait) throws CacheException {
    return await(seat, wait, wait);
  }

  /** Waits for {@code left}, the rest of {@code wait}, which is what a failure tells. */
  Landing await(Seat seat, Duration left, Duration wait) throws CacheException {
    if (seat.found() != null) {
      return Landing.loaded(seat.found(), false);
    }
    Flight flight = Objects.requireNonNull(seat.flight());
    Flight current = loaders.current();
    if (current == null) {
      return landingOf(flight, left, wait);
    }
    if (!flight.landing.isDone() && current.depth >= MAX_DEPTH) {
      throw tooDeep(flight);
    }
    if (flight.start()) {
      run(flight); // It waited for a thread, maybe for this very one.
      return landingOf(flight, left, wait);
    }
    if (!flight.landing.isDone()) {
      loaders.chains.enterWait(current, flight);
    }
    try {
      return landingOf(flight, left, wait);
    } finally {
      loaders.chains.leave(current);
    }
  }

  private Landing landingOf(Flight flight, Duration left, Duration wait)
      throws LoadTimeoutException {
    try {
      Landing landing =
          flight.landing.get(TimeUnit.NANOSECONDS.convert(left), TimeUnit.NANOSECONDS);
      return counted(landing);
    } catch (TimeoutException tooLate) {
      throw gaveUp(flight, wait);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new LoadTimeoutException("interrupted while waiting for " + flight, interrupt);
    } catch (ExecutionException impossible) {
      throw new AssertionError("a landing never fails", impossible);
    }
  }

  /** Returns a future of the caller's own, which fails when {@code wait} is over. */
  CompletableFuture<Landing> awaitAsync(Seat seat, Duration wait) throws CacheException {
    if (seat.found() != null || loaders.current() != null || isDone(seat)) {
      return CompletableFuture.completedFuture(await(seat, wait));
    }
    Flight flight = Objects.requireNonNull(seat.flight());
    CompletableFuture<Landing> own = new CompletableFuture<>();
    try {
      Future<?> deadline =
          loaders.after(wait, () -> own.completeExceptionally(gaveUp(flight, wait)));
      own.whenComplete((landing, failure) -> deadline.cancel(false));
    } catch (RejectedExecutionException closed) {
      // The node closes, and lands all flights itself.
    }
    flight.landing.thenAccept(landing -> own.complete(counted(landing)));
    return own;
  }

  private static boolean isDone(Seat seat) {
    return seat.flight() != null && seat.flight().landing.isDone();
  }

  private Landing counted(Landing landing) {
    if (landing.stale()) {
      counters.staleServed.increment();
    }
    return landing;
  }

  private LoadTimeoutException gaveUp(Flight flight, Duration wait) {
    return new LoadTimeoutException(
        "gave up waiting for " + flight + " after " + wait.toMillis() + " ms", null);
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
    queue.close();
    live.forEach(flight -> land(flight, closed()));
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
    Landing landing = FAULT;
    try {
      landing = loadInTime(flight);
    } finally {
      land(flight, landing);
      if (parent != null) {
        parent.enter();
      }
      loaders.setCurrent(parent);
      loaders.chains.leave(parent);
    }
  }

  /** What a flight lands with if even its running fails, as when the stack ends just there. */
  private static final Landing FAULT = Landing.failed(new LoadException("load failed"));

  private Landing loadInTime(Flight flight) {
    Future<?> limit = null;
    flight.enter();
    try {
      limit = loaders.after(settings.loadTimeout(), () -> timeOut(flight));
      return load(flight);
    } catch (RejectedExecutionException closed) {
      return closed();
    } catch (Throwable fault) { // No thread for the timer, a logger that throws: never the getter.
      return Landing.failed(new LoadException("load failed", fault));
    } finally {
      if (limit != null) {
        limit.cancel(false);
      }
      flight.leave();
    }
  }

  private Landing load(Flight flight) {
    long begun = ticker.nanos();
    counters.loads.increment();
    if (flight.refresh) {
      counters.refreshes.increment();
    }
    try {
      Value value = getter.load(flight.key);
      counters.loadTook(ticker.nanos() - begun);
      if (value.bytes().length() > settings.maxValueBytes()) {
        throw new LoadException(group.tooLarge(value.bytes()));
      }
      return entries.keep(flight, value, begun);
    } catch (KeyNotFoundException absent) {
      counters.absent.increment();
      entries.keepAbsence(flight, absent.getMessage(), begun);
      return Landing.failed(absent);
    } catch (Throwable failure) {
      if (flight.isAbandoned()) {
        return Landing.failed(named(flight, failure)); // It has landed already.
      }
      counters.loadFailures.increment();
      entries.holdOff(flight);
      return orStale(flight, named(flight, failure));
    }
  }

  /** Gives a failure that is not meant for clients an id, under which the log has it. */
  private CacheException named(Flight flight, Throwable failure) {
    if (failure instanceof CacheException known) {
      return known;
    }
    String id = UUID.randomUUID().toString().substring(0, 8);
    if (!flight.landing.isDone()) {
      String key = ControlCharacters.escape(flight.key);
      try {
        log.warn(
            "load failed: {} group {} key {}",
            id,
            group.name(),
            key,
            ControlCharacters.escape(failure));
      } catch (Throwable unprintable) { // A message may be code of the user's.
        log.warn("load failed: {} group {} key {}: {}", id, group.name(), key, failure.getClass());
      }
    }
    return new LoadException("load failed: " + id, failure);
  }

  /**
   * What is in the store may stand in for a source that fails. It is looked up now, not when the
   * flight began: what was removed meanwhile is not there, and what was set meanwhile is.
   */
  private Landing orStale(Flight flight, CacheException failure) {
    Entry old = entries.find(flight.key);
    if (old == null || !entries.mayServeStale(old)) {
      return Landing.failed(failure);
    }
    return entries.isFresh(old) ? Landing.loaded(old, false) : Landing.stale(old);
  }

  private void timeOut(Flight flight) {
    if (flight.landing.isDone()) {
      return;
    }
    counters.loadFailures.increment();
    entries.holdOff(flight);
    flight.abandon();
    land(
        flight,
        orStale(
            flight,
            new LoadTimeoutException(
                "load of "
                    + flight
                    + " ran out of time after "
                    + settings.loadTimeout().toMillis()
                    + " ms",
                null)));
    flight.interrupt();
  }

  private void land(Flight flight, Landing landing) {
    table.remove(flight.key, flight);
    flight.landing.complete(landing);
    live.remove(flight);
  }
}
