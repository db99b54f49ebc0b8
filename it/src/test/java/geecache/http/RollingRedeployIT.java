package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.Callers;
import geecache.Geecache;
import geecache.Group;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a deploy of all nodes, one after the other, costs the source. Values of 1 KiB, no hot
 * copies, uniform reads at a steady rate on all nodes that are ready; after each step every key is
 * read once. Each run prints a line of figures.
 *
 * <pre>
 * mvn verify -Pfaults -Dit.test=RollingRedeployIT -Dtest=NoSuchTest -Dinvoker.skip=true
 * ... -Dredeploy.keys=10000 -Dredeploy.seconds=1 -Dredeploy.rate=500
 * </pre>
 */
@Tag("faults")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class RollingRedeployIT {
  private static final int KEYS = Integer.getInteger("redeploy.keys", 100_000);
  private static final long PAUSE = Long.getLong("redeploy.seconds", 10);
  private static final int RATE = Integer.getInteger("redeploy.rate", 2_000);
  private static final int VALUE_BYTES = 1 << 10;
  private static final int NODES = 5;
  private static final int READERS = 4;
  private static final String SECRET = "a-secret-for-these-tests";

  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicLong gets = new AtomicLong();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final List<TestNode> ready = new CopyOnWriteArrayList<>();
  private final AtomicIntegerArray inUse = new AtomicIntegerArray(2 * NODES);
  private final AtomicBoolean over = new AtomicBoolean();
  private final Callers callers = new Callers();

  /** By node, the version of its values when it is started next; empty for none. */
  private final AtomicReferenceArray<String> versions = new AtomicReferenceArray<>(2 * NODES);

  private final AtomicInteger loadsOfNewVersion = new AtomicInteger();

  private byte[] load(String key, String version) {
    (version.isEmpty() ? loads : loadsOfNewVersion).incrementAndGet();
    return Arrays.copyOf((key + "@" + version).getBytes(UTF_8), VALUE_BYTES);
  }

  private String version(int node) {
    String version = versions.get(node);
    return version == null ? "" : version;
  }

  private static String key(int number) {
    return "key-" + number;
  }

  /** What all keys take of a budget, as the groups count it. */
  private static long bytesOfAll() throws Exception {
    try (Geecache node = new Geecache()) {
      Group group = node.newGroup("all", 0, key -> Arrays.copyOf(key.getBytes(UTF_8), VALUE_BYTES));
      for (int i = 0; i < KEYS; i += 100) {
        group.get(key(i));
      }
      return group.stats().bytes() * 100;
    }
  }

  private TestCluster cluster(int nodes, int together, double share, boolean warm)
      throws Exception {
    long budget = (long) (bytesOfAll() * share);
    TestCluster.Builder builder =
        TestCluster.builder()
            .nodes(nodes)
            .secret(SECRET)
            .setting("geecache.handoff", warm ? "30s" : "0")
            .groups((index, node) -> register(node, budget, version(index)));
    if (!warm) {
      builder.setting("geecache.warm-join", "0");
    }
    for (int i = 0; i < nodes; i++) {
      builder.view(i, i < together ? IntStream.range(0, together).toArray() : new int[] {i});
    }
    TestCluster cluster = builder.start();
    cluster.awaitContact();
    ready.addAll(cluster.nodes().subList(0, together));
    return cluster;
  }

  private void register(Geecache node, long budget, String version) {
    node.group("db")
        .version(version)
        .maxBytes(budget)
        .hotCopies(false)
        .maxWaitingLoads(100_000)
        .register(key -> load(key, version));
  }

  /** Reads at random until it is over, on nodes that were ready when the read began. */
  private List<CompletableFuture<Void>> read() {
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    long gap = TimeUnit.SECONDS.toNanos(1) * READERS / RATE;
    for (int i = 0; i < READERS; i++) {
      readers.add(
          callers.call(
              () -> {
                long next = System.nanoTime();
                while (!over.get()) {
                  next += gap;
                  LockSupport.parkNanos(next - System.nanoTime());
                  get(List.of(key(ThreadLocalRandom.current().nextInt(KEYS))));
                }
                return null;
              }));
    }
    return readers;
  }

  private void get(List<String> keys) {
    TestNode node = take();
    try {
      Map<String, ByteView> values = node.group("db").getAll(keys);
      gets.addAndGet(values.size());
      String version = version(node.index());
      values.forEach(
          (key, value) -> {
            if (!value.toString().startsWith(key + "@" + version + "\0")) {
              failures.add(node.index() + " gave a value of another version of " + key);
            }
          });
      if (values.size() < keys.size()) {
        failures.add("values are missing on " + node.index());
      }
    } catch (Exception failure) {
      failures.add(node.index() + ": " + failure);
    } finally {
      inUse.decrementAndGet(node.index());
    }
  }

  private TestNode take() {
    while (true) {
      List<TestNode> now = List.copyOf(ready);
      TestNode node = now.get(ThreadLocalRandom.current().nextInt(now.size()));
      inUse.incrementAndGet(node.index());
      if (ready.contains(node)) {
        return node;
      }
      inUse.decrementAndGet(node.index());
    }
  }

  private void readAll() {
    for (int from = 0; from < KEYS; from += 500) {
      get(
          IntStream.range(from, Math.min(KEYS, from + 500))
              .mapToObj(RollingRedeployIT::key)
              .toList());
    }
  }

  private void retire(TestNode node) {
    ready.remove(node);
  }

  private void stop(TestNode node) {
    while (inUse.get(node.index()) > 0) {
      LockSupport.parkNanos(1_000_000);
    }
    node.stop();
  }

  private static String leave(TestNode node) throws Exception {
    Response left =
        node.request(
            "POST", "/_cluster/leave", Map.of("Authorization", "Bearer " + SECRET), new byte[0]);
    assertThat(left.status()).isEqualTo(200);
    return left.text().strip();
  }

  private static void pause(long seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  /** A step of a deploy. */
  private interface Step {
    void of(TestCluster cluster, int node) throws Exception;
  }

  /** Returns the loads that it cost, of all keys, in percent. */
  private double run(String name, TestCluster cluster, Step step) throws Exception {
    List<Integer> costs = new ArrayList<>();
    readAll();
    int filled = loads.get();
    List<CompletableFuture<Void>> readers = read();
    pause(PAUSE);
    int steady = loads.get() - filled;
    int before = loads.get();
    for (int i = 0; i < NODES; i++) {
      int begun = loads.get();
      step.of(cluster, i);
      pause(PAUSE);
      readAll();
      costs.add(loads.get() - begun);
      if (Boolean.getBoolean("redeploy.verbose")) {
        for (TestNode node : ready) {
          var s = node.group("db").stats();
          System.out.printf(
              "  node %d: %d entries, %d evicted, %d peeks, %d hits, %d loads, %s%n",
              node.index(),
              s.entries(),
              s.evictions(),
              s.peeks(),
              s.peekHits(),
              s.loads(),
              node.pool().stats());
        }
      }
    }
    int cost = loads.get() - before;
    over.set(true);
    for (CompletableFuture<Void> reader : readers) {
      result(reader);
    }
    callers.close();
    double percent = 100.0 * cost / KEYS;
    System.out.printf(
        "redeploy %s: %d keys, %d loads (%.2f %%), by step %s, %d before, %d gets, %d failed%n",
        name, KEYS, cost, percent, costs, steady, gets.get(), failures.size());
    return percent;
  }

  private Step inPlace(boolean leaves) {
    return inPlace(leaves, i -> {});
  }

  private Step inPlace(boolean leaves, IntConsumer whileStopped) {
    return (cluster, i) -> {
      TestNode node = cluster.node(i);
      retire(node);
      if (leaves) {
        System.out.println(leave(node));
      }
      stop(node);
      whileStopped.accept(i);
      pause(PAUSE / 5);
      node.restart();
      awaitOwners(cluster, cluster.nodes());
      ready.add(node);
    };
  }

  /** The new node is there before the old one leaves, as where nodes are pods. */
  private Step withASpare() {
    return (cluster, i) -> {
      TestNode old = cluster.node(i);
      TestNode young = cluster.node(NODES + i);
      List<TestNode> nodes = new ArrayList<>(ready);
      nodes.add(young);
      show(cluster, nodes);
      ready.add(young);
      pause(PAUSE);
      readAll();
      retire(old);
      System.out.println(leave(old));
      nodes.remove(old);
      show(cluster, nodes);
      stop(old);
    };
  }

  private static void show(TestCluster cluster, List<TestNode> nodes) {
    List<String> urls = nodes.stream().map(TestNode::url).collect(Collectors.toList());
    nodes.forEach(node -> node.pool().set(urls));
    awaitOwners(cluster, nodes);
  }

  /** Waits until all agree that each owns keys. */
  private static void awaitOwners(TestCluster cluster, List<TestNode> nodes) {
    cluster.awaitContact();
    while (!nodes.stream()
        .allMatch(
            node ->
                IntStream.range(0, 1_000)
                    .mapToObj(RollingRedeployIT::key)
                    .anyMatch(node.pool()::owns))) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void assertNothingFailed() {
    assertThat(failures).as("failed gets").isEmpty();
  }

  /** Each node's budget is a fifth of what all keys take, and 20 %. */
  @Test
  void withASpareNodeItCostsOnePercent() throws Exception {
    try (TestCluster cluster = cluster(2 * NODES, NODES, 1.2 / NODES, true)) {
      assertThat(run("with a spare node", cluster, withASpare())).isLessThanOrEqualTo(1);
      assertNothingFailed();
    }
  }

  /** Four nodes hold what five held: their budgets have to be larger. */
  @Test
  void inPlaceItCostsOnePercentWhereFourNodesHoldAll() throws Exception {
    try (TestCluster cluster = cluster(NODES, NODES, 1.2 / (NODES - 1), true)) {
      assertThat(run("in place, 1.2 / 4", cluster, inPlace(true))).isLessThanOrEqualTo(1);
      assertNothingFailed();
    }
  }

  /** The nodes of the former version go on with what they have; the others load each key once. */
  @Test
  void withARaisedVersionNoOldValueIsAtANewNodeAndNothingGoodIsLoadedAgain() throws Exception {
    try (TestCluster cluster = cluster(NODES, NODES, 1.2, true)) {
      double percent =
          run("in place, raised version", cluster, inPlace(true, i -> versions.set(i, "2")));
      System.out.printf("redeploy: %d loads of the new version%n", loadsOfNewVersion.get());
      assertThat(percent).isLessThanOrEqualTo(1);
      assertThat(loadsOfNewVersion.get()).isBetween(KEYS, KEYS + KEYS / 100);
      assertNothingFailed();
    }
  }

  /** While a node is away, 4 * 1.2 / 5 = 96 % of the keys have a place. */
  @Test
  void inPlaceItCostsWhatFourNodesCannotHold() throws Exception {
    try (TestCluster cluster = cluster(NODES, NODES, 1.2 / NODES, true)) {
      run("in place, 1.2 / 5", cluster, inPlace(true));
      assertNothingFailed();
    }
  }

  @Test
  void undeployedWithoutLeaving() throws Exception {
    try (TestCluster cluster = cluster(NODES, NODES, 1.2 / (NODES - 1), true)) {
      run("plain undeploy, 1.2 / 4", cluster, inPlace(false));
      assertNothingFailed();
    }
  }

  @Test
  void withoutHandingOverAndWarmJoinsItCostsMoreThanFifteenPercent() throws Exception {
    try (TestCluster cluster = cluster(NODES, NODES, 1.2 / (NODES - 1), false)) {
      assertThat(run("all off, 1.2 / 4", cluster, inPlace(true))).isGreaterThan(15);
    }
  }

  @Test
  void aSixthNodeJoinsUnderLoad() throws Exception {
    try (TestCluster cluster = cluster(NODES + 1, NODES, 1.2 / NODES, true)) {
      readAll();
      List<CompletableFuture<Void>> readers = read();
      pause(PAUSE);
      int before = loads.get();
      show(cluster, cluster.nodes());
      ready.add(cluster.node(NODES));
      pause(PAUSE);
      readAll();
      int cost = loads.get() - before;
      over.set(true);
      for (CompletableFuture<Void> reader : readers) {
        result(reader);
      }
      callers.close();
      long moved =
          IntStream.range(0, KEYS)
              .mapToObj(RollingRedeployIT::key)
              .filter(cluster.node(NODES).pool()::owns)
              .count();
      System.out.printf(
          "a sixth node: %d keys moved, %d loads (%.2f %%), %d gets, %d failed%n",
          moved, cost, 100.0 * cost / moved, gets.get(), failures.size());
      assertThat(100.0 * cost / moved).isLessThanOrEqualTo(1);
      assertNothingFailed();
    }
  }
}
