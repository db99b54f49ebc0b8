package geecache.simulation;

import geecache.ByteView;
import geecache.CacheException;
import geecache.Group;
import geecache.NotReachedException;
import geecache.cluster.SimulatedNode;
import geecache.simulation.Promises.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Those who call the nodes, each one operation after the other, and note what they saw. */
final class Callers {
  /** How much longer than its wait a get may take: a few readings of the clock. */
  private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(100);

  /** A change tells owners, then all others, then those that only others know. */
  private static final long CHANGE_LIMIT = TimeUnit.MILLISECONDS.toNanos(10 * Setup.TIMEOUT + 500);

  private final Simulation simulation;
  private final LeaseChecks leases;
  private final List<Caller> callers = new ArrayList<>();
  private int operations;

  Callers(Simulation simulation) {
    this.simulation = simulation;
    this.leases = new LeaseChecks(simulation);
    Map<Integer, Caller> byNumber = new TreeMap<>();
    for (Operation operation : simulation.plan.operations()) {
      byNumber.computeIfAbsent(operation.caller(), n -> new Caller()).operations.add(operation);
    }
    callers.addAll(byNumber.values());
  }

  private static final class Caller {
    final List<Operation> operations = new ArrayList<>();
    int next;

    /** The node that it calls now; null if none. */
    @Nullable Incarnation at;

    /** The change that it makes now; null if none. */
    @Nullable Change change;

    boolean ended;
  }

  void begin() {
    callers.forEach(caller -> simulation.world.start(() -> run(caller)));
  }

  boolean haveEnded() {
    return callers.stream().allMatch(caller -> caller.ended);
  }

  /** Returns how many operations were carried out. */
  int operations() {
    return operations;
  }

  /** Has the callers go on that called a node which has ended without a word. */
  void lose(Incarnation node) {
    for (Caller caller : callers) {
      if (caller.at == node) {
        if (caller.change != null) {
          end(caller.change, Change.End.LOST, 0);
        }
        caller.at = null;
        caller.change = null;
        simulation.world.start(() -> run(caller));
      }
    }
  }

  private void run(Caller caller) {
    while (caller.next < caller.operations.size()) {
      Operation next = caller.operations.get(caller.next++);
      long wait = 1_000 * next.at() - simulation.world.now();
      try {
        if (wait > 0) {
          simulation.world.sleep(Duration.ofNanos(wait));
        }
      } catch (InterruptedException impossible) {
        throw new AssertionError(impossible);
      }
      int node = readyFrom(next.node());
      if (node >= 0) {
        operations++;
        perform(caller, next.at(node));
      }
    }
    caller.ended = true;
  }

  /** Returns a node, or the next one that is ready if that is not; -1 if none is. */
  private int readyFrom(int node) {
    int nodes = simulation.setup.nodes();
    return IntStream.range(node, node + nodes)
        .map(i -> i % nodes)
        .filter(simulation::isReady)
        .findFirst()
        .orElse(-1);
  }

  private void perform(Caller caller, Operation operation) {
    caller.at = simulation.history.node(operation.node());
    long called = simulation.world.now();
    simulation.tell(() -> operation + " ...");
    if (operation.kind().isGet()) {
      get(caller.at, operation);
    } else {
      change(caller, operation);
    }
    caller.at = null;
    long limit =
        operation.kind().isGet()
            ? TimeUnit.MILLISECONDS.toNanos(simulation.setup.waitTimeout()) + SLACK
            : CHANGE_LIMIT;
    long took = simulation.world.now() - called;
    if (!operation.kind().canLoad() && !simulation.stoodStill(operation.node(), called)) {
      simulation.exercised.add(Property.P6);
      if (took > limit) {
        simulation.report(
            Property.P6, Breach.NO_KEY, "%s took %s".formatted(operation, Duration.ofNanos(took)));
      }
    }
  }

  private <T> T call(SimulatedNode node, Callable<T> task) throws CacheException {
    try {
      return node.process().call(task);
    } catch (CacheException | RuntimeException known) {
      throw known;
    } catch (Exception impossible) {
      throw new AssertionError(impossible);
    }
  }

  private void get(Incarnation at, Operation operation) {
    History history = simulation.history;
    SimulatedNode node = simulation.node(operation.node());
    long begin = history.step();
    long beginNanos = simulation.world.now();
    Exercise exercise = new Exercise(simulation, at, begin, beginNanos);
    operation.keys().forEach(exercise::begin);
    operation.keys().forEach(key -> simulation.source.beginGet(key, beginNanos));
    CallerLoader loader = new CallerLoader(simulation, at, operation.kind());
    CacheException failure = null;
    try {
      Group group = node.group(Simulation.GROUP);
      Map<String, ByteView> values = call(node, () -> values(group, operation, loader));
      simulation.noteMeetings();
      for (int key : operation.keys()) {
        ByteView value = values.get(Keys.name(key));
        if (value == null && mayBeAbsent(operation)) {
          continue;
        }
        int version = value == null ? -1 : Source.version(key, value);
        history.mix(version);
        simulation.tell(
            () -> "  caller %d: %s is %d".formatted(operation.caller(), Keys.name(key), version));
        Seen seen = new Seen(at, key, version, begin, beginNanos);
        see(seen, node, value != null && Source.isByCaller(value));
        simulation.checkRelease(at, key, value);
        exercise.end(key);
      }
    } catch (CacheException failed) {
      failure = failed;
      history.mix(-2);
      simulation.tell(() -> "  caller %d: %s".formatted(operation.caller(), failed));
    }
    operation.keys().forEach(key -> simulation.source.endGet(key, beginNanos));
    if (operation.kind().canLoad()) {
      leases.checkEnd(operation, loader, failure);
    }
  }

  private static Map<String, ByteView> values(Group group, Operation operation, CallerLoader loader)
      throws CacheException, InterruptedException {
    if (operation.kind() == Operation.Kind.GET_ALL) {
      return group.getAll(Keys.names(operation.keys()));
    }
    String key = Keys.name(operation.keys().get(0));
    ByteView value =
        switch (operation.kind()) {
          case GET -> group.get(key);
          case LOOK -> group.getIfPresent(key).orElse(null);
          default -> loader.get(group, key);
        };
    return value == null ? Map.of() : Map.of(key, value);
  }

  /** Whether it need not see a value: it loads nothing, or its own load failed. */
  private boolean mayBeAbsent(Operation operation) {
    return simulation.setup.leasing().withoutGetter()
        || operation.kind() == Operation.Kind.LOOK
        || operation.kind().canLoad();
  }

  private void see(Seen seen, SimulatedNode node, boolean isByCaller) {
    if (seen.version() < 0) {
      simulation.report(Property.P1, seen.key(), seen + ": that is no value of this key");
      return;
    }
    boolean inMemory = simulation.setup.isMemoryKey(seen.key());
    Breach breach =
        inMemory
            ? simulation.promises.checkInMemory(seen, node.owns(Keys.name(seen.key())))
            : simulation.promises.check(seen);
    simulation.report(breach == null || !isByCaller ? breach : breach.as(Property.L1));
  }

  private void change(Caller caller, Operation operation) {
    SimulatedNode node = simulation.node(operation.node());
    Group group = node.group(Simulation.GROUP);
    int[] bounds = bounds(operation);
    long now = simulation.world.now();
    Change change =
        new Change(
            operation,
            caller.at,
            simulation.history.step(),
            now,
            bounds,
            simulation.lists.shown(operation.node()),
            simulation.lists.left(operation.node(), now));
    simulation.history.begin(change);
    caller.change = change;
    try {
      int release = caller.at.release;
      boolean made = call(node, () -> make(group, operation, bounds, release));
      end(change, made ? Change.End.ACKNOWLEDGED : Change.End.NEEDLESS, 0);
      if (made && operation.kind() == Operation.Kind.PUT) {
        simulation.checkPut(change, operation.keys().get(0));
      }
    } catch (NotReachedException missed) {
      end(change, Change.End.ACKNOWLEDGED, named(missed));
    } catch (CacheException | IllegalStateException failed) {
      end(change, Change.End.LOST, 0);
    }
    caller.change = null;
  }

  private int[] bounds(Operation operation) {
    int[] bounds = new int[Keys.COUNT];
    Arrays.fill(bounds, -1);
    if (operation.writes()) {
      operation.keys().forEach(simulation.source::write);
    }
    if (operation.kind() == Operation.Kind.CLEAR) {
      for (int key = 0; key < simulation.setup.keys(); key++) {
        bounds[key] = simulation.source.version(key);
      }
    }
    for (int key : operation.keys()) {
      boolean onlySet = operation.kind().isSet() && simulation.setup.isMemoryKey(key);
      bounds[key] = onlySet ? simulation.nextInMemory(key) : simulation.source.version(key);
    }
    return bounds;
  }

  /** Returns false if nothing was done, since there was a value. */
  private static boolean make(Group group, Operation operation, int[] bounds, int release)
      throws NotReachedException, geecache.OverloadedException {
    List<Integer> keys = operation.keys();
    switch (operation.kind()) {
      case SET -> {
        int key = keys.get(0);
        group.set(Keys.name(key), ByteView.of(Source.bytes(key, bounds[key], release)), null);
      }
      case PUT -> {
        int key = keys.get(0);
        ByteView value = ByteView.of(Source.bytes(key, bounds[key], release));
        return group.putIfAbsent(Keys.name(key), value, null);
      }
      case REMOVE -> group.remove(Keys.name(keys.get(0)));
      case REMOVE_ALL -> group.removeAll(Keys.names(keys));
      case CLEAR -> group.clear();
      default -> throw new AssertionError(operation);
    }
    return true;
  }

  private int named(NotReachedException missed) {
    return Nodes.each(simulation.plan.nodes())
        .filter(i -> missed.nodes().contains(simulation.node(i).url()))
        .map(Nodes::of)
        .sum();
  }

  private void end(Change change, Change.End how, int named) {
    change.how = how;
    change.named = named;
    change.members |= simulation.lists.shown(change.by.node);
    change.end = simulation.history.step();
    change.endNanos = simulation.world.now();
    change.unreached =
        simulation.history.living().stream()
            .filter(node -> !simulation.promises.hadToKnowAtTheEnd(change, node))
            .toList();
    simulation.history.mix(named + 1_000L * how.ordinal());
    simulation.tell(() -> "  " + change);
  }
}
