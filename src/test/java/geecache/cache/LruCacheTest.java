package geecache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LruCacheTest {

  /** Another thread could not read the store if the callback ran under its lock. */
  @Test
  void theCallbackRunsOutsideTheLock() {
    List<String> seen = new ArrayList<>();
    LruCache<String>[] cache = newArray();
    cache[0] =
        new LruCache<>(
            10,
            (key, value) -> 10,
            (key, value) -> {
              ExecutorService other = Executors.newSingleThreadExecutor();
              try {
                seen.add(key + " while there are " + other.submit(cache[0]::entries).get());
              } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError(e);
              } finally {
                other.shutdownNow();
              }
            });
    put(cache[0], "a", "1");
    put(cache[0], "b", "2");
    assertThat(seen).containsExactly("a while there are 1");
  }

  @Test
  void whatTheCallbackThrowsLeavesTheNewEntryStored() {
    LruCache<String> cache =
        new LruCache<>(
            10,
            (key, value) -> 10,
            (key, value) -> {
              throw new IllegalStateException(key);
            });
    put(cache, "a", "1");
    assertThatThrownBy(() -> put(cache, "b", "2")).hasMessage("a");
    assertThat(cache.get("b")).isEqualTo("2");
    assertThat(cache.get("a")).isNull();
    assertThat(cache.bytes()).isEqualTo(10);
  }

  @Test
  void keepsItsCountsUnderConcurrency() throws Exception {
    int threads = 4;
    int puts = 20_000;
    AtomicInteger evicted = new AtomicInteger();
    LruCache<Integer> cache =
        new LruCache<>(1_000, (key, value) -> 10, (key, value) -> evicted.incrementAndGet());
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<?>> workers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      workers.add(
          pool.submit(
              () -> {
                start.await();
                for (int i = 0; i < puts; i++) {
                  put(cache, thread + "-" + i, i);
                  cache.get(thread + "-" + (i - 5));
                }
                return null;
              }));
    }
    start.countDown();
    for (Future<?> worker : workers) {
      worker.get();
    }
    pool.shutdown();
    assertThat(cache.bytes()).isEqualTo(1_000);
    assertThat(cache.entries()).isEqualTo(100);
    assertThat(evicted).hasValue(threads * puts - 100);
  }

  private static <V> void put(LruCache<V> cache, String key, V value) {
    cache.compute(key, 0, present -> value);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static LruCache<String>[] newArray() {
    return new LruCache[1];
  }
}
