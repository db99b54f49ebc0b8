package geecache;

import geecache.Lease.Loaded;
import geecache.Tracing.Step;
import geecache.internal.Waiting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the loaders of callers, under leases and on this thread. A lease ends whatever the loader
 * does. Keeps no state between runs.
 */
final class LoaderRun {
  /** As long as a chain of getters may be. */
  private static final int MAX_DEPTH = FlightRunner.MAX_DEPTH;

  private final String group;
  private final Counters counters;
  private final LoaderThreads loaders;
  private final Waiting waiting;
  private final Ticker ticker;
  private final GetSpans spans;

  LoaderRun(GroupParts group) {
    this.group = group.name();
    this.counters = group.counters();
    this.loaders = group.node().loaders();
    this.waiting = group.node().waiting();
    this.ticker = group.node().ticker();
    this.spans = new GetSpans(group);
  }

  /** What runs under leases. */
  interface Body<R, E extends Exception> {
    R run() throws LoadException, E;
  }

  /** Returns what {@code loader} brings for the caller who holds {@code lease}. */
  <E extends Exception> LoadOutcome run(Lease lease, Loader<E> loader) throws CacheException, E {
    List<Lease> leases = List.of(lease);
    try {
      return this.<LoadOutcome, E>under(
          leases,
          () -> {
            Begun begun = begin();
            Value value =
                this.<Value, E>called(() -> loader.load(lease.key()), leases, begun, f -> f);
            if (value == null) {
              throw refused("the loader returned null", leases, begun);
            }
            return waiting.join(land(lease, value, begun));
          });
    } finally {
      lease.giveBack(); // Unless it has ended.
    }
  }

  /**
   * Returns what {@code loader} brings for the caller who holds all these leases, with one call. A
   * {@link KeyNotFoundException} of it says of none of the keys that it is absent.
   */
  <E extends Exception> Map<String, LoadOutcome> runAll(List<Lease> leases, BulkLoader<E> loader)
      throws CacheException, E {
    try {
      return this.<Map<String, LoadOutcome>, E>under(
          leases,
          () -> {
            Begun begun = begin();
            Set<String> keys = new LinkedHashSet<>();
            leases.forEach(lease -> keys.add(lease.key()));
            Map<String, Value> found =
                this.<Map<String, Value>, E>called(
                    () -> loader.loadAll(Collections.unmodifiableSet(keys)),
                    leases,
                    begun,
                    LoaderRun::ofAll);
            requireKeys(found, leases, keys, begun);
            return landAll(leases, found, begun);
          });
    } finally {
      Each.of(leases, Lease::giveBack); // Unless they have ended.
    }
  }

  /** The cause is not told to those who wait: they may not know the key. */
  private void requireKeys(
      @Nullable Map<String, Value> found, List<Lease> leases, Set<String> keys, Begun begun)
      throws LoadException {
    if (found == null) {
      throw refused("the loader returned null", leases, begun);
    }
    for (Map.Entry<String, Value> each : found.entrySet()) {
      String key = each.getKey();
      if (!keys.contains(key)) {
        String why = "the loader returned a key that it was not asked for";
        throw refused(why, new IllegalArgumentException(why + ": " + key), leases, begun);
      }
      if (each.getValue() == null) {
        String why = "the loader returned null for a key";
        throw refused(why, new NullPointerException(why + ": " + key), leases, begun);
      }
    }
  }

  /** Tells the owners of all values before it waits for their words: with few messages. */
  private Map<String, LoadOutcome> landAll(
      List<Lease> leases, Map<String, Value> found, Begun begun) {
    Map<String, CompletableFuture<LoadOutcome>> landing = new HashMap<>();
    Map<String, LoadOutcome> outcomes = new HashMap<>();
    for (Lease lease : leases) {
      Value value = found.get(lease.key());
      if (value != null) {
        landing.put(lease.key(), land(lease, value, begun));
      } else {
        KeyNotFoundException absent = new KeyNotFoundException("no such key: " + lease.key());
        fail(lease, absent, begun, snapshot(lease, begun));
        outcomes.put(lease.key(), LoadOutcome.failed(absent));
      }
    }
    landing.forEach((key, landed) -> outcomes.put(key, waiting.join(landed)));
    return outcomes;
  }

  /**
   * When a loader was called, and how old the snapshot was by then that its thread reads from; both
   * by the ticker of the node.
   */
  record Begun(long at, long transactionAge) {}

  Begun begin() {
    long now = ticker.nanos();
    return new Begun(now, loaders.transactionAge(now));
  }

  /**
   * Runs {@code body} as the load of all these leases, on this thread. If it gets one of their
   * keys, that get fails at once.
   *
   * <p>Each run has a flight of its own, which ends with it: a lease may run out and pass on while
   * its holder goes on, and what the next holder does says nothing of that thread.
   */
  <R, E extends Exception> R under(List<Lease> leases, Body<R, E> body) throws LoadException, E {
    Flight parent = loaders.currentLoad();
    Flight run = new Flight(group, leases.get(0).key(), 0, false, false);
    if (parent != null && parent.depth >= MAX_DEPTH) {
      throw new LoadException(
          "load chain too deep: " + run + " is asked for by a chain of " + MAX_DEPTH + " loads");
    }
    List<Flight> loads = loadsOf(leases);
    try {
      StackRoom.require();
      run.onLoader = parent != null && parent.onLoader;
      run.place = run.onLoader ? parent.place : null;
      loaders.waitGraph.enterChild(run, parent);
      loaders.waitGraph.enterTogether(loads, run);
      loaders.setCurrentFlight(run);
      counters.leaseLoads.add(leases.size());
      return body.run();
    } finally {
      loaders.setCurrentFlight(parent);
      loaders.waitGraph.leave(parent);
      loaders.waitGraph.leaveTogether(loads, run);
    }
  }

  /** Returns the loads of those leases that no other caller has by now. */
  static List<Flight> loadsOf(List<Lease> leases) {
    List<Flight> loads = new ArrayList<>(leases.size());
    for (Lease lease : leases) {
      if (!lease.hasEnded()) {
        loads.add(lease.load());
      }
    }
    return loads;
  }

  /**
   * Calls the loader; if it throws, that is the end of the leases.
   *
   * @param ofKeys makes of what it throws what is said of the keys
   */
  private <R, E extends Exception> R called(
      GetSpans.Body<R, E> body, List<Lease> leases, Begun begun, UnaryOperator<Throwable> ofKeys)
      throws E {
    try {
      return spans.around(Step.LOAD, leases.size(), body);
    } catch (Throwable failure) {
      Throwable told = ofKeys.apply(failure);
      Each.of(leases, lease -> fail(lease, told, begun, snapshot(lease, begun)));
      throw failure;
    } finally {
      countTime(begun, leases.size());
    }
  }

  /**
   * Ends a lease whose loader has failed. That there is no such key was read from a snapshot, too:
   * if that may be older than a removal, nobody but its own caller is told so.
   *
   * @param snapshot as in {@link Loaded}
   */
  void fail(Lease lease, Throwable failure, Begun begun, long snapshot) {
    if (snapshot != 0 && isAbsence(failure)) {
      counters.leasesRefused.increment();
      lease.giveBack();
    } else {
      lease.fail(failure, begun.at());
    }
  }

  private static boolean isAbsence(Throwable failure) {
    return failure instanceof KeyNotFoundException
        || failure instanceof Unchecked.KeyNotFoundException;
  }

  /**
   * That one key is absent, which a loader asked for, says nothing of those that it loads. What it
   * says of that key is not told to those who wait: they may not know it.
   */
  private static Throwable ofAll(Throwable failure) {
    return isAbsence(failure)
        ? new IllegalStateException("a loader of many keys found one to be absent", failure)
        : failure;
  }

  /** Counts the time of a call of a loader that has ended, in which all its keys have a share. */
  void countTime(Begun begun, int keys) {
    long took = ticker.nanos() - begun.at();
    for (int i = 0; i < keys; i++) {
      counters.countLoadTime(took / keys);
    }
    if (counters.durations.loads().isHeard()) {
      counters.durations.loads().tell(took);
    }
  }

  private CompletableFuture<LoadOutcome> land(Lease lease, Value value, Begun begun) {
    long ended = ticker.nanos();
    return lease.land(new Loaded(value, begun.at(), ended, snapshot(lease, begun)));
  }

  /** Ends the leases of a loader whose result is of no use. */
  LoadException refused(String why, List<Lease> leases, Begun begun) {
    return refused(why, null, leases, begun);
  }

  private LoadException refused(
      String why, @Nullable Exception named, List<Lease> leases, Begun begun) {
    LoadException refused = new LoadException(why + ", in group " + group, named);
    Each.of(leases, lease -> lease.fail(refused, begun.at()));
    return refused;
  }

  /**
   * Returns how long before the lease the snapshot began that was read from until now. The
   * transaction may have begun within the loader, or have written in it.
   */
  long snapshot(Lease lease, Begun begun) {
    long now = ticker.nanos();
    long ageNow = loaders.transactionAge(now);
    long ageBefore = begun.transactionAge();
    if (ageBefore == Loaded.UNKNOWN || ageNow == Loaded.UNKNOWN) {
      return Loaded.UNKNOWN;
    }
    long earlier =
        Math.max(lease.given() - (begun.at() - ageBefore), lease.given() - (now - ageNow));
    boolean inTransaction = ageBefore > 0 || ageNow > 0;
    return inTransaction ? Math.max(0, earlier) : 0;
  }
}
