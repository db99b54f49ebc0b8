package geecache.cache;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Searches the interleavings of threads that use few keys of one stripe, whose table grows and
 * shrinks under them.
 */
@Tag("alone")
class ValueCacheRacesTest {
  private static final int SCENARIOS = Integer.getInteger("races.scenarios", 20);
  private static final int SCHEDULES = Integer.getInteger("races.schedules", 120);

  @Test
  void noScheduleTellsAnUnboundedStoreFromAMap() {
    new ModelCheckingOptions()
        .iterations(SCENARIOS)
        .invocationsPerIteration(SCHEDULES)
        .threads(3)
        .actorsBefore(4)
        .actorsPerThread(3)
        .actorsAfter(2)
        .sequentialSpecification(Model.class)
        .check(Store.class);
  }

  @Test
  void noFreeRunTellsAnUnboundedStoreFromAMap() {
    new StressOptions()
        .iterations(SCENARIOS)
        .invocationsPerIteration(SCHEDULES * 5)
        .threads(3)
        .actorsBefore(4)
        .actorsPerThread(4)
        .actorsAfter(2)
        .sequentialSpecification(Model.class)
        .check(Store.class);
  }

  /** More keys than the smallest table has buckets. */
  static final List<String> KEYS =
      IntStream.range(0, 10_000)
          .mapToObj(i -> "k" + i)
          .filter(key -> Stripe.hash(key) >>> 27 == 0)
          .limit(6)
          .toList();

  /** What the store is to look like. */
  public static class Model {
    private final Map<Integer, Integer> values = new HashMap<>();

    public @Nullable Integer get(int key) {
      return values.get(key);
    }

    public @Nullable Integer put(int key, int value) {
      return values.put(key, value);
    }

    public @Nullable Integer remove(int key) {
      return values.remove(key);
    }

    public void clear() {
      values.clear();
    }
  }

  /** Keys of one stripe. */
  @Param(name = "key", gen = IntGen.class, conf = "0:5")
  @Param(name = "value", gen = IntGen.class, conf = "1:9")
  public static class Store {
    private final Cache<Integer> cache = new ValueCache<>(0, (key, value) -> 1, (key, value) -> {});

    @Operation
    public @Nullable Integer get(@Param(name = "key") int key) {
      return cache.get(KEYS.get(key));
    }

    @Operation
    public @Nullable Integer put(@Param(name = "key") int key, @Param(name = "value") int value) {
      return change(key, value);
    }

    @Operation
    public @Nullable Integer remove(@Param(name = "key") int key) {
      return change(key, null);
    }

    private @Nullable Integer change(int key, @Nullable Integer value) {
      AtomicReference<Integer> former = new AtomicReference<>();
      cache.compute(
          KEYS.get(key),
          present -> {
            former.set(present);
            return value;
          });
      return former.get();
    }

    @Operation
    public void clear() {
      cache.clear();
    }
  }
}
