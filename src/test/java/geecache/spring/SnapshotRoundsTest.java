package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.cache.annotation.AnnotationCacheOperationSource;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.interceptor.CacheInterceptor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Rounds over three nodes and one database: readers begin transactions of REPEATABLE READ and have
 * their snapshots, the row is changed and its key evicted at a random node, the readers of old
 * snapshots ask their caches, and at the same time new ones at all nodes. None of those may see the
 * old row. {@code -Dsnapshot.rounds=100000} makes more of them, and {@code -Dsnapshot.seed} other
 * ones.
 */
class SnapshotRoundsTest {
  private static final int ROUNDS = Integer.getInteger("snapshot.rounds", 100);
  private static final long SEED = Long.getLong("snapshot.seed", 1);
  private static final int NODES = 3;
  private static final long ID = 7;

  /** The rows as one instance of an application sees them. */
  static class Rows {
    private final JdbcTemplate database;
    private final AtomicLong loads = new AtomicLong();

    Rows(JdbcTemplate database) {
      this.database = database;
    }

    @Cacheable(cacheNames = "rows", sync = true)
    public Long find(long id) {
      loads.incrementAndGet();
      return select(id);
    }

    Long select(long id) {
      return database.queryForObject("select number from numbers where id = ?", Long.class, id);
    }

    @CacheEvict(cacheNames = "rows", key = "#p0")
    public void change(long id, long number) {
      database.update("update numbers set number = ? where id = ?", number, id);
    }
  }

  /** One instance of an application: its node, its transactions, and its caches. */
  private static final class Instance {
    final GeecacheCacheManager caches;
    final Rows target;
    final Rows rows;
    final DataSourceTransactionManager transactions;

    Instance(TestNode node, DataSource database) {
      transactions = new DataSourceTransactionManager(database);
      caches =
          GeecacheCacheManager.builder(node.geecache(), List.of())
              .transactionsOf(transactions)
              .build();
      caches.getCache("rows");
      CacheInterceptor interceptor = new CacheInterceptor();
      interceptor.setCacheOperationSource(new AnnotationCacheOperationSource(false));
      interceptor.setCacheManager(caches);
      interceptor.afterPropertiesSet();
      interceptor.afterSingletonsInstantiated();
      target = new Rows(new JdbcTemplate(database));
      ProxyFactory proxy = new ProxyFactory(target);
      proxy.setProxyTargetClass(true);
      proxy.addAdvice(interceptor);
      rows = (Rows) proxy.getProxy();
    }

    TransactionTemplate transaction(boolean readOnly) {
      TransactionTemplate template = new TransactionTemplate(transactions);
      template.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
      template.setReadOnly(readOnly);
      return template;
    }
  }

  private final Random random = new Random(SEED);
  private final List<Instance> instances = new ArrayList<>();
  private final ExecutorService readers = Executors.newFixedThreadPool(2 * NODES);
  private final List<String> breaches = new ArrayList<>();
  private int readsOfOldSnapshots;

  @Test
  void noReaderSeesARowThatWasChangedBeforeItAsked() throws Exception {
    JdbcConnectionPool database =
        JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID(), "sa", "");
    database.setMaxConnections(4 * NODES);
    long began = System.nanoTime();
    int rounds = 0;
    try (TestCluster cluster =
        TestCluster.builder().nodes(NODES).secret("the-secret-of-these-rounds").start()) {
      JdbcTemplate rows = new JdbcTemplate(database);
      rows.execute("create table numbers (id bigint primary key, number bigint not null)");
      rows.update("insert into numbers values (?, 0)", ID);
      cluster.nodes().forEach(node -> instances.add(new Instance(node, database)));
      cluster.awaitContact();
      while (rounds < ROUNDS && breaches.isEmpty()) {
        round(++rounds);
        if (rounds % 1_000 == 0) {
          print(rounds, began);
        }
      }
    } finally {
      readers.shutdownNow();
      instances.forEach(each -> each.caches.destroy());
      database.dispose();
    }
    print(rounds, began);
    assertThat(breaches).isEmpty();
    assertThat(readsOfOldSnapshots).isPositive(); // Else nothing was tried.
  }

  private void print(int rounds, long began) {
    System.out.printf(
        "%d rounds of seed %d in %d s: %d loads, %d reads of old snapshots that saw the old row, %d"
            + " breaches%n",
        rounds,
        SEED,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
        instances.stream().mapToLong(each -> each.target.loads.get()).sum(),
        readsOfOldSnapshots,
        breaches.size());
  }

  private void round(long number) throws Exception {
    CountDownLatch haveSnapshots = new CountDownLatch(NODES);
    CountDownLatch changed = new CountDownLatch(1);
    List<Future<Long>> old = new ArrayList<>();
    for (Instance each : instances) {
      TransactionTemplate transaction = each.transaction(random.nextBoolean());
      old.add(readers.submit(() -> ofSnapshot(each, transaction, haveSnapshots, changed)));
    }
    await(haveSnapshots);

    Instance changing = instances.get(random.nextInt(NODES));
    changing.transaction(false).executeWithoutResult(status -> changing.rows.change(ID, number));
    changed.countDown();

    expect(number, "while old snapshots are read", readAll());
    for (Future<Long> each : old) {
      long seen = each.get(1, TimeUnit.MINUTES);
      readsOfOldSnapshots += seen == number - 1 ? 1 : 0;
      if (seen != number - 1 && seen != number) {
        breaches.add("round %d: an old snapshot gave %d".formatted(number, seen));
      }
    }
    expect(number, "after old snapshots were read", readAll());
  }

  private static Long ofSnapshot(
      Instance instance,
      TransactionTemplate transaction,
      CountDownLatch haveSnapshots,
      CountDownLatch changed) {
    return transaction.execute(
        status -> {
          instance.target.select(ID);
          haveSnapshots.countDown();
          await(changed);
          return instance.rows.find(ID);
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }

  /** Has each instance read the row at once, in a transaction of one of three kinds. */
  private List<Future<Long>> readAll() {
    List<Future<Long>> reads = new ArrayList<>();
    for (Instance each : instances) {
      int kind = random.nextInt(3);
      Callable<Long> read = () -> each.rows.find(ID);
      reads.add(
          readers.submit(
              kind == 0
                  ? read
                  : () -> each.transaction(kind == 1).execute(status -> each.rows.find(ID))));
    }
    return reads;
  }

  private void expect(long number, String when, List<Future<Long>> reads) throws Exception {
    for (int i = 0; i < NODES; i++) {
      long seen = reads.get(i).get(1, TimeUnit.MINUTES);
      if (seen != number) {
        breaches.add("round %d, %s: node %d gave %d".formatted(number, when, i, seen));
      }
    }
  }
}
