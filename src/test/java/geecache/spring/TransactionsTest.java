package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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
    assertThat(cache.get("Tom").get()).isEqualTo("loaded");
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
