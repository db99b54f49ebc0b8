package geecache;

import geecache.internal.ControlCharacters;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the leases of one group on the node that owns the keys. A flight that callers load has one
 * lease at a time, which one of the gets in it holds. If it ends without a result, the next get
 * that can load has one; if there is none, the getter loads the key, or the flight ends unfilled.
 * The idea is that of Nishtala and others, "Scaling Memcache at Facebook" (NSDI 2013, 3.2.1).
 *
 * <p>What stores nothing: a result that comes after its lease ended; one that was read from a
 * snapshot older than a removal of the key; one for which there was a removal since the flight
 * began ({@link Fences}); and one of a key that this node does not own.
 *
 * <p>Interleaving: a lease runs out while its holder lands it. One of the two ends the lease, and
 * the other does nothing. Test: {@code aResultThatComesAfterItsLeaseRanOutIsNotStored}.
 */
final class Leases implements FlightLease.Giver {
  /** After which the lease of another node ends, if that says nothing. */
  static final Duration SILENCE = Duration.ofSeconds(2);

  /** A timer that comes so late says that this node stood still. */
  private static final long LATE_NANOS = 250_000_000;

  private static final Logger log = LoggerFactory.getLogger(Leases.class);

  private final GroupParts group;
  private final Counters counters;
  private final GroupStore store;
  private final GivenLeases all;
  private final GetterCall outcomes;
  private final BiConsumer<Flight, LoadOutcome> complete;
  private final Consumer<Flight> byGetter;
  private final MinuteRate warnings;

  /**
   * Gives nothing yet.
   *
   * @param outcomes makes an outcome of what a holder brings
   * @param complete ends a flight
   * @param byGetter has the getter load the key of a flight
   */
  Leases(
      GroupParts group,
      GetterCall outcomes,
      BiConsumer<Flight, LoadOutcome> complete,
      Consumer<Flight> byGetter) {
    this.group = group;
    this.counters = group.counters();
    this.store = group.store();
    this.all = group.node().leases();
    this.outcomes = outcomes;
    this.complete = complete;
    this.byGetter = byGetter;
    this.warnings = new MinuteRate(group.node().ticker());
  }

  /** Gives the first lease of {@code flight}. */
  void begin(Flight flight) {
    if (flight.tryStart()) {
      pass(flight);
    }
  }

  /** Gives the lease of a flight that has none to the get that can load and has waited longest. */
  private void pass(Flight flight) {
    boolean passed = false;
    try {
      CompletableFuture<LoadOutcome> next = flight.takeCandidate();
      while (next != null && !offer(flight, next)) {
        next = flight.takeCandidate();
      }
      if (next == null) {
        endWithoutLoader(flight);
      }
      passed = true;
    } finally {
      if (!passed) { // No memory: nobody else would end it.
        complete.accept(flight, LoadOutcome.FAULT);
      }
    }
  }

  /** Returns false if that get has given up, or the flight has ended. */
  private boolean offer(Flight flight, CompletableFuture<LoadOutcome> get) {
    if (flight.hasLanded()) {
      return false;
    }
    HeldLease before = flight.lease;
    FlightLease lease =
        new FlightLease(this, flight, all.nextNumber(), group.node().ticker().nanos(), waitNanos());
    flight.lease = lease;
    flight.since = lease.since();
    if (!get.complete(LoadOutcome.leased(lease))) {
      flight.lease = before;
      return false;
    }
    if (before == null) {
      counters.leases.increment();
    }
    watch(lease);
    return true;
  }

  private long waitNanos() {
    return group.node().waitTicker().nanos();
  }

  private void endWithoutLoader(Flight flight) {
    if (flight.hasLanded()) {
      return;
    }
    if (flight.closeIfUnwanted()) {
      if (flight.lease == null) {
        counters.unwanted.increment();
      }
      complete.accept(flight, LoadOutcome.UNWANTED);
    } else if (group.hasGetter()) {
      if (flight.lease != null) {
        counters.leases.decrement(); // It is counted as a load now.
      }
      flight.endLeases();
      byGetter.accept(flight);
    } else {
      if (flight.lease == null) {
        counters.unfilled.increment();
      }
      complete.accept(flight, LoadOutcome.unfilled(flight.key));
    }
  }

  /** Watches a lease that another node holds from now on. */
  @Override
  public void watchNode(FlightLease lease) {
    all.add(lease);
    watch(lease);
  }

  private void watch(FlightLease lease) {
    long now = waitNanos();
    if (lease.hasEnded()) {
      all.remove(lease);
      return;
    }
    try {
      Duration rest = Duration.ofNanos(Math.max(0, endOf(lease) - now));
      lease.watchBy(group.node().loaders().after(rest, () -> check(lease, now + rest.toNanos())));
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) { // Nobody would end it.
      if (end(lease)) {
        complete.accept(lease.load(), LoadOutcome.FAULT);
      }
    }
  }

  private long endOf(FlightLease lease) {
    long end = lastEndOf(lease);
    long silent = lease.heard() + SILENCE.toNanos();
    return lease.holder() != 0 && silent - end < 0 ? silent : end;
  }

  private long lastEndOf(FlightLease lease) {
    return lease.since() + group.settings().leaseTimeout().toNanos();
  }

  /**
   * Ends the lease if its time is over. If this node itself stood still, the words of the holder
   * may lie unread: it is given that time once more.
   *
   * @param due when this was to run
   */
  private void check(FlightLease lease, long due) {
    long now = waitNanos();
    if (lease.holder() != 0 && now - due > LATE_NANOS && now - lastEndOf(lease) < 0) {
      lease.renew(now);
    }
    if (lease.load().hasLanded()) { // The node is closed.
      end(lease);
    } else if (waitNanos() - endOf(lease) < 0) {
      watch(lease);
    } else if (end(lease)) {
      try {
        counters.leasesRanOut.increment();
        warn(lease);
      } finally { // A logger is the user's.
        pass(lease.load());
      }
    }
  }

  private void warn(FlightLease lease) {
    long others = warnings.othersIfDue();
    if (others >= 0) {
      log.warn(
          "the lease of {} ran out after {} ms{}: the next caller that waits loads the key{}",
          ControlCharacters.escape(lease.load().toString()),
          TimeUnit.NANOSECONDS.toMillis(waitNanos() - lease.since()),
          lease.holder() == 0 ? "" : ", held by node %016x".formatted(lease.holder()),
          others == 0 ? "" : "; so did " + others + " others");
    }
  }

  private boolean end(FlightLease lease) {
    all.remove(lease); // First: what is ended has to land.
    return lease.end();
  }

  /** As {@link Lease#giveBack}. */
  @Override
  public void giveBack(FlightLease lease) {
    if (end(lease)) {
      pass(lease.load());
    }
  }

  /** As {@link Lease#fail}. */
  @Override
  public void fail(FlightLease lease, Throwable failure, long begun) {
    if (Lease.isOfCaller(failure)) {
      giveBack(lease);
    } else if (end(lease)) {
      LoadOutcome outcome = LoadOutcome.FAULT;
      try {
        outcome = outcomes.failed(lease.load(), failure, begun);
      } finally {
        complete.accept(lease.load(), outcome);
      }
    }
  }

  /** As {@link Lease#land}; returns what the holder's own caller is given. */
  @Override
  public LoadOutcome land(FlightLease lease, Lease.Loaded loaded) {
    Flight flight = lease.load();
    LoadOutcome served = store.served(flight.key, loaded, flight.fence);
    if (!landAll(lease, loaded)) {
      return served;
    }
    LoadOutcome outcome = flight.outcome();
    return outcome == null || outcome.failure() != null ? served : outcome; // Perhaps too large.
  }

  /** Lands the flight with a value, unless others may not be given it; returns whether it did. */
  private boolean landAll(FlightLease lease, Lease.Loaded loaded) {
    Flight flight = lease.load();
    if (!loaded.isOfKnownAge() || !isSinceItsSnapshot(lease, loaded)) {
      counters.leasesRefused.increment();
      giveBack(lease);
      return false;
    }
    if (!end(lease)) {
      counters.leasesRefused.increment();
      return false;
    }
    LoadOutcome outcome = LoadOutcome.FAULT;
    try {
      outcome = outcomes.landed(flight, loaded, mayStore(flight.key));
    } finally {
      complete.accept(flight, outcome);
    }
    return true;
  }

  /** Ends a lease as the node says that holds it. */
  @Override
  public LeaseEnd.Taken end(FlightLease lease, LeaseEnd told) {
    long now = group.node().ticker().nanos();
    if (told.failure() != null) {
      boolean first = !lease.hasEnded();
      fail(lease, told.failure(), now);
      return first ? LeaseEnd.Taken.LANDED : LeaseEnd.Taken.REFUSED;
    }
    if (told.value() == null) {
      giveBack(lease);
      return LeaseEnd.Taken.LANDED;
    }
    long begun = now - told.age().toNanos();
    return landAll(lease, new Lease.Loaded(told.value(), begun, now, told.snapshot().toNanos()))
        ? LeaseEnd.Taken.LANDED
        : LeaseEnd.Taken.REFUSED;
  }

  /** Whether the key was not removed between the beginning of the snapshot and the flight. */
  private boolean isSinceItsSnapshot(FlightLease lease, Lease.Loaded loaded) {
    return loaded.snapshot() == 0
        || store.isUnremovedSince(lease.given() - loaded.snapshot(), lease.key());
  }

  /** Only the owner of a key is told of all removals before it gives a value to other nodes. */
  private boolean mayStore(String key) {
    Cluster cluster = group.node().cluster().get();
    return !cluster.givesLeases() || cluster.owns(group.local(), key);
  }
}
