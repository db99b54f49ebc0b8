package geecache;

import geecache.cache.CacheKind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
  private static final List<String> NONE = List.of();
  private static final List<String> READ = List.of("read");
  private static final List<String> SET_READ = List.of("set", "read");

  static Stream<Class<?>> sources() {
    return Stream.concat(
        Stream.of(RefreshedLruSource.class, PeekedSource.class),
        Races.ofStores(CaffeineSource.class, ValuedSource.class));
  }

  static Stream<Class<?>> copies() {
    return Races.ofStores(CopiedCaffeineSource.class, CopiedLruSource.class);
  }

  static Stream<Class<?>> settables() {
    return Races.ofStores(SettableCaffeine.class, SettableValue.class, SettableLru.class);
  }

  @ParameterizedTest
  @MethodSource("sources")
  void noScheduleBringsBackWhatWasRemoved(Class<?> register) {
    Races.stepped(Register.class)
        .addCustomScenario(Races.scenario(register, "write", "read"))
        .addCustomScenario(Races.scenario(register, "writeAndClear", "read"))
        .addCustomScenario(Races.scenario(register, "writeAndClear"))
        .check(register);
  }

  @ParameterizedTest
  @MethodSource("copies")
  void noScheduleBringsBackACopyOfWhatWasRemoved(Class<?> register) {
    Races.stepped(Register.class)
        .addCustomScenario(Races.scenario(register, "write", "read"))
        .addCustomScenario(Races.scenario(register, "writeAndClear", "read"))
        .addCustomScenario(Races.scenario(register, "writeAndClear"))
        .check(register);
  }

  @ParameterizedTest
  @MethodSource("settables")
  void noScheduleLosesWhatWasSet(Class<?> register) {
    Races.stepped(Register.class)
        .addCustomScenario(Races.scenario(register, "set"))
        .addCustomScenario(Races.scenario(register, NONE, SET_READ, List.of("clear")))
        .addCustomScenario(Races.scenario(register, List.of("set"), READ, List.of("clear")))
        .check(register);
  }

  @ParameterizedTest
  @ValueSource(classes = CaffeineSource.class)
  void noFreeRunBringsBackWhatWasRemoved(Class<?> register) {
    Races.free(Register.class)
        .addCustomScenario(Races.scenario(register, "write"))
        .addCustomScenario(Races.scenario(register, "writeAndClear"))
        .check(register);
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

    public void clear() {
      value = 0;
    }

    public int read() {
      return value;
    }
  }

  /** The source changes, and then the group is told. */
  @Param(name = "v", gen = IntGen.class, conf = "1:9")
  public abstract static class Source {
    private volatile int source;
    private final Group group;

    Source(CacheKind store, long timeToLive) {
      group = Races.group(store, timeToLive, key -> new byte[] {(byte) source});
    }

    /** The source is that of the former owner. */
    Source() {
      group = Races.group(CacheKind.CAFFEINE, 0, key -> new byte[] {9}, new Peeked(() -> source));
    }

    /** The source is a peer's, and whatever it answers is copied. */
    Source(CacheKind store) {
      group =
          Races.group(store, 0, key -> new byte[] {9}, new FakePeers(new Answering(() -> source)));
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
      return Races.valueOf(group);
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

  public static class ValuedSource extends Source {
    public ValuedSource() {
      super(CacheKind.VALUE, 0);
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
  private record Answering(IntSupplier source) implements FuturePeer {
    @Override
    public String url() {
      return "http://owner";
    }

    @Override
    public CompletableFuture<PeerValue> get(LocalGroup group, String key, Question asked) {
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
      group = Races.group(store, 0, key -> new byte[1]);
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
    public void clear() throws CacheException {
      group.clear();
    }

    @Operation
    public int read() throws CacheException {
      return Races.valueOf(group);
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

  public static class SettableValue extends Settable {
    public SettableValue() {
      super(CacheKind.VALUE);
    }
  }
}
