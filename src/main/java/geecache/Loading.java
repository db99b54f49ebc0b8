package geecache;

import geecache.internal.ControlCharacters;
import java.util.HexFormat;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls the getter of one group for a flight, within its time, and says what came of it. */
final class Loading {
  private static final Logger log = LoggerFactory.getLogger("geecache.Group");

  private final GroupParts group;
  private final Counters counters;
  private final Entries entries;
  private final BiConsumer<Flight, Landing> land;

  /**
   * Calls the getter of {@code group}.
   *
   * @param land ends a flight whose time is over before its getter's
   */
  Loading(GroupParts group, BiConsumer<Flight, Landing> land) {
    this.group = group;
    this.counters = group.counters();
    this.entries = group.entries();
    this.land = land;
  }

  /** Runs the getter on this thread. Nothing that it does makes this throw. */
  Landing of(Flight flight) {
    Future<?> limit = null;
    flight.enter();
    try {
      limit = group.node().loaders().after(group.settings().loadTimeout(), () -> timeOut(flight));
      return load(flight);
    } catch (RejectedExecutionException closed) {
      return Landing.closed();
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
    long begun = now();
    counters.loads.increment();
    if (flight.refresh) {
      counters.refreshes.increment();
    }
    try {
      Value value = loaded(flight.key);
      counters.loadTook(now() - begun);
      int maxValueBytes = group.settings().maxValueBytes();
      if (value.bytes().length() > maxValueBytes) {
        throw new LoadException(GroupParts.tooLarge(value.bytes(), maxValueBytes));
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

  private long now() {
    return group.node().ticker().nanos();
  }

  private Value loaded(String key) throws Exception {
    Entry old = entries.find(key);
    return old == null || old.value == null
        ? group.getter().load(key)
        : group.getter().reload(key, old.value);
  }

  /** What a flight lands with that never ran: the node is closed, or the JVM has no thread. */
  Landing withoutThread(Flight flight, Throwable why) {
    if (why instanceof RejectedExecutionException) {
      return Landing.closed();
    }
    counters.loadFailures.increment();
    return orStale(flight, named(flight, why));
  }

  /** Gives a failure that is not meant for clients an id, under which the log has it. */
  private CacheException named(Flight flight, Throwable failure) {
    if (failure instanceof CacheException known) {
      return known;
    }
    String id = HexFormat.of().toHexDigits(group.node().random().nextInt());
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
  Landing orStale(Flight flight, CacheException failure) {
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
    land.accept(
        flight,
        orStale(
            flight,
            new LoadTimeoutException(
                "load of "
                    + flight
                    + " ran out of time after "
                    + group.settings().loadTimeout().toMillis()
                    + " ms",
                null)));
    flight.interrupt();
  }
}
