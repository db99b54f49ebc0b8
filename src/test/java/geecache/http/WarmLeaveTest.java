package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.cluster.LeaveReport;
import geecache.cluster.Meeting;
import geecache.cluster.Sender;
import geecache.cluster.Standing;
import geecache.testing.Fault;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Nodes leave: who asks for that, and who hears of it. */
class WarmLeaveTest extends WarmCluster {
  private static final Map<String, String> AUTHORIZED = Map.of("Authorization", "Bearer " + SECRET);

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
            new Meeting(cluster.node(0).url(), false, List.of(), new Standing(leaving, 0)));
    String mark = PeerHeaders.of(new Sender(cluster.node(0).pool().id(), number));
    Map<String, String> headers =
        Map.of("Authorization", "Bearer " + SECRET, PeerHeaders.SENDER, mark);
    assertThat(cluster.node(1).request("POST", "/_cluster/meet", headers, meeting).status())
        .isEqualTo(200);
  }
}
