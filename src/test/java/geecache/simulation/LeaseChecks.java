package geecache.simulation;

import geecache.CacheException;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.cluster.SimulatedNetwork;
import geecache.cluster.SimulatedNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The properties L3 and L4: how gets with loaders end, and leases. */
final class LeaseChecks {
  /** A few readings of the clock. */
  private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long a holder waits for the word of the node that gave its lease. */
  private static final long WORD = TimeUnit.SECONDS.toNanos(2);

  /**
   * How long nobody may load a key while a get with a loader waits for it: a lease that goes to a
   * node is held for a second at most, and the node asks for it once in a quarter of one.
   */
  private static final long IDLE = TimeUnit.MILLISECONDS.toNanos(1_600);

  /**
   * How long the owner of a key may not have heard how the load of a caller at another node ended:
   * a message of that node is under way to it, then its answer, and then the message that says so.
   */
  private static final long UNHEARD = TimeUnit.MILLISECONDS.toNanos(20);

  /** After which a lease ends whose holder says nothing. */
  private static final long SILENCE_MILLIS = 2_000;

  /** A check that comes so late says that the node stood still; see {@code Leases}. */
  private static final long LATE_MILLIS = 300;

  private static final Duration LOOKS = Duration.ofMillis(200);

  private static final Pattern LEASE =
      Pattern.compile(
          "\"lease\":\\{\"number\":(\\d+),\"holder\":\"([^\"]+)\",\"forMillis\":(\\d+)"
              + "(?:,\"heardOfMillisAgo\":(\\d+))?");

  private final Simulation simulation;
  private final Setup setup;
  private boolean ended;

  LeaseChecks(Simulation simulation) {
    this.simulation = simulation;
    this.setup = simulation.setup;
  }

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void report(Property property, int key, String story, Object... of) {
    simulation.report(property, key, story.formatted(of));
  }

  /**
   * Checks how a get with a loader ended.
   *
   * @param failed null if it did not, or with the failure of its own loader
   */
  void checkEnd(Operation operation, CallerLoader loader, @Nullable CacheException failed) {
    int key = operation.keys().get(0);
    if (simulation.stoodStill(operation.node(), loader.asked())) {
      return;
    }
    long now = simulation.world.now();
    Load own = loader.load();
    long waited = (own == null ? now : own.begin) - loader.asked();
    simulation.exercised.add(Property.L3);
    if (waited > nanos(setup.waitTimeout()) + SLACK) {
      report(Property.L3, key, "%s waited for %s", operation, Duration.ofNanos(waited));
    }
    if (own != null && now - own.end() > WORD + SLACK) {
      report(Property.L3, key, "%s went on %s after its load", operation, since(own.end()));
    }
    if (failed instanceof KeyNotFoundException) {
      report(Property.L3, key, "%s was told that there is no such key", operation);
    }
    if (simulation.plan.isCalm() && simulation.plan.faults().isEmpty()) {
      checkLoaded(operation, loader.asked(), loader.asked() + waited, failed);
    }
  }

  private Duration since(long nanos) {
    return Duration.ofNanos(simulation.world.now() - nanos);
  }

  /** Checks that somebody loaded while a get waited, and whose failure it was told. */
  private void checkLoaded(
      Operation operation, long from, long to, @Nullable CacheException failed) {
    int key = operation.keys().get(0);
    List<Load> loads = new ArrayList<>(simulation.source.loads(key));
    loads.sort(Comparator.comparingLong(load -> load.begin));
    long longest = nanos(setup.leasing().timeoutMillis());
    long idle = 0;
    long busyUntil = from;
    for (Load load : loads) {
      if (load.begin < to) {
        idle += Math.max(0, load.begin - busyUntil);
        busyUntil = Math.max(busyUntil, Math.min(load.end(), load.begin + longest));
      }
    }
    idle += Math.max(0, to - busyUntil);
    if (idle > IDLE) {
      report(
          Property.L3,
          key,
          "%s waited, and for %s nobody loaded: %s",
          operation,
          Duration.ofNanos(idle),
          failed);
    }
    if (failed instanceof LoadException && loads.stream().noneMatch(load -> mayTell(load, from))) {
      report(
          Property.L3, key, "%s was told a failure that is not of the key: %s", operation, failed);
    }
  }

  /**
   * Whether a get that began at {@code from} may be told the failure of {@code load}. The load of a
   * caller is under way at the owner of the key until that hears of its end: a get that comes
   * before that waits for it, and is told.
   */
  static boolean mayTell(Load load, long from) {
    long heard = load.caller == null ? load.end() : load.end() + UNHEARD;
    return load.hasFailed() && heard >= from;
  }

  /** Looks at the leases now, and from time to time until {@link #end}. */
  void begin() {
    if (!ended && setup.leasing().isUsed()) {
      simulation.running().forEach(this::look);
      simulation.world.after(LOOKS, this::begin);
    }
  }

  void end() {
    ended = true;
  }

  private void look(int index) {
    SimulatedNode node = simulation.node(index);
    if (node.leasesOfOthers() > 0 && !node.process().isStopped() && node.has(Simulation.GROUP)) {
      for (int key = 0; key < setup.keys(); key++) {
        Matcher lease = LEASE.matcher(node.explain(Simulation.GROUP, Keys.name(key)));
        while (lease.find()) {
          check(index, key, lease);
        }
      }
    }
  }

  private void check(int node, int key, Matcher lease) {
    long held = Long.parseLong(lease.group(3));
    String heard = lease.group(4);
    simulation.exercised.add(Property.L4);
    if (held > setup.leasing().timeoutMillis() + TimeUnit.NANOSECONDS.toMillis(SLACK)
        && !stoodStill(node, held)) {
      report(Property.L4, key, "%s gave a lease %d ms ago", Nodes.name(node), held);
    }
    if (heard != null) {
      long silent = Long.parseLong(heard);
      if (silent > SILENCE_MILLIS + LATE_MILLIS && !stoodStill(node, silent)) {
        report(
            Property.L4,
            key,
            "%s has not heard for %d ms of the node %s, which holds a lease",
            Nodes.name(node),
            silent,
            lease.group(2));
      }
    }
  }

  private boolean stoodStill(int node, long forMillis) {
    return simulation.stoodStill(node, simulation.world.now() - nanos(forMillis) - SLACK);
  }

  /** Checks that nothing is left, when nobody has called for some seconds. */
  void checkQuiet() {
    if (!setup.leasing().isUsed()) {
      return;
    }
    for (int index : simulation.running()) {
      SimulatedNode node = simulation.node(index);
      if (node.leasesOfOthers() != 0) {
        report(Property.L4, Breach.NO_KEY, "%s leaks a lease that it gave", Nodes.name(index));
      }
      for (int key = 0; key < setup.keys(); key++) {
        String told = node.explain(Simulation.GROUP, Keys.name(key));
        if (!told.contains("\"loads\":[]") || !told.contains("\"questions\":[]")) {
          report(Property.L4, key, "at the end %s has %s", Nodes.name(index), told);
        }
      }
    }
    List<SimulatedNetwork.Sent> log = simulation.network.log();
    for (int i = log.size() - 1; i >= 0 && log.get(i).at() > simulation.world.now() - WORD; i--) {
      if (log.get(i).message().kind() == SimulatedNetwork.Kind.LEASE) {
        report(Property.L4, Breach.NO_KEY, "a lease is held at the end: %s", log.get(i));
        return;
      }
    }
  }
}
