package geecache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class LruCacheTest extends CacheContract {
  @Override
  <V> Cache<V> make(long maxBytes, Cache.Weigher<V> weigher, BiConsumer<String, V> onEviction) {
    return new LruCache<>(maxBytes, weigher, onEviction);
  }

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
  void aWalkBeginsWithTheLeastRecentAndCountsNoUse() {
    LruCache<String> cache = new LruCache<>(30, (key, value) -> 10, (key, value) -> {});
    put(cache, "a", "1");
    put(cache, "b", "2");
    put(cache, "c", "3");
    cache.get("a");
    for (int i = 0; i < 2; i++) {
      List<String> seen = new ArrayList<>();
      cache.forEach((key, value) -> seen.add(key));
      assertThat(seen).containsExactly("b", "c", "a");
    }
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

  private static <V> void put(LruCache<V> cache, String key, V value) {
    cache.compute(key, present -> value);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static LruCache<String>[] newArray() {
    return new LruCache[1];
  }
}
