package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.Callers;
import geecache.Geecache;
import geecache.Group;
import geecache.GroupStats;
import geecache.Value;
import geecache.testing.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Rounds of one change: the source has a new value, the key is removed at any node, and callers of
 * all nodes get it at once, each with a loader. Rounds of the same key overlap, so that removals
 * come while callers load. In every third round one caller is in a transaction that began before
 * the change, and reads its snapshot.
 *
 * <pre>
 * mvn test -Dtest=LeaseRoundsTest -Dlease.rounds=100000
 * </pre>
 */
@Timeout(value = 3, unit = TimeUnit.HOURS) // Of a long run.
class LeaseRoundsTest {
  private static final int ROUNDS = Integer.getInteger("lease.rounds", 300);
  private static final int NODES = 3;
  private static final int WORKERS = 6;
  private static final int ROWS = 4;
  private static final int LONGEST_LOAD_NANOS = 500_000;

  /** No pause of a busy machine is to be taken for a failure. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** A row of the source, and what removals of its key promise. */
  private static final class Row {
    private final String key;
    private final AtomicLong version = new AtomicLong();

    /** The latest version after which a removal has returned: no get may see an older one. */
    private final AtomicLong removed = new AtomicLong();

    Row(int number) {
      key = "row-" + number;
    }

    ByteView text(long version) {
      return ByteView.of(key + ":" + version);
    }

    long versionOf(ByteView value) {
      String text = value.toString();
      assertThat(text).startsWith(key + ":");
      return Long.parseLong(text.substring(key.length() + 1));
    }
  }

  /**
   * A transaction that repeats its reads.
   *
   * @param begun no later than the snapshot
   * @param snapshot the version that it reads
   */
  private record Transaction(long begun, long snapshot) {
    static Transaction of(Row row) {
      long begun = System.nanoTime();
      return new Transaction(begun, row.version.get());
    }
  }

  private final ThreadLocal<Transaction> transactions = new ThreadLocal<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(WORKERS * NODES);
  private final Callers workers = new Callers();
  private final List<Row> rows = IntStream.range(0, ROWS).mapToObj(Row::new).toList();
  private final AtomicInteger roundsLeft = new AtomicInteger(ROUNDS);
  private final AtomicInteger rounds = new AtomicInteger();
  private final AtomicLong loads = new AtomicLong();
  private final AtomicLong loadsOfOldSnapshots = new AtomicLong();
  private TestCluster cluster;

  @AfterEach
  void stop() {
    roundsLeft.set(0);
    workers.close();
    threads.shutdown();
    cluster.close();
  }

  private void register(Geecache node) {
    node.group("g").loadTimeout(PATIENCE).waitTimeout(PATIENCE).register();
    node.transactionAge(this::age);
  }

  private Optional<Duration> age(long now) {
    Transaction transaction = transactions.get();
    return Optional.of(
        transaction == null
            ? Duration.ZERO
            : Duration.ofNanos(Math.max(1, now - transaction.begun)));
  }

  private Group group(int node) {
    return cluster.node(node).group("g");
  }

  @Test
  void noGetAfterARemovalSeesWhatWasReadBeforeIt() throws Exception {
    cluster =
        TestCluster.builder()
            .nodes(NODES)
            .secret(ServedNode.FIRST)
            .setting("geecache.peer-timeout", PATIENCE.toSeconds() + "s")
            .groups(this::register)
            .start();
    cluster.awaitContact();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int worker = 0; worker < WORKERS; worker++) {
      Random random = new Random(worker);
      all.add(workers.call(() -> rounds(random)));
    }
    try {
      for (CompletableFuture<Void> each : all) {
        each.join();
      }
    } finally {
      report();
    }
    assertThat(rounds).hasValue(ROUNDS);
    // What is loaded serves one round of each worker at most: the next one removes it.
    assertThat(loads.get()).isGreaterThanOrEqualTo(ROUNDS / WORKERS);
    assertThat(loadsOfOldSnapshots).hasPositiveValue();
  }

  private void report() {
    System.out.printf(
        "lease rounds: %d rounds, %d loads by callers, %d of them of a snapshot older than the"
            + " removal; %d results refused, %d leases ran out%n",
        rounds.get(),
        loads.get(),
        loadsOfOldSnapshots.get(),
        sum(GroupStats::leasesRefused),
        sum(GroupStats::leasesRanOut));
  }

  private long sum(ToLongFunction<GroupStats> count) {
    return IntStream.range(0, NODES).mapToLong(i -> count.applyAsLong(group(i).stats())).sum();
  }

  private Void rounds(Random random) throws Exception {
    try {
      while (roundsLeft.getAndDecrement() > 0) {
        round(random);
        rounds.incrementAndGet();
      }
      return null;
    } catch (Throwable breach) {
      roundsLeft.set(0); // The others end soon.
      throw breach;
    }
  }

  private void round(Random random) throws Exception {
    Row row = rows.get(random.nextInt(ROWS));
    Transaction transaction = random.nextInt(3) == 0 ? Transaction.of(row) : null;
    int inTransaction = random.nextInt(NODES);
    long changed = row.version.incrementAndGet();
    group(random.nextInt(NODES)).remove(row.key);
    row.removed.accumulateAndGet(changed, Math::max);
    List<Callable<Void>> gets = new ArrayList<>();
    for (int node = 0; node < NODES; node++) {
      Group group = group(node);
      Transaction own = node == inTransaction ? transaction : null;
      gets.add(() -> get(group, row, own));
    }
    for (Future<Void> get : threads.invokeAll(gets)) {
      get.get();
    }
  }

  /** A caller in a transaction may see its own snapshot, by its own loader. */
  private Void get(Group group, Row row, @Nullable Transaction transaction) throws Exception {
    long least = row.removed.get();
    boolean[] loaded = {false};
    transactions.set(transaction);
    long seen;
    try {
      ByteView value =
          group.get(
              row.key,
              key -> {
                loaded[0] = true;
                return load(row, transaction);
              });
      seen = row.versionOf(value);
    } finally {
      transactions.remove();
    }
    if (loaded[0] && transaction != null) {
      loadsOfOldSnapshots.incrementAndGet();
      assertThat(seen).isEqualTo(transaction.snapshot);
    } else {
      assertThat(seen)
          .as("the version of %s that a get saw after a removal, in order", row.key)
          .isGreaterThanOrEqualTo(least);
    }
    return null;
  }

  /** Reads first and takes its time afterwards. */
  private Value load(Row row, @Nullable Transaction transaction) {
    loads.incrementAndGet();
    long version = transaction == null ? row.version.get() : transaction.snapshot;
    LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(LONGEST_LOAD_NANOS));
    return Value.of(row.text(version));
  }
}
