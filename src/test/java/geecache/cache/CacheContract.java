package geecache.cache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Callers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What any {@link Cache} keeps to. Here an entry's size is what its value says. */
abstract class CacheContract {
  private final Map<String, Integer> evicted = new ConcurrentHashMap<>();

  /** Makes the store under test. */
  abstract <V> Cache<V> make(
      long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction);

  private Cache<Integer> sized(long maxBytes) {
    return make(maxBytes, (key, size) -> size, evicted::put);
  }

  private static <V> void put(Cache<V> cache, String key, @Nullable V value) {
    cache.compute(key, present -> value);
  }

  @Test
  void whatIsPutIsThere() {
    Cache<Integer> cache = sized(100);
    assertThat(cache.get("a")).isNull();
    put(cache, "a", 10);
    put(cache, "b", 20);
    assertThat(cache.get("a")).isEqualTo(10);
    assertThat(cache.get("b")).isEqualTo(20);
    assertThat(cache.entries()).isEqualTo(2);
    assertThat(cache.bytes()).isEqualTo(30);
  }

  @Test
  void decidesByWhatIsThere() {
    Cache<Integer> cache = sized(100);
    List<@Nullable Integer> seen = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      int next = i;
      cache.compute(
          "a",
          present -> {
            seen.add(present);
            return next;
          });
    }
    assertThat(seen).containsExactly(null, 1, 2);
  }

  @Test
  void replacementKeepsTheCounts() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 10);
    put(cache, "a", 40);
    assertThat(cache.bytes()).isEqualTo(40);
    put(cache, "a", 5);
    assertThat(cache.bytes()).isEqualTo(5);
    assertThat(cache.entries()).isEqualTo(1);
    assertThat(evicted).isEmpty();
  }

  @Test
  void thePresentValueLeavesAllAsItIs() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 10);
    cache.compute("a", present -> present);
    assertThat(cache.get("a")).isEqualTo(10);
    assertThat(cache.bytes()).isEqualTo(10);
  }

  @Test
  void nullRemovesAndThatIsNoEviction() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 10);
    put(cache, "a", null);
    put(cache, "never there", null);
    assertThat(cache.get("a")).isNull();
    assertThat(cache.entries()).isZero();
    assertThat(cache.bytes()).isZero();
    assertThat(evicted).isEmpty();
  }

  @Test
  void clearRemovesAllAndThatIsNoEviction() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 10);
    put(cache, "b", 10);
    cache.clear();
    assertThat(cache.get("a")).isNull();
    assertThat(cache.entries()).isZero();
    assertThat(cache.bytes()).isZero();
    put(cache, "a", 10);
    assertThat(cache.bytes()).isEqualTo(10);
    assertThat(evicted).isEmpty();
  }

  @Test
  void theBudgetHoldsAndEvictionsAreTold() {
    Cache<Integer> cache = sized(100);
    for (int i = 0; i < 50; i++) {
      put(cache, "k" + i, 10);
      assertThat(cache.bytes()).isLessThanOrEqualTo(100);
    }
    assertThat(cache.entries()).isEqualTo(10);
    assertThat(evicted).hasSize(40).allSatisfy((key, size) -> assertThat(size).isEqualTo(10));
    assertThat(evicted.keySet()).allSatisfy(key -> assertThat(cache.get(key)).isNull());
  }

  @Test
  void aValueThatGrowsMakesOthersGo() {
    Cache<Integer> cache = sized(100);
    for (int i = 0; i < 10; i++) {
      put(cache, "k" + i, 10);
    }
    put(cache, "k9", 60);
    assertThat(cache.bytes()).isLessThanOrEqualTo(100);
    assertThat(evicted).isNotEmpty();
  }

  @Test
  void anEntryOfTheWholeBudgetFits() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 100);
    assertThat(cache.get("a")).isEqualTo(100);
    assertThat(cache.bytes()).isEqualTo(100);
  }

  @Test
  void anEntryOverTheBudgetIsNotKeptAndNothingElseGoes() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 10);
    put(cache, "b", 10);
    put(cache, "a", 101);
    put(cache, "c", 101);
    assertThat(cache.get("a")).isNull();
    assertThat(cache.get("c")).isNull();
    assertThat(cache.get("b")).isEqualTo(10);
    assertThat(cache.bytes()).isEqualTo(10);
    assertThat(evicted).as("it made no room for another").isEmpty();
  }

  @Test
  void zeroIsUnbounded() {
    Cache<Integer> cache = sized(0);
    put(cache, "a", Integer.MAX_VALUE);
    put(cache, "b", Integer.MAX_VALUE);
    put(cache, "c", Integer.MAX_VALUE);
    assertThat(cache.entries()).isEqualTo(3);
    assertThat(cache.bytes()).isEqualTo(3L * Integer.MAX_VALUE);
    assertThat(evicted).isEmpty();
  }

  @Test
  void aLowerBoundEvictsWhatIsTooMuchAndHoldsFromThenOn() {
    Cache<Integer> cache = sized(100);
    for (int i = 0; i < 10; i++) {
      put(cache, "k" + i, 10);
    }
    cache.bound(50);
    assertThat(cache.bytes()).isEqualTo(50);
    assertThat(cache.entries()).isEqualTo(5);
    assertThat(evicted).hasSize(5);
    for (int i = 10; i < 20; i++) {
      put(cache, "k" + i, 10);
      assertThat(cache.bytes()).isEqualTo(50);
    }
    put(cache, "too large", 51);
    assertThat(cache.get("too large")).isNull();
    assertThat(cache.entries()).isEqualTo(5);
  }

  @Test
  void aHigherBoundMakesRoom() {
    Cache<Integer> cache = sized(10);
    cache.bound(100);
    put(cache, "a", 60);
    put(cache, "b", 40);
    assertThat(cache.bytes()).isEqualTo(100);
    assertThat(evicted).isEmpty();
  }

  @Test
  void aBoundCanBeSetWhereThereWasNone() {
    Cache<Integer> cache = sized(0);
    for (int i = 0; i < 10; i++) {
      put(cache, "k" + i, 10);
    }
    cache.bound(30);
    assertThat(cache.entries()).isEqualTo(3);
    assertThat(evicted).hasSize(7);
  }

  @Test
  void keysAreThoseThatAreThere() {
    Cache<Integer> cache = sized(30);
    assertThat(cache.hottest().keySet()).isEmpty();
    put(cache, "a", 10);
    put(cache, "b", 10);
    put(cache, "c", 10);
    put(cache, "a", null);
    assertThat(cache.hottest().keySet()).containsExactlyInAnyOrder("b", "c");
    cache.bound(10);
    assertThat(cache.hottest().keySet()).hasSize(1).doesNotContainAnyElementsOf(evicted.keySet());
    cache.clear();
    assertThat(cache.hottest().keySet()).isEmpty();
  }

  /** As a walk that changes each of them does. */
  @Test
  void keysStayAsTheyWereWhileTheStoreChanges() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 10);
    put(cache, "b", 10);
    for (String key : cache.hottest().keySet()) {
      put(cache, key, null);
      put(cache, key + "'", 10);
    }
    assertThat(cache.hottest().keySet()).containsExactlyInAnyOrder("a'", "b'");
  }

  /** Another thread could not change the store if the action ran under a lock. */
  @Test
  void aWalkPassesEachEntryAndOtherThreadsMayChangeTheStore() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 10);
    put(cache, "b", 20);
    Map<String, Integer> seen = new HashMap<>();
    try (Callers others = new Callers()) {
      cache.forEach(
          (key, size) -> {
            seen.put(key, size);
            doneBy(others, () -> put(cache, key, size == 10 ? null : 30));
          });
    }
    assertThat(seen).isEqualTo(Map.of("a", 10, "b", 20));
    assertThat(cache.get("a")).isNull();
    assertThat(cache.get("b")).isEqualTo(30);
  }

  /** A walk over a large store takes long, and evictions that wait for it hold up callers. */
  @Test
  void aWalkAndAnEvictionDoNotWaitForEachOther() {
    List<String> seen = new CopyOnWriteArrayList<>();
    AtomicReference<Cache<Integer>> store = new AtomicReference<>();
    AtomicBoolean ended = new AtomicBoolean();
    try (Callers others = new Callers()) {
      store.set(
          make(
              10,
              (key, size) -> size,
              (key, size) -> {
                doneBy(others, () -> store.get().forEach((k, s) -> seen.add(k)));
                ended.set(true); // Caffeine logs what this throws, and goes on.
              }));
      put(store.get(), "a", 10);
      put(store.get(), "b", 10);
    }
    assertThat(ended).isTrue();
    assertThat(seen).isNotEmpty();
  }

  private static void doneBy(Callers others, Runnable step) {
    try {
      result(others.call(Executors.callable(step)));
    } catch (Exception failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void anEntryOfNoSizeIsAnEntry() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 0);
    assertThat(cache.get("a")).isZero();
    assertThat(cache.entries()).isEqualTo(1);
  }

  @Test
  void theWeigherIsToldKeyAndValue() {
    Cache<String> cache =
        make(100, (key, value) -> key.length() + value.length(), (key, value) -> {});
    put(cache, "key", "value");
    assertThat(cache.bytes()).isEqualTo(8);
  }

  @Test
  void refusesNegativeBudgetsAndSizes() {
    assertThatThrownBy(() -> sized(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> put(sized(1), "a", -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatDecideThrowsReachesTheCallerAndChangesNothing() {
    Cache<Integer> cache = sized(100);
    put(cache, "a", 10);
    IllegalStateException thrown = new IllegalStateException();
    assertThatThrownBy(
            () ->
                cache.compute(
                    "a",
                    present -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);
    assertThat(cache.get("a")).isEqualTo(10);
    assertThat(cache.bytes()).isEqualTo(10);
  }

  @Test
  void computeIsOneStepForItsKey() throws Exception {
    Cache<Integer> cache = make(0, (key, value) -> 1, (key, value) -> {});
    int threads = 4;
    int steps = 10_000;
    inParallel(
        threads,
        thread -> {
          for (int i = 0; i < steps; i++) {
            cache.compute("k" + i % 2, present -> present == null ? 1 : present + 1);
          }
        });
    assertThat(cache.get("k0")).isEqualTo(threads * steps / 2);
    assertThat(cache.get("k1")).isEqualTo(threads * steps / 2);
  }

  @Test
  void keepsItsCountsUnderThreads() throws Exception {
    AtomicInteger evictions = new AtomicInteger();
    Cache<Integer> cache =
        make(1_000, (key, value) -> 10, (key, value) -> evictions.incrementAndGet());
    int threads = 4;
    int puts = 10_000;
    inParallel(
        threads,
        thread -> {
          for (int i = 0; i < puts; i++) {
            put(cache, thread + "-" + i, i);
            cache.get(thread + "-" + (i - 5));
          }
        });
    assertThat(cache.bytes()).isEqualTo(1_000);
    assertThat(cache.entries()).isEqualTo(100);
    assertThat(evictions).hasValue(threads * puts - 100);
  }

  @FunctionalInterface
  interface Work {
    void of(int thread);
  }

  static void inParallel(int threads, Work work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<?>> workers = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        workers.add(
            pool.submit(
                () -> {
                  start.await();
                  work.of(thread);
                  return null;
                }));
      }
      start.countDown();
      for (Future<?> worker : workers) {
        worker.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void peekSeesWhatGetSees() {
    Cache<Integer> cache = sized(100);
    assertThat(cache.peek("a")).isNull();
    put(cache, "a", 10);
    assertThat(cache.peek("a")).isEqualTo(10);
    put(cache, "a", 20);
    assertThat(cache.peek("a")).isEqualTo(20);
    put(cache, "a", null);
    assertThat(cache.peek("a")).isNull();
  }

  /** The order of the entries is what it would be without. */
  @Test
  void peekIsNoUse() {
    Cache<Integer> one = sized(1_000);
    Cache<Integer> other = sized(1_000);
    for (int i = 0; i < 50; i++) {
      put(one, "k" + i, 10);
      put(other, "k" + i, 10);
    }
    for (int i = 0; i < 1_000; i++) {
      one.peek("k" + i % 10);
    }
    assertThat(List.copyOf(one.hottest().keySet()))
        .isEqualTo(List.copyOf(other.hottest().keySet()));
  }
}
