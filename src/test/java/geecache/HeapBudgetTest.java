package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import geecache.GroupBuilder.Store;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise of a budget: a group uses as much of the heap as it reports. */
@Tag("alone")
class HeapBudgetTest {
  private static final int KEYS = 1_000_000;
  private static final long BUDGET = 256L << 20;

  @ParameterizedTest
  @EnumSource(Store.class)
  void aMillionEntriesOfAHundredBytesKeepToTheirBudget(Store store) throws Exception {
    try (Geecache node = new Geecache(Ticker.system(), 1)) {
      Group values =
          node.group("values").maxBytes(BUDGET).store(store).register(key -> new byte[100]);
      // A getter's own gets run on its thread: a million loads without a change of threads.
      Group all =
          node.group("all")
              .loadTimeout(Duration.ofMinutes(5))
              .waitTimeout(Duration.ofMinutes(5))
              .register(
                  count -> {
                    for (int i = 0; i < Integer.parseInt(count); i++) {
                      values.get("key" + (1_000_000 + i));
                    }
                    return new byte[0];
                  });
      all.get("1000");
      values.clear();
      long before = usedHeap();

      all.get(String.valueOf(KEYS));
      GroupStats stats = values.stats();
      long held = usedHeap() - before;

      assertThat(stats.bytes()).isLessThanOrEqualTo(BUDGET).isCloseTo(BUDGET, withinPercentage(1));
      assertThat(held)
          .as("%d entries", stats.entries())
          .isCloseTo(stats.bytes(), withinPercentage(15));
      assertThat(values.get("key" + (1_000_000 + KEYS)).length()).isEqualTo(100);
    }
  }

  /** Collects until an unreachable object is gone, and then once more. */
  private static long usedHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    WeakReference<Object> garbage = new WeakReference<>(new Object());
    while (garbage.get() != null) {
      memory.gc();
    }
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
