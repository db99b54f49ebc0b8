package geecache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ValueCacheTest extends CacheContract {
  private static final int SIZE = 10;

  @Override
  <V> Cache<V> make(long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction) {
    return new ValueCache<>(maxBytes, weigher, onEviction);
  }

  private final List<String> evicted = new ArrayList<>();

  private ValueCache<Integer> sized(long maxBytes) {
    return new ValueCache<>(maxBytes, (key, size) -> size, (key, size) -> evicted.add(key));
  }

  private static void put(Cache<Integer> cache, String key, int size) {
    cache.compute(key, present -> size);
  }

  private static void ask(Cache<Integer> cache, String key, int times) {
    for (int i = 0; i < times; i++) {
      cache.get(key);
    }
  }

  /** Inserts and removes, so that time passes. */
  private static void passTime(Cache<Integer> cache) {
    for (int i = 0; i < 1000; i++) {
      put(cache, "passing", 0);
      cache.compute("passing", present -> null);
    }
  }

  /** As few entries as are all compared before one goes. */
  private ValueCache<Integer> four() {
    ValueCache<Integer> cache = sized(4 * SIZE);
    for (String key : List.of("a", "b", "c", "d")) {
      put(cache, key, SIZE);
    }
    return cache;
  }

  @Test
  void whatIsRarelyAskedForGoes() {
    ValueCache<Integer> cache = four();
    ask(cache, "a", 1);
    ask(cache, "c", 2);
    ask(cache, "d", 3);
    passTime(cache);
    put(cache, "new", SIZE);
    assertThat(evicted).containsExactly("b");
    assertThat(cache.hottest().keySet()).containsExactly("new", "d", "c", "a");
  }

  @Test
  void whatAnEntryIsKeptForIsToldWithoutAUse() {
    ValueCache<Integer> cache = sized(100);
    assertThat(cache.worthOf("a")).isNull();
    cache.compute("a", 1_000_000, present -> SIZE);
    ask(cache, "a", 2);
    Cache.Worth worth = cache.worthOf("a");
    assertThat(worth.frequency()).isEqualTo(3);
    assertThat(worth.costNanos()).isBetween(875_000L, 1_000_000L);
    assertThat(worth.worth()).isPositive();
    cache.peek("a");
    assertThat(cache.worthOf("a")).isEqualTo(worth);
  }

  @Test
  void whatIsLargeGoes() {
    ValueCache<Integer> cache = sized(70);
    put(cache, "small", 10);
    put(cache, "large", 40);
    put(cache, "medium", 20);
    passTime(cache);
    put(cache, "new", 10);
    assertThat(evicted).containsExactly("large");
  }

  @Test
  void whatWasAskedForLongAgoGoes() {
    ValueCache<Integer> cache = four();
    assertTimePasses(cache);
  }

  /** Of the four entries, the one goes that was asked for before some time passed. */
  private void assertTimePasses(ValueCache<Integer> cache) {
    passTime(cache);
    ask(cache, "a", 1);
    ask(cache, "b", 1);
    ask(cache, "d", 1);
    put(cache, "new", SIZE);
    assertThat(evicted).containsExactly("c");
  }

  /** One of them notices that it is time for a tick, and the others go on counting meanwhile. */
  @Test
  void timePassesAlsoAfterManyThreadsHaveInserted() throws Exception {
    ValueCache<Integer> cache = four();
    inParallel(
        4,
        thread -> {
          for (int i = 0; i < 100_000; i++) {
            put(cache, "passing " + thread, 0);
            cache.compute("passing " + thread, present -> null);
          }
        });
    ask(cache, "c", 3);
    assertTimePasses(cache);
  }

  @Test
  void whatIsLoadedInNoTimeGoes() {
    ValueCache<Integer> cache = sized(4 * SIZE);
    for (int i = 0; i < 64; i++) { // Enough to tell what loads cost.
      for (String key : List.of("a", "b", "c", "d")) {
        cache.compute(key, key.equals("b") ? 1_000_000 : 100_000_000, present -> SIZE);
      }
    }
    passTime(cache);
    cache.compute("new", 100_000_000, present -> SIZE);
    assertThat(evicted).containsExactly("b");
  }

  @Test
  void whatIsOverGoesFirst() {
    Set<Integer> over = new HashSet<>();
    ValueCache<Integer> cache =
        new ValueCache<>(
            30,
            new Cache.Weigher<>() {
              @Override
              public int bytes(String key, Integer value) {
                return SIZE;
              }

              @Override
              public Predicate<Integer> over() {
                return over::contains;
              }
            },
            (key, value) -> evicted.add(key));
    put(cache, "a", 1);
    put(cache, "b", 2);
    put(cache, "c", 3);
    ask(cache, "b", 9);
    over.add(2);
    put(cache, "new", 4);
    assertThat(evicted).containsExactly("b");
  }

  @Test
  void aKeyThatComesBackIsKnown() {
    ValueCache<Integer> cache = four();
    ask(cache, "a", 8);
    cache.compute("a", present -> null);
    put(cache, "a", SIZE);
    passTime(cache);
    put(cache, "new", SIZE);
    assertThat(evicted).isNotEmpty().doesNotContain("a");
    assertThat(cache.hottest().keySet()).startsWith("new", "a");
  }

  @Test
  void keysOfOneHashDoNotFillABucket() {
    ValueCache<Integer> cache = sized(0);
    List<String> keys = List.of("");
    for (int i = 0; i < 7; i++) {
      keys = keys.stream().flatMap(key -> List.of(key + "Aa", key + "BB").stream()).toList();
    }
    assertThat(keys)
        .hasSize(128)
        .allSatisfy(key -> assertThat(key).hasSameHashCodeAs("Aa".repeat(7)));
    for (String key : keys) {
      put(cache, key, SIZE);
    }
    assertThat(cache.entries()).isEqualTo(16);
    assertThat(evicted).hasSize(112);
    assertThat(cache.bytes()).isEqualTo(16 * SIZE);
  }

  @Test
  void aStoreThatWasFullOfEntriesFindsTheFewThatStay() {
    ValueCache<Integer> cache = sized(0);
    for (int i = 0; i < 100_000; i++) {
      put(cache, "k" + i, SIZE);
    }
    for (int i = 1; i < 100_000; i++) {
      cache.compute("k" + i, present -> null);
    }
    assertThat(cache.get("k0")).isEqualTo(SIZE);
    cache.bound(SIZE);
    put(cache, "new", SIZE);
    assertThat(cache.entries()).isEqualTo(1);
    assertThat(cache.bytes()).isEqualTo(SIZE);
  }

  @Test
  void theSumNeverExceedsTheBudgetByMoreThanWhatIsBeingInserted() throws Exception {
    int threads = 4;
    long budget = 10_000;
    ValueCache<Integer> cache = new ValueCache<>(budget, (key, size) -> size, (key, size) -> {});
    AtomicLong begun = new AtomicLong();
    AtomicLong ended = new AtomicLong();
    AtomicLong worst = new AtomicLong();
    inParallel(
        threads,
        thread -> {
          for (int i = 0; i < 20_000; i++) {
            int size = 1 + (i * 31 + thread) % 1000;
            begun.addAndGet(size);
            put(cache, "k" + (i * 7919 + thread) % 3000, size);
            // In this order, what was being stored at the sum is counted.
            long over = ended.get() + cache.bytes() - begun.get();
            worst.accumulateAndGet(over, Math::max);
            ended.addAndGet(size);
          }
        });
    assertThat(worst.get()).isLessThanOrEqualTo(budget);
    assertThat(cache.bytes()).isLessThanOrEqualTo(budget);
    long[] sum = {0};
    cache.forEach((key, size) -> sum[0] += size);
    assertThat(cache.bytes()).isEqualTo(sum[0]);
  }
}
