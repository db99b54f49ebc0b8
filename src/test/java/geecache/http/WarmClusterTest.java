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
import geecache.NotReachedException;
import geecache.testing.Fault;
import geecache.testing.Head;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes join and leave, and the source hears little of it. */
@Timeout(120)
class WarmClusterTest {
  private static final String SECRET = "a-secret-for-these-tests";
  private static final Map<String, String> AUTHORIZED = Map.of("Authorization", "Bearer " + SECRET);
  private static final List<String> KEYS =
      IntStream.range(0, 300).mapToObj(i -> "key" + i).toList();

  /** What all nodes load from: a version for each key, and how often it was asked. */
  private final Map<String, Integer> source = new ConcurrentHashMap<>();

  private final AtomicInteger loads = new AtomicInteger();

  private byte[] load(String key) {
    loads.incrementAndGet();
    return ("v" + source.getOrDefault(key, 1)).getBytes(UTF_8);
  }

  private TestCluster.Builder cluster(int nodes, String how) {
    return TestCluster.builder()
        .nodes(nodes)
        .secret(SECRET)
        .peerRequests(how)
        .setting("geecache.handoff", "5s")
        .fronts()
        .groups(node -> node.group("db").hotCopies(false).register(this::load));
  }

  /** Starts so many nodes, of which the first few know each other, and the others are alone. */
  private static TestCluster started(TestCluster.Builder builder, int nodes, int together) {
    for (int i = 0; i < nodes; i++) {
      builder.view(i, i < together ? IntStream.range(0, together).toArray() : new int[] {i});
    }
    TestCluster cluster = builder.start();
    cluster.awaitContact();
    return cluster;
  }

  private static String get(TestNode node, String key) throws CacheException {
    return node.group("db").get(key).toString();
  }

  private void warm(TestNode node) throws CacheException {
    for (String key : KEYS) {
      assertThat(get(node, key)).isEqualTo("v1");
    }
  }

  /** Shows the same nodes to all of them. */
  private static void show(TestCluster cluster, Integer... nodes) {
    List<String> urls = Stream.of(nodes).map(i -> cluster.node(i).url()).toList();
    for (int node : nodes) {
      cluster.node(node).pool().set(urls);
    }
    cluster.awaitContact();
  }

  private void assertNothingIsLoaded(TestCluster cluster, int... nodes) throws CacheException {
    int before = loads.get();
    for (int node : nodes) {
      warm(cluster.node(node));
    }
    assertThat(loads).hasValue(before);
  }

  private static List<String> ownedBy(TestNode node) {
    return KEYS.stream().filter(node.pool()::owns).toList();
  }

  private static long peekHits(TestNode node) {
    return node.group("db").stats().peekHits();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatJoinsAsksTheFormerOwners(String how) throws Exception {
    try (TestCluster cluster = started(cluster(3, how), 3, 2)) {
      warm(cluster.node(0));
      show(cluster, 0, 1, 2);
      assertThat(ownedBy(cluster.node(2))).isNotEmpty();
      assertNothingIsLoaded(cluster, 0, 1, 2);
      assertThat(peekHits(cluster.node(2))).isEqualTo(ownedBy(cluster.node(2)).size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void twoNodesThatJoinAtOnceAskTheFormerOwners(String how) throws Exception {
    try (TestCluster cluster = started(cluster(4, how), 4, 2)) {
      warm(cluster.node(0));
      show(cluster, 0, 1, 2, 3);
      assertNothingIsLoaded(cluster, 3, 2, 0, 1);
    }
  }

  @Test
  void aNodeThatJoinsAfterAnotherAsksThatToo() throws Exception {
    try (TestCluster cluster = started(cluster(4, "batch"), 4, 2)) {
      warm(cluster.node(0));
      show(cluster, 0, 1, 2);
      assertNothingIsLoaded(cluster, 2);
      show(cluster, 0, 1, 2, 3);
      assertNothingIsLoaded(cluster, 0, 1, 2, 3);
    }
  }

  @Test
  void aNodeThatWasTakenOutOfTheViewIsStillAsked() throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      show(cluster, 0, 1);
      assertNothingIsLoaded(cluster, 0, 1);
      assertThat(peekHits(cluster.node(0)) + peekHits(cluster.node(1))).isPositive();
    }
  }

  @Test
  void aViewThatFlapsLosesNothing() throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      for (int i = 0; i < 3; i++) {
        show(cluster, 0, 1);
        show(cluster, 0, 1, 2);
      }
      assertNothingIsLoaded(cluster, 0, 1, 2);
    }
  }

  @Test
  void withoutAWarmJoinTheSourceIsAsked() throws Exception {
    try (TestCluster cluster =
        started(cluster(3, "batch").setting("geecache.warm-join", "0"), 3, 2)) {
      warm(cluster.node(0));
      show(cluster, 0, 1, 2);
      warm(cluster.node(2));
      assertThat(loads).hasValue(KEYS.size() + ownedBy(cluster.node(2)).size());
    }
  }

  /** The former owner is loading the key: what asks only for what it has does not wait for that. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aPeekWaitsForNoLoad(String how) throws Exception {
    Map<Integer, GatedGetter> gated = Map.of(0, new GatedGetter(), 1, new GatedGetter());
    try (Callers callers = new Callers();
        TestCluster cluster =
            started(
                cluster(2, how).groups((i, node) -> node.group("gated").register(gated.get(i))),
                2,
                1)) {
      warm(cluster.node(0));
      String key = "moved";
      CompletableFuture<ByteView> old = callers.call(() -> cluster.node(0).group("gated").get(key));
      GatedGetter.Call loading = gated.get(0).next();
      cluster.node(1).pool().set(cluster.urls());
      cluster.node(0).pool().set(cluster.urls());
      String moved = key;
      if (cluster.node(1).pool().owns(moved)) {
        CompletableFuture<ByteView> now =
            callers.call(() -> cluster.node(1).group("gated").get(moved));
        gated.get(1).next().answer("new");
        assertThat(result(now)).hasToString("new");
      }
      loading.answer("old");
      assertThat(result(old)).hasToString("old");
    }
  }

  /** Node 0 does not hear of the removal; the new owner does, and tells it when it asks. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aPeekNamesTheRemovalsThatTheFormerOwnerMissed(String how) throws Exception {
    try (TestCluster cluster = started(cluster(4, how), 4, 3)) {
      warm(cluster.node(1));
      show(cluster, 0, 1, 2, 3);
      String key =
          ownedBy(cluster.node(3)).stream()
              .filter(k -> cluster.node(0).group("db").peekHere(k) != null)
              .findFirst()
              .orElseThrow();
      hideNodeMessages(cluster.node(0));
      source.put(key, 2);
      assertThatThrownBy(() -> cluster.node(1).group("db").remove(key))
          .isInstanceOf(NotReachedException.class)
          .hasMessageContaining(cluster.node(0).url());
      assertThat(cluster.node(0).group("db").peekHere(key)).isNotNull();
      assertThat(get(cluster.node(3), key)).isEqualTo("v2");
      assertThat(cluster.node(0).group("db").peekHere(key)).isNull();
    }
  }

  /** As at a plain undeploy: it asks and tells others, and hears nothing itself. */
  private static void hideNodeMessages(TestNode node) {
    node.front().onlyFor(head -> !Reads.isRead(head));
    node.front().become(Fault.NOT_FOUND_PAGE);
  }

  @Test
  void aSilentFormerOwnerIsNotAskedAgain() throws Exception {
    try (TestCluster cluster =
        started(cluster(3, "batch").setting("geecache.peer-timeout", "1s"), 3, 2)) {
      warm(cluster.node(0));
      show(cluster, 0, 1, 2);
      Reads atZero = Reads.at(cluster.node(0).front());
      cluster.node(0).front().become(Fault.SILENT);
      List<String> lost =
          ownedBy(cluster.node(2)).stream()
              .filter(k -> cluster.node(0).group("db").peekHere(k) != null)
              .toList();
      int before = loads.get();
      for (String key : lost) {
        get(cluster.node(2), key);
      }
      assertThat(loads.get() - before).isEqualTo(lost.size());
      assertThat(atZero.count()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatLeavesHandsOverWhatItHas(String how) throws Exception {
    try (TestCluster cluster = started(cluster(3, how), 3, 3)) {
      warm(cluster.node(0));
      TestNode leaver = cluster.node(0);
      int owned = ownedBy(leaver).size();
      LeaveReport report = result(leaver.pool().leave());
      assertThat(report.over()).isTrue();
      assertThat(List.of(report.entries(), report.taken(), report.refused(), report.unsent()))
          .containsExactly((long) owned, (long) owned, 0L, 0L);
      assertThat(ownedBy(leaver)).isEmpty();
      assertThat(cluster.node(1).pool().stats().taken() + cluster.node(2).pool().stats().taken())
          .isEqualTo(owned);
      assertThat(leaver.pool().stats().handedOver()).isEqualTo(owned);
      leaver.stop();
      assertNothingIsLoaded(cluster, 1, 2);
    }
  }

  @Test
  void aNodeThatHasLeftAnswersAndHearsOfRemovals() throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      result(cluster.node(0).pool().leave());
      assertNothingIsLoaded(cluster, 0);
      source.put("key1", 2);
      cluster.node(1).group("db").remove("key1");
      assertThat(get(cluster.node(0), "key1")).isEqualTo("v2");
      source.put("key2", 2);
      cluster.node(0).group("db").remove("key2");
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, "key2")).isEqualTo("v2");
      }
    }
  }

  @Test
  void leavingIsAskedForOverHttp() throws Exception {
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      warm(cluster.node(0));
      TestNode leaver = cluster.node(0);
      assertThat(leave(leaver, "GET").text()).isEqualTo("not leaving\n");
      assertThat(leaver.pool().notReady()).isEmpty();
      Response left = leave(leaver, "POST");
      assertThat(left.status()).isEqualTo(200);
      assertThat(left.text())
          .matches(
              "left: (\\d+) of \\1 entries handed over to 1 nodes, 0 refused, 0 not sent, in \\d+ ms\n");
      assertThat(leave(leaver, "POST").text()).isEqualTo(left.text());
      assertThat(leave(leaver, "GET").text()).isEqualTo(left.text());
      assertThat(leaver.pool().notReady()).contains("the node leaves");
      assertThat(leave(leaver, "PUT").status()).isEqualTo(405);
      assertThat(leaver.request("POST", "/_cluster/leave", Map.of(), new byte[0]).status())
          .isEqualTo(401);
      assertThat(leave(leaver, "DELETE").text()).isEqualTo("not leaving\n");
      await().until(() -> !ownedBy(leaver).isEmpty() && isOwnedAlike(cluster));
      assertNothingIsLoaded(cluster, 0, 1);
    }
  }

  private static Response leave(TestNode node, String method) throws Exception {
    return node.request(
        method, "/_cluster/leave", AUTHORIZED, method.equals("GET") ? null : new byte[0]);
  }

  /** Whether each key has one owner. */
  private static boolean isOwnedAlike(TestCluster cluster) {
    return KEYS.stream()
        .allMatch(
            key -> cluster.nodes().stream().filter(node -> node.pool().owns(key)).count() == 1);
  }

  @Test
  void withoutASecretNobodyLeaves() throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .groups(node -> node.group("db").register(this::load))
            .start()) {
      cluster.awaitContact();
      TestNode node = cluster.node(0);
      assertThatThrownBy(() -> node.pool().leave())
          .hasMessage(
              "leaving needs a secret where there are peers: set geecache.secret on all nodes");
      assertThat(node.request("POST", "/_cluster/leave", Map.of(), new byte[0]).status())
          .isEqualTo(403);
      assertThat(node.request("POST", "/_cluster/handoff?group=db", Map.of(), new byte[0]).status())
          .isEqualTo(403);
      assertThat(ownedBy(node)).isNotEmpty();
    }
  }

  @Test
  void strangersHandNothingOver() throws Exception {
    try (TestCluster cluster = started(cluster(1, "batch"), 1, 1)) {
      Response refused =
          cluster
              .node(0)
              .request(
                  "POST",
                  "/_cluster/handoff?group=db",
                  Map.of(
                      "Authorization",
                      "Bearer " + SECRET,
                      PeerMark.HEADER,
                      new PeerMark(7, 1).toString()),
                  new byte[0]);
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.text())
          .isEqualTo("only a node that was in contact may hand entries over\n");
    }
  }

  @Test
  void aNodeThatHasLeftAndRestartsJoinsAsAnyOther() throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      result(cluster.node(0).pool().leave());
      cluster.node(0).restart();
      await().until(() -> isOwnedAlike(cluster) && !ownedBy(cluster.node(0)).isEmpty());
      cluster.awaitContact();
      assertNothingIsLoaded(cluster, 0, 1, 2);
      assertThat(peekHits(cluster.node(0))).isEqualTo(ownedBy(cluster.node(0)).size());
    }
  }

  @Test
  void aNodeThatIsUndeployedHandsOverAlone() throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      cluster.node(0).stop();
      assertNothingIsLoaded(cluster, 1, 2);
    }
  }

  @Test
  void aNodeLeavesWhileAnotherJoins() throws Exception {
    try (TestCluster cluster = started(cluster(4, "batch"), 4, 3)) {
      warm(cluster.node(0));
      CompletableFuture<LeaveReport> left = cluster.node(0).pool().leave();
      show(cluster, 0, 1, 2, 3);
      result(left);
      await().until(() -> isOwnedAlike(cluster));
      assertNothingIsLoaded(cluster, 1, 2, 3);
    }
  }

  /** Node 0 is told of nothing any more, as one that is being undeployed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKeyRemovedBeforeItsEntryComesIsRefused(boolean all) throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      TestNode leaver = cluster.node(0);
      String key = ownedBy(leaver).get(0);
      cluster.node(0).front().become(Fault.NOT_FOUND_PAGE);
      source.put(key, 2);
      assertThatThrownBy(
              () -> {
                if (all) {
                  cluster.node(1).group("db").clear();
                } else {
                  cluster.node(1).group("db").remove(key);
                }
              })
          .isInstanceOf(NotReachedException.class);
      LeaveReport report = result(leaver.pool().leave());
      assertThat(report.refused()).isEqualTo(all ? report.entries() : 1);
      for (TestNode node : cluster.nodes().subList(1, 3)) {
        assertThat(get(node, key)).isEqualTo("v2");
      }
    }
  }

  /** A message with its entry is on its way while the key is removed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKeyRemovedWhileItsEntryIsOnItsWayIsRefused(boolean all) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      warm(cluster.node(0));
      String key = ownedBy(cluster.node(0)).get(0);
      CountDownLatch sent = new CountDownLatch(1);
      cluster.node(1).front().cutFor(head -> isHandoff(head) && !passes(sent, release));
      CompletableFuture<LeaveReport> left = cluster.node(0).pool().leave();
      assertThat(sent.await(1, TimeUnit.MINUTES)).isTrue();
      source.put(key, 2);
      if (all) {
        cluster.node(1).group("db").clear();
      } else {
        cluster.node(1).group("db").remove(key);
      }
      release.countDown();
      assertThat(result(left).refused()).isPositive();
      assertThat(get(cluster.node(1), key)).isEqualTo("v2");
      assertThat(get(cluster.node(0), key)).isEqualTo("v2");
    }
  }

  private static boolean isHandoff(Head head) {
    return head.target().startsWith("/_cluster/handoff");
  }

  private static boolean passes(CountDownLatch sent, CountDownLatch release) {
    sent.countDown();
    try {
      return release.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What was removed everywhere and loaded again is as good as anything else. */
  @Test
  void anEntryNamesTheRemovalsThatItsNodeKnows() throws Exception {
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      warm(cluster.node(0));
      cluster.node(1).group("db").clear();
      KEYS.forEach(key -> source.put(key, 2));
      cluster.node(1).group("db").removeAll(KEYS);
      for (String key : KEYS) {
        assertThat(get(cluster.node(1), key)).isEqualTo("v2");
      }
      LeaveReport report = result(cluster.node(0).pool().leave());
      assertThat(List.of(report.refused(), report.unsent())).containsExactly(0L, 0L);
      assertThat(report.taken()).isPositive();
    }
  }

  /** However long a silence the node bears otherwise. */
  @Test
  void handingOverEndsWithItsTime() throws Exception {
    try (TestCluster cluster =
        started(
            cluster(2, "batch")
                .setting("geecache.handoff", "600ms")
                .setting("geecache.peer-timeout", "5m"),
            2,
            2)) {
      warm(cluster.node(0));
      cluster.node(1).front().onlyFor(WarmClusterTest::isHandoff);
      cluster.node(1).front().become(Fault.SILENT);
      LeaveReport report = result(cluster.node(0).pool().leave());
      assertThat(report.over()).isTrue();
      assertThat(report.unsent()).isEqualTo(report.entries()).isPositive();
      // It can still be asked for them.
      cluster.node(1).front().become(Fault.PASS);
      assertNothingIsLoaded(cluster, 1);
    }
  }

  @Test
  void aReceiverThatIsGoneCostsItsShareAlone() throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      cluster.node(1).front().onlyFor(WarmClusterTest::isHandoff);
      cluster.node(1).front().become(Fault.RESET);
      LeaveReport report = result(cluster.node(0).pool().leave());
      assertThat(report.unsent()).isPositive();
      assertThat(report.taken()).isPositive();
      assertThat(report.took()).isLessThan(Duration.ofSeconds(60));
    }
  }

  /** As where a version without that group is being deployed. */
  @Test
  void aGroupThatAReceiverLacksCostsItselfAlone() throws Exception {
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      TestNode leaver = cluster.node(0);
      List<String> owned =
          IntStream.iterate(0, i -> i + 1)
              .mapToObj(i -> "many" + i)
              .filter(leaver.pool()::owns)
              .limit(HandoffCodec.MOST_ENTRIES + 100)
              .toList();
      leaver.group("db").getAll(owned);
      leaver.geecache().group("lone").register(this::load).get(owned.get(0));
      LeaveReport report = result(leaver.pool().leave());
      assertThat(List.of(report.taken(), report.refused(), report.unsent()))
          .containsExactly((long) owned.size(), 0L, 1L);
    }
  }

  @Test
  void whoWasNotToldThatANodeLeavesHearsItLater() throws Exception {
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      cluster.node(1).front().onlyFor(head -> head.target().startsWith("/_cluster/meet"));
      cluster.node(1).front().become(Fault.NOT_FOUND_PAGE);
      result(cluster.node(0).pool().leave());
      assertThat(isOwnedAlike(cluster)).isFalse();
      cluster.node(1).front().become(Fault.PASS);
      await().until(() -> isOwnedAlike(cluster));
      assertThat(ownedBy(cluster.node(1))).isEqualTo(KEYS);
    }
  }

  /** Telling it takes longer than there is for handing over. */
  @Test
  void aNodeThatDoesNotHearTakesNoTimeFromTheOthers() throws Exception {
    try (TestCluster cluster =
        started(
            cluster(3, "batch")
                .setting("geecache.peer-timeout", "5s")
                .setting("geecache.handoff", "4s"),
            3,
            3)) {
      warm(cluster.node(0));
      cluster.node(1).front().onlyFor(head -> head.target().startsWith("/_cluster/meet"));
      cluster.node(1).front().become(Fault.SILENT);
      assertThat(result(cluster.node(0).pool().leave()).taken()).isPositive();
    }
  }

  /** It says that it leaves, which comes late; it stays, and says so; the first comes. */
  @Test
  void whatANodeSaidEarlierAndComesLaterDoesNotCount() throws Exception {
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      says(cluster, 1_000_000, false);
      says(cluster, 999_999, true);
      assertThat(isOwnedAlike(cluster)).isTrue();
      says(cluster, 1_000_001, true);
      assertThat(ownedBy(cluster.node(1))).isEqualTo(KEYS);
    }
  }

  /** Node 0 tells node 1 about itself, in its request of that number. */
  private static void says(TestCluster cluster, long number, boolean leaving) throws Exception {
    byte[] meeting =
        ClusterCodec.meeting(
            new ClusterCodec.Meeting(
                cluster.node(0).url(), false, List.of(), new ClusterCodec.Standing(leaving, 0)));
    String mark = new PeerMark(cluster.node(0).pool().id(), number).toString();
    Map<String, String> headers =
        Map.of("Authorization", "Bearer " + SECRET, PeerMark.HEADER, mark);
    assertThat(cluster.node(1).request("POST", "/_cluster/meet", headers, meeting).status())
        .isEqualTo(200);
  }

  /** Questions that wait for a node when it leaves the view fail, and it did not. */
  @Test
  void aNodeThatWasAskedWhenItWasTakenOutIsStillAsked() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (TestCluster cluster =
        started(cluster(3, "batch").setting("geecache.peer-timeout", "30s"), 3, 2)) {
      warm(cluster.node(0));
      show(cluster, 0, 1, 2);
      TestNode joined = cluster.node(2);
      List<String> keys =
          ownedBy(joined).stream()
              .filter(key -> cluster.node(0).group("db").peekHere(key) != null)
              .toList();
      int before = loads.get();
      CountDownLatch first = new CountDownLatch(1);
      CountDownLatch both = new CountDownLatch(2);
      cluster
          .node(0)
          .front()
          .cutFor(
              head -> {
                if (Reads.isRead(head)) {
                  first.countDown();
                  return !passes(both, release);
                }
                return false;
              });
      CompletableFuture<ByteView> one = joined.group("db").getAsync(keys.get(0));
      assertThat(first.await(1, TimeUnit.MINUTES)).isTrue();
      CompletableFuture<ByteView> two = joined.group("db").getAsync(keys.get(1));
      assertThat(both.await(1, TimeUnit.MINUTES)).isTrue();
      CompletableFuture<ByteView> waits = joined.group("db").getAsync(keys.get(2));
      joined.pool().set(List.of(cluster.node(1).url(), joined.url()));
      assertThat(result(waits)).hasToString("v1");
      assertThat(loads.get() - before).isEqualTo(1);
      release.countDown();
      result(one);
      result(two);
      assertThat(get(joined, keys.get(3))).isEqualTo("v1");
      assertThat(loads.get() - before).isEqualTo(1);
    }
  }
}
