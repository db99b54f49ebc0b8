package geecache;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import geecache.cache.CacheKind;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Searches the interleavings of get, refresh, set, remove and clear for one that brings back a
 * value which was removed. {@code docs/decisions/0003-fences.md} has what it finds when a part of
 * the mechanism is taken out.
 *
 * <p>What is searched is one key of a group in front of a source of one number. Seen from outside,
 * both together are to be a register: to write is to change the source and then tell the group, to
 * read is to get. Lincheck runs scenarios of two threads, steps through their schedules or lets
 * them run free, and looks for an order of the operations, each within its time, by which a plain
 * variable gives the same answers. A getter that read the old number and stores it after a removal
 * has no such order.
 *
 * <pre>
 * mvn test -Dtest=RemovalRacesTest
 * mvn test -Dtest=RemovalRacesTest -Draces.scenarios=10 -Draces.schedules=1000
 * </pre>
 */
@Tag("alone")
class RemovalRacesTest {
  private static final int SCENARIOS = Integer.getInteger("races.scenarios", 0);
  private static final int SCHEDULES = Integer.getInteger("races.schedules", 120);

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
    Utf8.class.getName(),
    "geecache.HandTimer$Delay",
    "java.util.ArrayDeque",
    "java.util.ArrayList",
    "java.util.HashMap",
    "java.util.LinkedHashMap",
    "java.util.concurrent.ConcurrentHashMap$KeySetView",
    "java.util.concurrent.FutureTask",
    "java.util.concurrent.atomic.LongAdder",
  };

  @ParameterizedTest
  @ValueSource(classes = {RefreshedLruSource.class, CaffeineSource.class, PeekedSource.class})
  void noScheduleBringsBackWhatWasRemoved(Class<?> register) {
    stepped(register)
        .addCustomScenario(scenario(register, "write", "read"))
        .addCustomScenario(scenario(register, "writeAndClear", "read"))
        .addCustomScenario(scenario(register, "writeAndClear"))
        .check(register);
  }

  @ParameterizedTest
  @ValueSource(classes = {CopiedLruSource.class, CopiedCaffeineSource.class})
  void noScheduleBringsBackACopyOfWhatWasRemoved(Class<?> register) {
    stepped(register)
        .addCustomScenario(scenario(register, "write", "read"))
        .addCustomScenario(scenario(register, "writeAndClear", "read"))
        .addCustomScenario(scenario(register, "writeAndClear"))
        .check(register);
  }

  @ParameterizedTest
  @ValueSource(classes = {SettableLru.class, SettableCaffeine.class})
  void noScheduleLosesWhatWasSet(Class<?> register) {
    stepped(register).addCustomScenario(scenario(register, "set")).check(register);
  }

  @ParameterizedTest
  @ValueSource(classes = CaffeineSource.class)
  void noFreeRunBringsBackWhatWasRemoved(Class<?> register) {
    of(new StressOptions(), register)
        .invocationsPerIteration(SCHEDULES * FREE_RUNS)
        .addCustomScenario(scenario(register, "write"))
        .addCustomScenario(scenario(register, "writeAndClear"))
        .check(register);
  }

  private static ModelCheckingOptions stepped(Class<?> register) {
    return of(new ModelCheckingOptions(), register)
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

  private static <O extends Options<O, ?>> O of(O options, Class<?> register) {
    return options
        .iterations(SCENARIOS)
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(2)
        .actorsAfter(1)
        .sequentialSpecification(Register.class);
  }

  /** One thread reads, another does {@code others}, and when both are done one reads again. */
  private static ExecutionScenario scenario(Class<?> register, String... others) {
    Actor read = actor(register, "read");
    return new ExecutionScenario(
        List.of(),
        List.of(List.of(read), Stream.of(others).map(o -> actor(register, o)).toList()),
        List.of(read),
        null);
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

  /** What a group and its source are to look like. */
  public static class Register {
    private int value;

    public void write(int v) {
      value = v;
    }

    public void writeAndClear(int v) {
      value = v;
    }

    public void set(int v) {
      value = v;
    }

    public void remove() {
      value = 0;
    }

    public int read() {
      return value;
    }
  }

  /** The group; its time to live is 0, or begins to end with the next reading of its clock. */
  private static Group group(CacheKind store, long timeToLive, Getter getter) {
    return group(store, timeToLive, getter, new NoPeers());
  }

  private static Group group(CacheKind store, long timeToLive, Getter getter, Cluster peers) {
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
            4,
            4,
            store);
    NodeParts node =
        NodeParts.of(
            new AtomicLong()::incrementAndGet,
            new LoaderThreads(new CallersThread(Runnable::run), new HandTimer()));
    node.cluster().set(peers);
    return new Group(new GroupEngine("races", settings, getter, node));
  }

  private static int valueOf(Group group) throws CacheException {
    return group.get("k").at(0);
  }

  /** The source changes, and then the group is told. */
  @Param(name = "v", gen = IntGen.class, conf = "1:9")
  public abstract static class Source {
    private volatile int source;
    private final Group group;

    Source(CacheKind store, long timeToLive) {
      group = group(store, timeToLive, key -> new byte[] {(byte) source});
    }

    /** The source is that of the former owner. */
    Source() {
      group = group(CacheKind.CAFFEINE, 0, key -> new byte[] {9}, new Peeked(() -> source));
    }

    /** The source is a peer's, and whatever it answers is copied. */
    Source(CacheKind store) {
      group = group(store, 0, key -> new byte[] {9}, new FakePeers(new Answering(() -> source)));
      for (int i = 0; i < 16; i++) {
        group.getAsync("k");
        group.removeAsync("k");
      }
    }

    @Operation
    public void write(@Param(name = "v") int v) throws CacheException {
      source = v;
      group.remove("k");
    }

    @Operation
    public void writeAndClear(@Param(name = "v") int v) throws CacheException {
      source = v;
      group.clear();
    }

    @Operation
    public int read() throws CacheException {
      return valueOf(group);
    }
  }

  /** Each hit begins a load which renews the value. */
  public static class RefreshedLruSource extends Source {
    public RefreshedLruSource() {
      super(CacheKind.LRU, Duration.ofDays(1).toNanos());
    }
  }

  public static class CaffeineSource extends Source {
    public CaffeineSource() {
      super(CacheKind.CAFFEINE, 0);
    }
  }

  /** What is missing is asked of the node that owned the key until lately, and answered at once. */
  public static class PeekedSource extends Source {
    public PeekedSource() {
      super();
    }
  }

  /** A cluster in which this node has just become the owner of all. */
  private static final class Peeked extends FakePeers {
    private final IntSupplier source;

    Peeked(IntSupplier source) {
      super(new Answering(source));
      this.source = source;
      show(key -> true);
    }

    @Override
    public CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
      ByteView value = ByteView.of(new byte[] {(byte) source.getAsInt()});
      return CompletableFuture.completedFuture(new PeerValue(value, null, null, false, null));
    }
  }

  /** A peer that answers at once. */
  private record Answering(IntSupplier source) implements Peer {
    @Override
    public String url() {
      return "http://owner";
    }

    @Override
    public CompletableFuture<PeerValue> get(LocalGroup group, String key) {
      ByteView value = ByteView.of(new byte[] {(byte) source.getAsInt()});
      return CompletableFuture.completedFuture(new PeerValue(value, null, null, false, null));
    }
  }

  public static class CopiedLruSource extends Source {
    public CopiedLruSource() {
      super(CacheKind.LRU);
    }
  }

  public static class CopiedCaffeineSource extends Source {
    public CopiedCaffeineSource() {
      super(CacheKind.CAFFEINE);
    }
  }

  /** The source says 0 forever: only the group has values that were set. */
  @Param(name = "v", gen = IntGen.class, conf = "1:9")
  public abstract static class Settable {
    private final Group group;

    Settable(CacheKind store) {
      group = group(store, 0, key -> new byte[1]);
    }

    @Operation
    public void set(@Param(name = "v") int v) throws CacheException {
      group.set("k", ByteView.of(new byte[] {(byte) v}), null);
    }

    @Operation
    public void remove() throws CacheException {
      group.remove("k");
    }

    @Operation
    public int read() throws CacheException {
      return valueOf(group);
    }
  }

  public static class SettableLru extends Settable {
    public SettableLru() {
      super(CacheKind.LRU);
    }
  }

  public static class SettableCaffeine extends Settable {
    public SettableCaffeine() {
      super(CacheKind.CAFFEINE);
    }
  }
}
