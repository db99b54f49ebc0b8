package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import geecache.Group;
import geecache.codec.Codec;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.cache.Cache;
import org.springframework.cache.interceptor.CacheOperationInvoker.ThrowableWrapper;
import org.springframework.cache.support.NullValue;

/** What Spring's own tests ask of each cache, and more. */
class GeecacheCacheTest {
  record User(long id, String name) {}

  private final Geecache node = new Geecache();
  private final GeecacheCacheManager manager =
      GeecacheCacheManager.builder(node, List.of("geecache.spring")).build();
  private final Cache cache = manager.getCache("users");

  private final AtomicReference<Throwable> seen = new AtomicReference<>();

  @AfterEach
  void close() {
    manager.destroy();
    node.close();
  }

  @Test
  void aCacheHasItsNameAndTheGroup() {
    assertThat(cache.getName()).isEqualTo("users");
    assertThat(cache.getNativeCache()).isInstanceOf(Group.class);
    assertThat(manager.getCacheNames()).containsExactly("users");
    assertThat(manager.getCache("users")).isSameAs(cache);
  }

  @Test
  void whatIsPutIsGot() {
    assertThat(cache.get("Tom")).isNull();
    assertThat(cache.get("Tom", String.class)).isNull();
    assertThat(cache.<Object>get("Tom", (Class<Object>) null)).isNull();

    cache.put("Tom", new User(7, "Tom"));

    assertThat(cache.get("Tom").get()).isEqualTo(new User(7, "Tom"));
    assertThat(cache.get("Tom", User.class)).isEqualTo(new User(7, "Tom"));
    assertThat(cache.<Object>get("Tom", (Class<Object>) null)).isEqualTo(new User(7, "Tom"));
  }

  @Test
  void aValueOfAnotherTypeIsRefused() {
    cache.put("Tom", "text");
    assertThatThrownBy(() -> cache.get("Tom", User.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has a value of java.lang.String");
  }

  @Test
  void nullIsAValue() {
    cache.put("Tom", null);
    assertThat(cache.get("Tom")).isNotNull();
    assertThat(cache.get("Tom").get()).isNull();
    assertThat(cache.get("Tom", String.class)).isNull();
    assertThat(cache.<String>get("Tom", () -> "loaded")).isNull();
  }

  /** Some of Spring's own classes hand it on. */
  @Test
  void theObjectThatStandsForNullIsNull() {
    cache.put("Tom", NullValue.INSTANCE);
    assertThat(cache.get("Tom").get()).isNull();
    assertThat(cache.get("Tom", String.class)).isNull();
    assertThat(cache.<Object>get("Sam", () -> NullValue.INSTANCE)).isNull();
    assertThat(cache.putIfAbsent("Ann", NullValue.INSTANCE)).isNull();
    assertThat(cache.get("Ann").get()).isNull();
  }

  @Test
  void nullIsRefusedWhereItIsNotAllowed() throws Exception {
    try (Geecache other = new Geecache()) {
      GeecacheCacheManager strict =
          GeecacheCacheManager.builder(other, List.of()).allowNullValues(false).build();
      Cache users = strict.getCache("users");
      String why = "Cache 'users' is configured to not allow null values but null was provided";
      assertThatThrownBy(() -> users.put("Tom", null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(why);
      assertThatThrownBy(() -> users.putIfAbsent("Tom", null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(why);
      assertThatThrownBy(() -> users.get("Tom", () -> null))
          .isInstanceOf(Cache.ValueRetrievalException.class);
      assertThat(users.get("Tom")).isNull();
      strict.destroy();
    }
  }

  @Test
  void valuesKeepTheirTypes() {
    for (Object value :
        List.of(
            7,
            7L,
            (short) 7,
            (byte) 7,
            7.5,
            7.5f,
            true,
            'c',
            "7",
            new BigDecimal("7.50"),
            BigInteger.TEN,
            new UUID(0, 7),
            LocalDate.of(2026, 11, 29),
            List.of(1L, "a"))) {
      cache.put("Tom", value);
      assertThat(cache.get("Tom").get()).isEqualTo(value);
      assertThat(cache.get("Tom", Object.class)).hasSameHashCodeAs(value);
    }
  }

  @Test
  void putReplacesAndPutIfAbsentDoesNot() {
    assertThat(cache.putIfAbsent("Tom", "a")).isNull();
    assertThat(cache.get("Tom").get()).isEqualTo("a");
    assertThat(cache.putIfAbsent("Tom", "b").get()).isEqualTo("a");
    cache.put("Tom", "b");
    assertThat(cache.get("Tom").get()).isEqualTo("b");
    cache.put("none", null);
    assertThat(cache.putIfAbsent("none", "b").get()).isNull();
    assertThat(cache.putIfAbsent("another", null)).isNull();
    assertThat(cache.get("another").get()).isNull();
  }

  @Test
  void whatIsRemovedIsGone() {
    cache.put("Tom", 1);
    cache.put("Sam", 2);
    cache.evict("Tom");
    assertThat(cache.get("Tom")).isNull();
    assertThat(cache.evictIfPresent("Sam")).isTrue();
    assertThat(cache.evictIfPresent("Sam")).isFalse();
    cache.put("Tom", 1);
    cache.clear();
    assertThat(cache.get("Tom")).isNull();
    cache.put("Tom", 1);
    assertThat(cache.invalidate()).isTrue();
    assertThat(cache.get("Tom")).isNull();
    assertThat(cache.invalidate()).isFalse();
  }

  @Test
  void aLoaderRunsOnItsCallersThreadAndOnce() {
    AtomicInteger calls = new AtomicInteger();
    Callable<String> loader = () -> Thread.currentThread().getName() + calls.incrementAndGet();
    String first = cache.get("Tom", loader);
    assertThat(first).isEqualTo(Thread.currentThread().getName() + 1);
    assertThat(cache.<String>get("Tom", loader)).isEqualTo(first);
    assertThat(cache.<Object>get("none", () -> null)).isNull();
    assertThat(cache.get("none")).isNotNull();
  }

  @Test
  void aLoaderThatFailsGivesItsOwnExceptionAndStoresNothing() {
    IOException failure = new IOException("down");
    Callable<String> loader =
        () -> {
          throw failure;
        };
    assertThatThrownBy(() -> cache.get("Tom", loader))
        .isInstanceOfSatisfying(
            Cache.ValueRetrievalException.class,
            thrown -> assertThat(thrown.getKey()).isEqualTo("Tom"))
        .hasMessageContaining(loader.toString())
        .hasCause(failure);
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void manyCallersOfAColdKeyCallOneLoader() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(10);
    CountDownLatch all = new CountDownLatch(10);
    AtomicInteger calls = new AtomicInteger();
    try {
      List<Future<Integer>> answers =
          IntStream.range(0, 10)
              .mapToObj(
                  i ->
                      callers.submit(
                          () -> {
                            all.countDown();
                            return cache.get(
                                "Tom",
                                () -> {
                                  all.await(5, TimeUnit.SECONDS);
                                  return calls.incrementAndGet();
                                });
                          }))
              .toList();
      for (Future<Integer> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(1);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  /** Interleaving: get misses, the method reads the row, the row is changed and evicted, put. */
  @Test
  void aValueThatWasReadBeforeAnEvictIsNotPut() {
    assertThat(cache.get("Tom")).isNull();
    cache.evict("Tom");
    cache.put("Tom", "old");
    assertThat(cache.get("Tom")).isNull();
    cache.put("Tom", "new");
    assertThat(cache.get("Tom").get()).isEqualTo("new");
  }

  @Test
  void aValueThatWasReadBeforeAClearIsNotPut() {
    assertThat(cache.get("Tom")).isNull();
    cache.clear();
    cache.put("Tom", "old");
    assertThat(cache.get("Tom")).isNull();
  }

  /** Nobody can tell which of the two is newer. */
  @Test
  void ofTwoDifferentValuesAfterOneMissNoneIsKept() throws Exception {
    assertThat(cache.get("Tom")).isNull();
    CompletableFuture.runAsync(() -> cache.put("Tom", "of another thread")).get();
    cache.put("Tom", "own");
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void anEqualValueAfterOneMissIsKept() throws Exception {
    assertThat(cache.get("Tom")).isNull();
    CompletableFuture.runAsync(() -> cache.put("Tom", "same")).get();
    cache.put("Tom", "same");
    assertThat(cache.get("Tom").get()).isEqualTo("same");
  }

  @Test
  void retrieveTellsAMissANullAndAValue() throws Exception {
    assertThat(cache.retrieve("Tom").get()).isNull();
    cache.put("none", null);
    assertThat(((Cache.ValueWrapper) cache.retrieve("none").get()).get()).isNull();
    cache.put("Sam", "there");
    assertThat(((Cache.ValueWrapper) cache.retrieve("Sam").get()).get()).isEqualTo("there");
  }

  /** Interleaving: as for threads, and the value is put by another thread. */
  @Test
  void aValueThatWasReadBeforeAnEvictIsNotPutByAFutureEither() throws Exception {
    assertThat(cache.retrieve("Tom").get()).isNull();
    cache.evict("Tom");
    CompletableFuture.runAsync(() -> cache.put("Tom", "old")).get();
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void retrieveLoadsOnceAndKeepsWhatTheFutureFailsWith() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    for (int i = 0; i < 2; i++) {
      assertThat(
              cache
                  .retrieve("Tom", () -> CompletableFuture.completedFuture(calls.incrementAndGet()))
                  .get(60, TimeUnit.SECONDS))
          .isEqualTo(1);
    }
    IOException failure = new IOException("down");
    assertThatThrownBy(
            () ->
                cache
                    .retrieve("bad", () -> CompletableFuture.failedFuture(failure))
                    .get(60, TimeUnit.SECONDS))
        .hasCause(failure);
  }

  /** Spring wraps what methods throw, and takes its wrapper from the cause. */
  @Test
  void springSeesTheWrapperOfAnException() {
    ThrowableWrapper checked = new ThrowableWrapper(new IOException("down"));
    assertThatThrownBy(
            () ->
                cache.get(
                    "Tom",
                    () -> {
                      throw checked;
                    }))
        .isInstanceOf(Cache.ValueRetrievalException.class)
        .cause()
        .isSameAs(checked);
    assertThatThrownBy(
            () ->
                cache.get(
                    "Tom",
                    () -> {
                      throw new ThrowableWrapper(new StackOverflowError());
                    }))
        .isInstanceOf(StackOverflowError.class);
  }

  /** A waiter's own method may say better what is wrong. */
  @Test
  void aWaiterWhoseLoaderFailsTooGetsItsOwnException() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch fail = new CountDownLatch(1);
    CompletableFuture<Object> first =
        CompletableFuture.supplyAsync(
            () ->
                cache.get(
                    "Tom",
                    () -> {
                      loading.countDown();
                      fail.await(10, TimeUnit.SECONDS);
                      throw new IOException("of the first");
                    }),
            task -> new Thread(task).start());
    loading.await(60, TimeUnit.SECONDS);
    IllegalStateException own = new IllegalStateException("own");
    Thread waiter =
        new Thread(
            () -> {
              try {
                cache.get(
                    "Tom",
                    () -> {
                      throw own;
                    });
              } catch (Cache.ValueRetrievalException thrown) {
                seen.set(thrown.getCause());
              }
            });
    waiter.start();
    while (waiter.getState() != Thread.State.WAITING
        && waiter.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    fail.countDown();
    waiter.join(60_000);
    assertThat(seen.get()).isSameAs(own);
    assertThatThrownBy(() -> first.get(60, TimeUnit.SECONDS)).hasRootCauseMessage("of the first");
  }

  @Test
  void aValueThatTheCodecRefusesSaysWhatToSet() {
    assertThatThrownBy(() -> cache.put("Tom", Thread.State.NEW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the cache users cannot keep a value of java.lang.Thread$State")
        .hasMessageContaining("geecache.spring.packages")
        .hasMessageContaining("geecache.codec.Codec<Object>");
    assertThatThrownBy(() -> cache.get("Tom", () -> Thread.State.NEW))
        .isInstanceOf(Cache.ValueRetrievalException.class)
        .hasRootCauseMessage("the class java.lang.Thread$State is not of an allowed package");
  }

  @Test
  void aKeyThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> cache.get("x".repeat(3000)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aCacheHasTheNameOfNoGroupWithASource() {
    node.newGroup("scores", 1 << 20, key -> null);
    assertThatThrownBy(() -> manager.getCache("scores"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("there can be no cache scores: group scores is registered already");
    assertThatThrownBy(() -> manager.getCache("a b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("name must be 1 to 128 of A-Z a-z 0-9 . _ ~ -");
  }

  @Test
  void aCodecMayWriteAnyBytes() throws Exception {
    StoredCodec codec =
        new StoredCodec(
            "users",
            Codec.of(value -> (byte[]) value, bytes -> bytes, "application/octet-stream"),
            true);
    for (byte[] bytes : List.of(new byte[0], new byte[] {0}, new byte[] {0, 0}, new byte[] {1})) {
      assertThat(codec.decode(codec.encode(new Stored(bytes))).value()).isEqualTo(bytes);
    }
    assertThat(codec.decode(codec.encode(new Stored(null)))).isEqualTo(new Stored(null));
  }
}
