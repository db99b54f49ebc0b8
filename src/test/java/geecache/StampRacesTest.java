package geecache;

import geecache.cache.CacheKind;
import java.util.List;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Searches the interleavings of changes that come in another order than that of their stamps, as
 * {@link RemovalRacesTest} does.
 *
 * <p>The source says 0 forever. A variable with a stamp has the same answers as one key: a set is
 * carried out unless the variable was set, or all was cleared, with a later stamp; a clearing or a
 * removal unless the variable was set with a later one.
 */
@Tag("alone")
class StampRacesTest {
  private static final Stamp EARLIER = new Stamp(7, 1);
  private static final Stamp LATER = new Stamp(10, 1);

  static Stream<Class<?>> registers() {
    return Races.ofStores(Caffeine.class, Value.class, Lru.class);
  }

  /** To have the classes ready takes Lincheck longer than the schedules: so one search a store. */
  @ParameterizedTest
  @MethodSource("registers")
  void noScheduleMixesUpTheOrderOfStamps(Class<?> register) {
    Races.stepped(Variable.class)
        .addCustomScenario(
            Races.scenario(register, List.of(), List.of("setLater", "read"), List.of("clear")))
        .addCustomScenario(
            Races.scenario(register, List.of(), List.of("setLater", "read"), List.of("remove")))
        .addCustomScenario(
            Races.scenario(register, List.of(), List.of("setLater", "read"), List.of("set")))
        .addCustomScenario(
            Races.scenario(
                register, List.of("setLater"), List.of("read", "read"), List.of("clear", "remove")))
        .addCustomScenario(
            Races.scenario(register, List.of(), List.of("set", "read"), List.of("clearLater")))
        .addCustomScenario(
            Races.scenario(
                register, List.of("set"), List.of("read", "read"), List.of("clear", "clearLater")))
        .check(register);
  }

  /** What one key is to look like. */
  public static class Variable {
    private int value;
    private @Nullable Stamp stamp;
    private @Nullable Stamp cleared;

    public void set() {
      set(1, EARLIER);
    }

    public void setLater() {
      set(2, LATER);
    }

    private void set(int v, Stamp change) {
      if (change.isAfter(stamp) && change.isAfter(cleared)) {
        value = v;
        stamp = change;
      }
    }

    public void remove() {
      removeAt(EARLIER);
    }

    private void removeAt(Stamp change) {
      if (change.isAfter(stamp)) {
        value = 0;
        stamp = null;
      }
    }

    public void clear() {
      clearAt(EARLIER);
    }

    public void clearLater() {
      clearAt(LATER);
    }

    private void clearAt(Stamp change) {
      removeAt(change);
      cleared = change.isAfter(cleared) ? change : cleared;
    }

    public int read() {
      return value;
    }
  }

  /** One key of a group that others tell of changes. */
  public abstract static class Told {
    private final Group group;

    Told(CacheKind store) {
      group = Races.group(store, 0, key -> new byte[1]);
    }

    @Operation
    public void set() {
      group.engine.set("k", ByteView.of(new byte[] {1}), null, EARLIER);
    }

    @Operation
    public void setLater() {
      group.engine.set("k", ByteView.of(new byte[] {2}), null, LATER);
    }

    @Operation
    public void remove() {
      group.engine.remove("k", EARLIER);
    }

    @Operation
    public void clear() {
      group.engine.clear(EARLIER);
    }

    @Operation
    public void clearLater() {
      group.engine.clear(LATER);
    }

    @Operation
    public int read() throws CacheException {
      return Races.valueOf(group);
    }
  }

  public static class Lru extends Told {
    public Lru() {
      super(CacheKind.LRU);
    }
  }

  public static class Caffeine extends Told {
    public Caffeine() {
      super(CacheKind.CAFFEINE);
    }
  }

  public static class Value extends Told {
    public Value() {
      super(CacheKind.VALUE);
    }
  }
}
