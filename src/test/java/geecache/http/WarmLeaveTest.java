package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nodes leave: who asks for that, and who hears of it. */
class WarmLeaveTest extends WarmCluster {
  private static final Map<String, String> AUTHORIZED = Map.of("Authorization", "Bearer " + SECRET);

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
}
