package geecache.bench.spring;

import geecache.internal.DaemonThreads;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.h2.jdbcx.JdbcConnectionPool;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Rounds over all instances of an application and one database. In each, readers begin, and at a
 * random instant the row is changed and evicted at a random instance. When that has returned, all
 * instances are asked at once, and once more when all other readers have ended: whoever sees the
 * row of before has a stale read. For one thread.
 */
final class Rounds implements AutoCloseable {
  static final int INSTANCES = 3;

  private static final long ID = 7;

  /** Within how long the readers of before ask, and the row is changed. */
  private static final int INSTANT_MICROS = 2_000;

  private static final int PROGRESS_SECONDS = 10;

  /** Of stale reads; the others are counted. */
  private static final int MOST_TOLD = 10;

  private final Random random = new Random(1);
  private final List<Instance> instances = new ArrayList<>();
  private final ExecutorService readers =
      Executors.newFixedThreadPool(2 * INSTANCES, new DaemonThreads("evict-rounds-reader-"));

  private final JdbcConnectionPool database =
      JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID(), "sa", "");

  private final Loads loads = new Loads();
  private final Map<Kind, Tally> tallies = new EnumMap<>(Kind.class);
  private final String system;
  private final Caches caches;
  private int told;

  Rounds(String system, Caches caches) throws InterruptedException {
    this.system = system;
    this.caches = caches;
    database.setMaxConnections(4 * INSTANCES);
    JdbcTemplate rows = new JdbcTemplate(database);
    rows.execute("create table numbers (id bigint primary key, number bigint not null)");
    rows.update("insert into numbers values (?, 0)", ID);
    for (int i = 0; i < INSTANCES; i++) {
      instances.add(new Instance(i, caches, database, loads));
    }
    caches.awaitReady();
  }

  /** Returns what so many rounds count, by kinds, which take turns. */
  Map<Kind, Tally> run(int rounds) throws Exception {
    Kind[] kinds = Kind.values();
    long shown = System.nanoTime();
    for (int number = 1; number <= rounds; number++) {
      Kind kind = kinds[number % kinds.length];
      round(number, kind, tallies.computeIfAbsent(kind, each -> new Tally()));
      if (System.nanoTime() - shown > TimeUnit.SECONDS.toNanos(PROGRESS_SECONDS)) {
        shown = System.nanoTime();
        System.err.printf(
            "bench: %s, round %d of %d, %d stale reads%n",
            system, number, rounds, Tally.sum(tallies.values()).staleReads());
      }
    }
    return tallies;
  }

  private void round(long number, Kind kind, Tally tally) throws Exception {
    long loadsBefore = loads.all();
    long lateBefore = loads.late();
    if (kind != Kind.OLD_SNAPSHOTS) {
      anyInstance().rows().forget(ID);
    }
    CountDownLatch ready = new CountDownLatch(INSTANCES);
    CountDownLatch start = new CountDownLatch(1);
    CountDownLatch evicted = new CountDownLatch(1);
    List<Future<Long>> before = new ArrayList<>();
    for (Instance each : instances) {
      boolean late = kind == Kind.OLD_SNAPSHOTS && random.nextBoolean();
      before.add(
          readers.submit(
              late
                  ? reader(each, kind, ready, evicted, 0)
                  : reader(each, kind, ready, start, randomNanos())));
    }
    await(ready);
    long instant = randomNanos();
    start.countDown();
    LockSupport.parkNanos(instant);

    Instance changing = anyInstance();
    long failed = caches.failedEvicts();
    long began = System.nanoTime();
    changing.transaction(false).executeWithoutResult(status -> changing.rows().change(ID, number));
    tally.change(System.nanoTime() - began);
    evicted.countDown();

    boolean isEvicted = caches.failedEvicts() == failed;

    int atOnce = stale(number, kind, "at once", readAll(kind));
    for (Future<Long> each : before) {
      require(number, result(each));
    }
    int afterwards = stale(number, kind, "afterwards", readAll(kind));
    if (isEvicted) {
      tally.round(INSTANCES, atOnce, afterwards);
    } else {
      tell(number, kind, "the evict failed; its round does not count");
      tally.failedEvict();
    }
    tally.loads(loads.all() - loadsBefore, loads.late() - lateBefore);
  }

  private Instance anyInstance() {
    return instances.get(random.nextInt(INSTANCES));
  }

  private long randomNanos() {
    return TimeUnit.MICROSECONDS.toNanos(random.nextInt(INSTANT_MICROS));
  }

  /** A reader that begins before the change, and asks so long after {@code signal}. */
  private Callable<Long> reader(
      Instance instance, Kind kind, CountDownLatch ready, CountDownLatch signal, long nanos) {
    Callable<Long> read =
        () -> {
          ready.countDown();
          await(signal);
          LockSupport.parkNanos(nanos);
          return kind.find(instance.rows(), ID);
        };
    if (kind != Kind.OLD_SNAPSHOTS) {
      return read;
    }
    TransactionTemplate transaction = instance.transaction(random.nextBoolean());
    return inTransaction(
        transaction,
        () -> {
          instance.rows().select(ID);
          return read.call();
        });
  }

  private static Callable<Long> inTransaction(
      TransactionTemplate transaction, Callable<Long> work) {
    return () ->
        transaction.execute(
            status -> {
              try {
                return work.call();
              } catch (RuntimeException failure) {
                throw failure;
              } catch (Exception failure) {
                throw new IllegalStateException(failure);
              }
            });
  }

  /**
   * Has each instance asked at once: for old snapshots in a new transaction of one of two kinds, or
   * in none, else in none.
   */
  private List<Future<Long>> readAll(Kind kind) {
    List<Future<Long>> reads = new ArrayList<>();
    for (Instance each : instances) {
      Callable<Long> read = () -> kind.find(each.rows(), ID);
      int transaction = kind == Kind.OLD_SNAPSHOTS ? random.nextInt(3) : 0;
      reads.add(
          readers.submit(
              transaction == 0 ? read : inTransaction(each.transaction(transaction == 1), read)));
    }
    return reads;
  }

  private int stale(long number, Kind kind, String when, List<Future<Long>> reads)
      throws Exception {
    int stale = 0;
    for (int i = 0; i < INSTANCES; i++) {
      long seen = result(reads.get(i));
      require(number, seen);
      if (seen != number) {
        stale++;
        tell(number, kind, "instance %d gave %d %s".formatted(i, seen, when));
      }
    }
    return stale;
  }

  private void tell(long number, Kind kind, String what) {
    if (told++ < MOST_TOLD) {
      System.err.printf("bench: %s, %s, round %d: %s%n", system, kind.title(), number, what);
    }
  }

  private static long result(Future<Long> read) throws Exception {
    return read.get(1, TimeUnit.MINUTES);
  }

  /** There are no rows but that of the round and those of before. */
  private static void require(long number, long seen) {
    if (seen > number || seen < 0) {
      throw new IllegalStateException("round %d: a read gave %d".formatted(number, seen));
    }
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(1, TimeUnit.MINUTES)) {
      throw new IllegalStateException("readers do not begin");
    }
  }

  @Override
  public void close() {
    readers.shutdownNow();
    instances.forEach(Instance::close);
    database.dispose();
  }
}
