package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.CacheException;
import geecache.Callers;
import geecache.GatedGetter;
import geecache.Group;
import geecache.LogCapture;
import geecache.NotReachedException;
import geecache.testing.Fault;
import geecache.testing.Head;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Removals across nodes, and what happens to them when nodes do not hear each other. */
class RemovalClusterTest {
  private static final String SECRET = "a-secret-for-these-tests";

  /** What all nodes load from: a version for each key. */
  private final Map<String, Integer> source = new ConcurrentHashMap<>();

  private byte[] load(String key) {
    return ("v" + source.getOrDefault(key, 1)).getBytes(UTF_8);
  }

  private TestCluster.Builder cluster(int nodes, String how) {
    return TestCluster.builder()
        .nodes(nodes)
        .secret(SECRET)
        .peerRequests(how)
        .setting("geecache.peer-timeout", "1s")
        .fronts()
        .groups(node -> node.group("db").register(this::load));
  }

  private static TestCluster met(TestCluster.Builder builder) {
    TestCluster cluster = builder.start();
    cluster.awaitContact();
    return cluster;
  }

  private static String get(TestNode node, String key) throws CacheException {
    return node.group("db").get(key).toString();
  }

  /** Has every node hold the key: its owner, and the others copies, since it is popular. */
  private static void warm(TestCluster cluster, String key) throws CacheException {
    for (TestNode node : cluster.nodes()) {
      for (int i = 0; i < 20; i++) {
        get(node, key);
      }
      assertThat(node.group("db").stats().entries()).isPositive();
    }
  }

  private static List<String> keysOwnedBy(TestNode owner, int count) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "key" + i)
        .filter(owner.pool()::owns)
        .limit(count)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aRemovalHoldsOnEveryNodeWhoeverRemoves(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how))) {
      int version = 1;
      for (TestNode owner : cluster.nodes()) {
        String key = keysOwnedBy(owner, 1).get(0);
        for (TestNode remover : cluster.nodes()) {
          warm(cluster, key);
          source.put(key, ++version);
          remover.group("db").remove(key);
          for (TestNode node : cluster.nodes()) {
            assertThat(get(node, key)).isEqualTo("v" + version);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void clearingAndRemovingManyHoldOnEveryNode(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how))) {
      List<String> keys = IntStream.range(0, 2_500).mapToObj(i -> "key" + i).toList();
      Group last = cluster.node(2).group("db");
      last.getAll(keys);
      keys.forEach(key -> source.put(key, 2));
      last.removeAll(keys);
      assertThat(Set.copyOf(cluster.node(1).group("db").getAll(keys).values()))
          .containsExactly(ByteView.of("v2"));
      keys.forEach(key -> source.put(key, 3));
      cluster.node(0).group("db").clear();
      assertThat(Set.copyOf(last.getAll(keys).values())).containsExactly(ByteView.of("v3"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aSetIsStoredByTheOwnerAndSeenByAll(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how))) {
      int number = 0;
      for (TestNode owner : cluster.nodes()) {
        String key = keysOwnedBy(owner, 1).get(0);
        for (TestNode setter : cluster.nodes()) {
          warm(cluster, key);
          ByteView value = ByteView.of("set " + number++);
          long loads = loads(cluster);
          setter.group("db").set(key, value, null);
          for (TestNode node : cluster.nodes()) {
            assertThat(node.group("db").get(key)).isEqualTo(value);
          }
          assertThat(loads(cluster)).isEqualTo(loads);
        }
      }
    }
  }

  /**
   * The setter reads between its own removal and the set at the owner: what it then has from the
   * source must not outlive the set.
   */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aReadDuringASetDoesNotOutliveIt(String how) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    try (Callers callers = new Callers();
        TestCluster cluster = met(cluster(2, how).setting("geecache.peer-timeout", "20s"))) {
      String key = keysOwnedBy(cluster.node(1), 1).get(0);
      warm(cluster, key);
      cluster
          .node(1)
          .front()
          .onlyFor(
              head -> {
                if (isChange(head)) {
                  held.countDown();
                  return !passes(release);
                }
                return false;
              });
      CompletableFuture<Void> set =
          callers.call(
              () -> {
                cluster.node(0).group("db").set(key, ByteView.of("set"), null);
                return null;
              });
      held.await();
      for (int i = 0; i < 20; i++) {
        assertThat(get(cluster.node(0), key)).isEqualTo("v1");
      }
      release.countDown();
      result(set);
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, key)).isEqualTo("set");
      }
    }
  }

  @Test
  void anyTimeToLiveCanBeSetAndANegativeOneChangesNothing() throws Exception {
    try (TestCluster cluster = met(cluster(2, "batch"))) {
      String key = keysOwnedBy(cluster.node(1), 1).get(0);
      Group group = cluster.node(0).group("db");
      for (Duration life : List.of(ChronoUnit.FOREVER.getDuration(), Duration.ofNanos(1))) {
        group.set(key, ByteView.of("set"), life);
      }
      group.set(key, ByteView.of("set"), ChronoUnit.FOREVER.getDuration());
      assertThatThrownBy(() -> group.set(key, ByteView.of("x"), Duration.ofSeconds(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("time to live must not be negative: PT-1S");
      assertThat(group.get(key, ChronoUnit.FOREVER.getDuration())).hasToString("set");
    }
  }

  /** Its contact with itself cannot be made, and is not tried without end. */
  @Test
  void aNodeThatIsNamedTwiceSaysSoOnce() throws Exception {
    try (LogCapture log = new LogCapture(HTTPPool.class, Level.WARNING);
        TestCluster cluster = TestCluster.builder().secret(SECRET).start()) {
      TestNode node = cluster.node(0);
      String alias = node.url().replace("127.0.0.1", "localhost");
      node.pool().set(List.of(node.url(), alias));
      await().untilAsserted(() -> assertThat(log.messages()).isNotEmpty());
      assertThat(log.messages())
          .containsExactly(
              "WARNING "
                  + alias
                  + " is this node itself, which knows itself by another URL: all have to name it by"
                  + " one, and geecache.self, if it is set, has to be that");
    }
  }

  private static long loads(TestCluster cluster) {
    return cluster.nodes().stream().mapToLong(node -> node.group("db").stats().loads()).sum();
  }

  /** The owner is loading, another node waits for it, and a third removes. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void removalDuringAFetch(String how) throws Exception {
    GatedGetter gated = new GatedGetter();
    try (Callers callers = new Callers();
        TestCluster cluster =
            met(cluster(3, how).groups(node -> node.group("gated").register(gated)))) {
      String key = keysOwnedBy(cluster.node(0), 1).get(0);
      Group asking = cluster.node(1).group("gated");
      CompletableFuture<ByteView> early = callers.call(() -> asking.get(key));
      GatedGetter.Call old = gated.next();

      cluster.node(2).group("gated").remove(key);
      List<CompletableFuture<ByteView>> late = new ArrayList<>();
      for (TestNode node : cluster.nodes()) {
        late.add(callers.call(() -> node.group("gated").get(key)));
      }
      GatedGetter.Call fresh = gated.next();
      old.answer("old");
      assertThat(result(early)).hasToString("old");
      fresh.answer("new");
      for (CompletableFuture<ByteView> get : late) {
        assertThat(result(get)).hasToString("new");
      }
      for (TestNode node : cluster.nodes()) {
        assertThat(node.group("gated").get(key)).hasToString("new");
      }
    }
  }

  /**
   * Node 2 takes node 1 for the owner; node 0 is. The remover tells 0 and 2, and is held on its way
   * to 1. What 2 then reads from 1 is not older than the removal that 2 knows and 1 does not.
   */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void removalBetweenOwnerAndANodeWithAnOlderView(String how) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Callers callers = new Callers();
        TestCluster cluster = met(cluster(3, how).view(2, 1, 2))) {
      String key =
          IntStream.iterate(0, i -> i + 1)
              .mapToObj(i -> "key" + i)
              .filter(k -> cluster.node(0).pool().owns(k) && !cluster.node(2).pool().owns(k))
              .findFirst()
              .orElseThrow();
      for (int i = 0; i < 20; i++) {
        assertThat(get(cluster.node(2), key)).isEqualTo("v1");
      }
      assertThat(cluster.node(1).group("db").stats().entries()).isEqualTo(1);
      cluster.node(1).front().onlyFor(head -> isChange(head) && !passes(release));

      source.put(key, 2);
      CompletableFuture<Void> removal =
          callers.call(
              () -> {
                cluster.node(0).group("db").remove(key);
                return null;
              });
      await().untilAsserted(() -> assertThat(get(cluster.node(2), key)).isEqualTo("v2"));
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
      release.countDown();
      removal.handle((done, failure) -> null).get(1, TimeUnit.MINUTES);
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, key)).isEqualTo("v2");
      }
    }
  }

  private static boolean isChange(Head head) {
    return head.target().startsWith("/_cluster/change");
  }

  /** Holds a request back, and then lets it pass. */
  private static boolean passes(CountDownLatch release) {
    try {
      return release.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatWasPausedDuringARemovalAndReturns(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how))) {
      TestNode paused = cluster.node(1);
      String key = keysOwnedBy(paused, 1).get(0);
      warm(cluster, key);
      paused.front().become(Fault.SILENT);
      source.put(key, 2);
      assertThatThrownBy(() -> cluster.node(0).group("db").remove(key))
          .isInstanceOfSatisfying(
              NotReachedException.class,
              failure -> assertThat(failure.nodes()).containsExactly(paused.url()))
          .hasMessage("the removal of a key of group db did not reach " + paused.url());
      assertThat(get(cluster.node(0), key)).isEqualTo("v2");
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
      assertThat(cluster.node(0).pool().inContact()).doesNotContain(paused.url());

      paused.front().become(Fault.PASS);
      await().untilAsserted(() -> assertThat(get(paused, key)).isEqualTo("v2"));
      await()
          .untilAsserted(
              () -> assertThat(cluster.node(0).pool().inContact()).contains(paused.url()));
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, key)).isEqualTo("v2");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void twoHalvesThatMeetAgain(String how) throws Exception {
    try (TestCluster cluster = met(cluster(4, how))) {
      String left = keysOwnedBy(cluster.node(0), 1).get(0);
      String right = keysOwnedBy(cluster.node(3), 1).get(0);
      warm(cluster, left);
      warm(cluster, right);
      cut(cluster.nodes().subList(0, 2), cluster.nodes().subList(2, 4));
      source.put(left, 2);
      source.put(right, 2);
      assertThatThrownBy(() -> cluster.node(1).group("db").remove(left))
          .isInstanceOf(NotReachedException.class)
          .hasMessageContaining(cluster.node(2).url())
          .hasMessageContaining(cluster.node(3).url());
      assertThatThrownBy(() -> cluster.node(2).group("db").remove(right))
          .isInstanceOf(NotReachedException.class);
      assertThat(get(cluster.node(0), left)).isEqualTo("v2");
      assertThat(get(cluster.node(3), right)).isEqualTo("v2");

      cluster.nodes().forEach(node -> node.front().heal());
      await()
          .untilAsserted(
              () -> {
                for (TestNode node : cluster.nodes()) {
                  assertThat(get(node, left)).isEqualTo("v2");
                  assertThat(get(node, right)).isEqualTo("v2");
                }
              });
      cluster.awaitContact();
    }
  }

  private static void cut(List<TestNode> one, List<TestNode> other) {
    cutFrom(one, other);
    cutFrom(other, one);
  }

  private static void cutFrom(List<TestNode> nodes, List<TestNode> senders) {
    Set<String> ids =
        senders.stream()
            .map(sender -> new PeerMark(sender.pool().id(), 0).toString().substring(0, 16))
            .collect(Collectors.toSet());
    for (TestNode node : nodes) {
      node.front()
          .cutFor(
              head -> {
                String mark = head.header(PeerMark.HEADER);
                return mark != null && ids.contains(mark.substring(0, 16));
              });
    }
  }

  /** More was removed without the paused node than the others remember. */
  @Test
  void aLogThatDoesNotReachBackClearsTheNodeThatIsMet() throws Exception {
    try (TestCluster cluster = met(cluster(2, "batch").setting("geecache.removal-log", "10"))) {
      TestNode paused = cluster.node(1);
      String key = keysOwnedBy(paused, 1).get(0);
      warm(cluster, key);
      paused.front().become(Fault.REFUSE);
      source.put(key, 2);
      Group group = cluster.node(0).group("db");
      assertThatThrownBy(() -> group.remove(key)).isInstanceOf(NotReachedException.class);
      for (int i = 0; i < 20; i++) {
        String other = "other" + i;
        assertThatThrownBy(() -> group.remove(other)).isInstanceOf(NotReachedException.class);
      }
      assertThat(get(paused, key)).isEqualTo("v1");
      paused.front().become(Fault.PASS);
      await().untilAsserted(() -> assertThat(get(paused, key)).isEqualTo("v2"));
    }
  }

  @Test
  void whoIsKnownToOthersAloneIsToldToo() throws Exception {
    try (TestCluster cluster = met(cluster(3, "batch").view(0, 0, 1))) {
      String key = keysOwnedBy(cluster.node(2), 1).get(0);
      warm(cluster, key);
      source.put(key, 2);
      cluster.node(0).group("db").remove(key);
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
    }
  }

  @Test
  void withoutASecretNothingIsChangedWhereThereArePeers() throws Exception {
    try (TestCluster cluster =
        met(TestCluster.builder().nodes(2).groups(n -> n.group("db").register(this::load)))) {
      for (TestNode node : cluster.nodes()) {
        get(node, "Tom");
      }
      Group group = cluster.node(0).group("db");
      source.put("Tom", 2);
      String message =
          "changes need a secret where there are peers: set geecache.secret on all nodes";
      assertThatThrownBy(() -> group.remove("Tom"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(message);
      assertThatThrownBy(group::clear).hasMessage(message);
      assertThatThrownBy(() -> group.set("Tom", ByteView.of("x"), null)).hasMessage(message);
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, "Tom")).isEqualTo("v1");
      }
    }
  }
}
