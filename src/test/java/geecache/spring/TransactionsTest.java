package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Geecache;
import geecache.OverloadedException;
import geecache.Unchecked;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.cache.Cache;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Caches within transactions of a real database. */
class TransactionsTest {
  private final Geecache node = new Geecache();
  private final DataSourceTransactionManager transactions =
      new DataSourceTransactionManager(database());
  private final DataSourceTransactionManager silent = new DataSourceTransactionManager(database());
  private final GeecacheCacheManager manager =
      GeecacheCacheManager.builder(node, List.of()).transactionsOf(transactions).build();
  private final Cache cache = manager.getCache("users");
  private final TransactionTemplate writing = new TransactionTemplate(transactions);
  private final TransactionTemplate reading = new TransactionTemplate(transactions);

  TransactionsTest() {
    reading.setReadOnly(true);
  }

  private static JdbcDataSource database() {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:" + UUID.randomUUID());
    return database;
  }

  @AfterEach
  void close() {
    manager.destroy();
    node.close();
  }

  private @Nullable Object ofOthers(String key) throws Exception {
    Cache.ValueWrapper found = CompletableFuture.supplyAsync(() -> cache.get(key)).get();
    return found == null ? null : found.get();
  }

  private static void run(TransactionTemplate template, Step step) {
    template.executeWithoutResult(
        status -> {
          try {
            step.run();
          } catch (RuntimeException failure) {
            throw failure;
          } catch (Exception failure) {
            throw new IllegalStateException(failure);
          }
        });
  }

  private interface Step {
    void run() throws Exception;
  }

  @Test
  void anEvictWaitsForTheCommit() throws Exception {
    cache.put("Tom", "old");
    run(
        writing,
        () -> {
          cache.evict("Tom");
          assertThat(ofOthers("Tom")).isEqualTo("old");
        });
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void aClearWaitsForTheCommit() throws Exception {
    cache.put("Tom", "old");
    run(
        writing,
        () -> {
          cache.clear();
          assertThat(ofOthers("Tom")).isEqualTo("old");
          assertThat(cache.get("Tom")).isNull();
        });
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void aTransactionThatIsRolledBackChangesNothing() {
    cache.put("Tom", "old");
    assertThatThrownBy(
            () ->
                run(
                    writing,
                    () -> {
                      cache.evict("Tom");
                      cache.put("Sam", "never");
                      cache.get("loaded", () -> "never");
                      throw new IllegalStateException("rolled back");
                    }))
        .hasMessage("rolled back");
    assertThat(cache.get("Tom").get()).isEqualTo("old");
    assertThat(cache.get("Sam")).isNull();
    assertThat(cache.get("loaded")).isNull();
  }

  /** It would read what it is about to remove, and others what is not committed. */
  @Test
  void aTransactionThatEvictsAKeyReadsPastTheCache() throws Exception {
    cache.put("Tom", "old");
    run(
        writing,
        () -> {
          cache.evict("Tom");
          assertThat(cache.get("Tom")).isNull();
          assertThat(cache.<String>get("Tom", () -> "own")).isEqualTo("own");
          assertThat(cache.retrieve("Tom")).isNull();
          cache.put("Tom", "own");
          assertThat(ofOthers("Tom")).isEqualTo("old");
        });
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void evictIfPresentIsCarriedOutAtOnceAndOnceMoreAfterTheCommit() throws Exception {
    cache.put("Tom", "old");
    run(
        writing,
        () -> {
          assertThat(cache.evictIfPresent("Tom")).isTrue();
          assertThat(ofOthers("Tom")).isNull();
          CompletableFuture.runAsync(() -> cache.put("Tom", "read before the commit")).get();
        });
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void whatATransactionThatMayWriteLoadsIsStoredAfterItsCommit() throws Exception {
    run(
        writing,
        () -> {
          assertThat(cache.<String>get("Tom", () -> "loaded")).isEqualTo("loaded");
          assertThat(ofOthers("Tom")).isNull();
        });
    await().untilAsserted(() -> assertThat(ofOthers("Tom")).isEqualTo("loaded"));
  }

  /** Nobody could be given what another one brings. */
  @Test
  void transactionsThatMayWriteLoadInParallel() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (String own : List.of("a", "b")) {
      callers.add(
          CompletableFuture.runAsync(
              () ->
                  run(
                      writing,
                      () ->
                          assertThat(cache.<String>get("Tom", () -> loaded(own, both)))
                              .isEqualTo(own)),
              task -> new Thread(task).start()));
    }
    for (CompletableFuture<Void> caller : callers) {
      caller.get(60, TimeUnit.SECONDS);
    }
  }

  private static String loaded(String own, CyclicBarrier both) throws Exception {
    both.await(60, TimeUnit.SECONDS);
    return own;
  }

  /** Others load the key meanwhile, and the commit does not wait for them. */
  @Test
  void aCommitDoesNotWaitForALoad() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch committed = new CountDownLatch(1);
    List<CompletableFuture<String>> other = new ArrayList<>();
    run(
        writing,
        () -> {
          cache.get("Tom", () -> "same");
          other.add(
              CompletableFuture.supplyAsync(
                  () ->
                      cache.get(
                          "Tom",
                          () -> {
                            loading.countDown();
                            committed.await(10, TimeUnit.SECONDS);
                            return "same";
                          }),
                  task -> new Thread(task).start()));
          loading.await(60, TimeUnit.SECONDS);
        });
    assertThat(other.get(0)).isNotDone();
    committed.countDown();
    assertThat(other.get(0).get(60, TimeUnit.SECONDS)).isEqualTo("same");
  }

  @Test
  void anEvictThatFailsDropsNoneOfAnotherCache() {
    List<String> done = new ArrayList<>();
    IllegalStateException unexpected = new IllegalStateException("unexpected");
    Unchecked.CacheException failure =
        Unchecked.of(new OverloadedException("too many changes are under way"));
    assertThatThrownBy(
            () ->
                run(
                    writing,
                    () -> {
                      CacheTransaction transaction = CacheTransaction.begin(new Object(), 0L);
                      for (RuntimeException each : List.of(failure, unexpected)) {
                        ChangedCache failing = new Recording("failing", done, each);
                        transaction.evict(failing, "Tom", "Tom");
                        transaction.put(failing, "Sam", "Sam", ByteView.of(new byte[1]));
                      }
                      ChangedCache working = new Recording("working", done, null);
                      transaction.evict(working, "Tom", "Tom");
                      transaction.put(working, "Sam", "Sam", ByteView.of(new byte[1]));
                    }))
        .isSameAs(failure);
    assertThat(done).containsExactly("working evicts [Tom]", "working puts Sam");
  }

  /** Tells what is done to it. */
  private static final class Recording implements ChangedCache {
    private final String name;
    private final List<String> done;
    private final @Nullable RuntimeException failure;

    Recording(String name, List<String> done, @Nullable RuntimeException failure) {
      this.name = name;
      this.done = done;
      this.failure = failure;
    }

    @Override
    public void putNow(String text, Put put) {
      done.add(name + " puts " + text);
    }

    @Override
    public void putLater(Map<String, Put> byText) {
      done.add(name + " puts later " + byText.keySet());
    }

    @Override
    public void evictNow(Map<String, Object> keys) {
      if (failure != null) {
        throw failure;
      }
      done.add(name + " evicts " + keys.keySet());
    }

    @Override
    public void clearNow() {
      done.add(name + " clears");
    }
  }

  @Test
  void whatAnOlderSessionReadsIsForItsCallerAlone() throws Exception {
    Object factory = new Object();
    TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder());
    try {
      assertThat(cache.<String>get("Tom", () -> "own")).isEqualTo("own");
      assertThat(cache.get("Tom")).isNull();
      cache.put("Tom", "own");
      assertThat(ofOthers("Tom")).isNull();
      run(reading, () -> assertThat(cache.<String>get("Tom", () -> "own")).isEqualTo("own"));
      assertThat(ofOthers("Tom")).isNull();
    } finally {
      TransactionSynchronizationManager.unbindResource(factory);
    }
  }

  @Test
  void whatIsRolledBackToASavepointIsNotPut() throws Exception {
    cache.put("Tom", "old");
    writing.executeWithoutResult(
        status -> {
          Object savepoint = status.createSavepoint();
          cache.put("Tom", "never");
          status.rollbackToSavepoint(savepoint);
        });
    assertThat(ofOthers("Tom")).isNull();
  }

  @Test
  void aTransactionThatPutsAKeyReadsPastTheCache() throws Exception {
    cache.put("Tom", "old");
    run(
        writing,
        () -> {
          cache.put("Tom", "new");
          assertThat(cache.get("Tom")).isNull();
          assertThat(cache.<String>get("Tom", () -> "own")).isEqualTo("own");
        });
    assertThat(ofOthers("Tom")).isEqualTo("new");
  }

  @Test
  void aValueIsPutAsItWasWhenItWasGiven() throws Exception {
    run(
        writing,
        () -> {
          List<String> names = new ArrayList<>(List.of("Tom"));
          cache.put("names", names);
          names.add("changed later");
          assertThatThrownBy(() -> cache.put("bad", Thread.State.NEW))
              .isInstanceOf(IllegalArgumentException.class);
        });
    assertThat(ofOthers("names")).isEqualTo(List.of("Tom"));
  }

  /** Interleaving: the transaction evicts and reads, and the value is put outside of it. */
  @Test
  void whatIsRetrievedPastTheCacheIsNotPutAfterTheCommit() throws Exception {
    run(
        writing,
        () -> {
          cache.evict("Tom");
          assertThat(cache.retrieve("Tom")).isNull();
        });
    CompletableFuture.runAsync(() -> cache.put("Tom", "not committed")).get();
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void whatAReadOnlyTransactionLoadsIsStoredAtOnce() {
    run(
        reading,
        () -> {
          assertThat(cache.<String>get("Tom", () -> "loaded")).isEqualTo("loaded");
          assertThat(ofOthers("Tom")).isEqualTo("loaded");
        });
  }

  /** Its snapshot may be from before the evict. */
  @Test
  void whatATransactionReadsThatBeganBeforeAnEvictIsNotStored() {
    for (TransactionTemplate template : List.of(reading, writing)) {
      run(
          template,
          () -> {
            CompletableFuture.runAsync(() -> cache.evict("Tom")).get();
            assertThat(cache.<String>get("Tom", () -> "old")).isEqualTo("old");
          });
      assertThat(cache.get("Tom")).isNull();
    }
  }

  @Test
  void whatATransactionOfUnknownAgeLoadsIsForItAlone() {
    for (boolean readOnly : List.of(true, false)) {
      TransactionTemplate unknown = new TransactionTemplate(silent);
      unknown.setReadOnly(readOnly);
      run(unknown, () -> assertThat(cache.<String>get("Tom", () -> "own")).isEqualTo("own"));
      assertThat(cache.get("Tom")).isNull();
    }
  }

  @Test
  void anEvictInATransactionOfUnknownAgeWaitsToo() throws Exception {
    cache.put("Tom", "old");
    run(
        new TransactionTemplate(silent),
        () -> {
          cache.evict("Tom");
          assertThat(ofOthers("Tom")).isEqualTo("old");
        });
    assertThat(cache.get("Tom")).isNull();
  }

  @Test
  void aTransactionWithinAnotherHasChangesOfItsOwn() throws Exception {
    cache.put("outer", "old");
    cache.put("inner", "old");
    TransactionTemplate inner = new TransactionTemplate(transactions);
    inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    run(
        writing,
        () -> {
          cache.evict("outer");
          run(inner, () -> cache.evict("inner"));
          assertThat(ofOthers("inner")).isNull();
          assertThat(ofOthers("outer")).isEqualTo("old");
          assertThat(cache.get("outer")).isNull();
        });
    assertThat(ofOthers("outer")).isNull();
  }

  @Test
  void whatIsEvictedAfterTheCommitIsEvictedAtOnce() {
    cache.put("Tom", "old");
    cache.put("Sam", "old");
    List<Object> seen = new ArrayList<>();
    run(
        new TransactionTemplate(silent),
        () ->
            TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                  @Override
                  public void afterCommit() {
                    cache.evict("Tom");
                  }
                }));
    run(
        writing,
        () ->
            TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                  @Override
                  public void afterCommit() {
                    cache.evict("Sam");
                    seen.add(cache.get("Sam") == null);
                  }
                }));
    assertThat(cache.get("Tom")).isNull();
    assertThat(seen).containsExactly(true);
  }

  @Test
  void aChangeWithoutATransactionIsCarriedOutAtOnce() {
    cache.put("Tom", "old");
    cache.evict("Tom");
    assertThat(cache.get("Tom")).isNull();
  }

  /** Nothing of a transaction stays on its thread. */
  @Test
  void theThreadHasNothingLeft() {
    run(writing, () -> cache.evict("Tom"));
    assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
  }
}
