package geecache;

import geecache.cache.CacheKind;
import java.util.List;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Searches the interleavings of changes that come in another order than that of their stamps, as
 * {@link RemovalRacesTest} does.
 *
 * <p>The source says 0 forever. A variable with a stamp has the same answers as one key: a set is
 * carried out unless the variable was set, or all was cleared, with a later stamp; a clearing or a
 * removal unless the variable was set with a later one.
 *
 * <p>To have the classes ready to be stepped through takes Lincheck longer than a hundred schedules
 * of a scenario. So there is one search for all stores, and a scenario begins with the choice of
 * one; those that are drawn ({@code -Draces.scenarios}) have the one of {@code -Draces.kind}.
 */
@Tag("alone")
class StampRacesTest {
  private static final Stamp EARLIER = new Stamp(7, 1);
  private static final Stamp LATER = new Stamp(10, 1);

  @Test
  void noScheduleMixesUpTheOrderOfStamps() {
    ModelCheckingOptions search = Races.stepped(Variable.class);
    for (String kind : List.of("lru", "caffeine", "value")) {
      for (String earlier : List.of("clear", "remove", "set")) {
        search.addCustomScenario(
            Races.scenario(
                Told.class, List.of(kind), List.of("setLater", "read"), List.of(earlier)));
      }
      search
          .addCustomScenario(
              Races.scenario(
                  Told.class,
                  List.of(kind, "setLater"),
                  List.of("read", "read"),
                  List.of("clear", "remove")))
          .addCustomScenario(
              Races.scenario(
                  Told.class, List.of(kind), List.of("set", "read"), List.of("clearLater")))
          .addCustomScenario(
              Races.scenario(
                  Told.class,
                  List.of(kind, "set"),
                  List.of("read", "read"),
                  List.of("clear", "clearLater")));
    }
    search.check(Told.class);
  }

  /** What one key is to look like. */
  public static class Variable {
    private int value;
    private @Nullable Stamp stamp;
    private @Nullable Stamp cleared;

    public void lru() {}

    public void caffeine() {}

    public void value() {}

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
  public static class Told {
    private final Group lru = group(CacheKind.LRU);
    private final Group caffeine = group(CacheKind.CAFFEINE);
    private final Group value = group(CacheKind.VALUE);
    private Group group = group(Races.KIND);

    private static Group group(CacheKind store) {
      return Races.group(store, 0, key -> new byte[1]);
    }

    public void lru() {
      group = lru;
    }

    public void caffeine() {
      group = caffeine;
    }

    public void value() {
      group = value;
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
}
