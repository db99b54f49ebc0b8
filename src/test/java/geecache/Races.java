package geecache;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import geecache.cache.CacheKind;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * Searches the interleavings of two threads that use one key of a group. Lincheck runs scenarios,
 * steps through their schedules or lets them run free, and looks for an order of the operations,
 * each within its time, by which a plain variable gives the same answers.
 */
final class Races {
  private static final int SCENARIOS = Integer.getInteger("races.scenarios", 0);
  private static final int SCHEDULES = Integer.getInteger("races.schedules", 120);

  /** In how many of the stores a property is looked for, the default one first. */
  private static final int STORES = Integer.getInteger("races.stores", CacheKind.values().length);

  /** A free run is that much cheaper than one that is stepped through. */
  private static final int FREE_RUNS = 100;

  /**
   * What the property does not hang on, by the letter or because a lock is held around it. No
   * schedule switches threads in these, so that a few schedules go a long way.
   */
  private static final String[] ASIDE = {
    WaitGraph.class.getName(),
    Counters.class.getName(),
    HandTimer.class.getName(),
    HeapSize.class.getName(),
    HotKeySketch.class.getName(),
    StackRoom.class.getName(),
    Utf8.class.getName(),
    "geecache.HandTimer$Delay",
    "geecache.cache.LoadCosts",
    "java.util.ArrayDeque",
    "java.util.ArrayList",
    "java.util.HashMap",
    "java.util.LinkedHashMap",
    "java.util.concurrent.ConcurrentHashMap$KeySetView",
    "java.util.concurrent.FutureTask",
    "java.util.concurrent.atomic.LongAdder",
  };

  private Races() {}

  /** Steps through the schedules of the scenarios that are added. */
  static ModelCheckingOptions stepped(Class<?> specification) {
    return of(new ModelCheckingOptions(), specification)
        .invocationsPerIteration(SCHEDULES)
        .addGuarantee(forClasses(ASIDE).allMethods().ignore())
        .addGuarantee(
            forClasses(LoaderThreads.class.getName())
                .methods("currentFlight", "setCurrentFlight", "after")
                .ignore())
        .addGuarantee(
            forClasses(FakePeers.class.getName())
                .methods("pick", "pickInstead", "peek", "owns", "view")
                .ignore())
        .addGuarantee(forClasses(Flight.class.getName()).methods("enter", "leave").ignore());
  }

  /** Lets the scenarios that are added run free. */
  static StressOptions free(Class<?> specification) {
    return of(new StressOptions(), specification).invocationsPerIteration(SCHEDULES * FREE_RUNS);
  }

  /** Returns the registers that are to be searched, of those with one store each. */
  static Stream<Class<?>> ofStores(Class<?>... registers) {
    return Stream.of(registers).limit(STORES);
  }

  private static <O extends Options<O, ?>> O of(O options, Class<?> specification) {
    return options
        .iterations(SCENARIOS)
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(2)
        .actorsAfter(1)
        .sequentialSpecification(specification);
  }

  /** One thread reads, another does {@code others}, and when both are done one reads again. */
  static ExecutionScenario scenario(Class<?> register, String... others) {
    return scenario(register, List.of(), List.of("read"), List.of(others));
  }

  /** Does {@code before}; then two threads their parts; and when both are done one reads. */
  static ExecutionScenario scenario(
      Class<?> register, List<String> before, List<String> one, List<String> other) {
    return new ExecutionScenario(
        actors(register, before),
        List.of(actors(register, one), actors(register, other)),
        actors(register, List.of("read")),
        null);
  }

  private static List<Actor> actors(Class<?> register, List<String> operations) {
    return operations.stream().map(operation -> actor(register, operation)).toList();
  }

  private static Actor actor(Class<?> register, String operation) {
    Method method =
        Stream.of(register.getMethods())
            .filter(m -> m.getName().equals(operation))
            .findFirst()
            .orElseThrow();
    List<Integer> arguments = method.getParameterCount() == 0 ? List.of() : List.of(1);
    return new Actor(method, arguments, false, false, false, false, false);
  }

  /** The group; its time to live is 0, or begins to end with the next reading of its clock. */
  static Group group(CacheKind store, long timeToLive, Getter getter) {
    return group(store, timeToLive, getter, new NoPeers());
  }

  static Group group(CacheKind store, long timeToLive, Getter getter, Cluster peers) {
    Duration never = Duration.ofDays(1);
    GroupSettings settings =
        new GroupSettings(
            0,
            1,
            timeToLive,
            0,
            0,
            Math.max(0, timeToLive - 1),
            0,
            0,
            never.toNanos(),
            true,
            never,
            never,
            never,
            4,
            1,
            4,
            64,
            1 << 10,
            store,
            "application/octet-stream",
            "");
    NodeParts node =
        NodeParts.of(
            new AtomicLong()::incrementAndGet,
            new LoaderThreads(new CallersThread(Runnable::run), new HandTimer()));
    node.cluster().set(peers);
    return new Group(new GroupEngine("races", settings, getter, node));
  }

  static int valueOf(Group group) throws CacheException {
    return group.get("k").at(0);
  }
}
