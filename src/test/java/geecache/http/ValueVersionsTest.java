package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes with different versions of a group, over HTTP. */
@Timeout(300)
class ValueVersionsTest {
  private static final String SECRET = "a-secret-for-these-tests";
  private static final List<String> KEYS =
      IntStream.range(0, 50).mapToObj(i -> "k" + i + (i % 2 == 0 ? "" : "/~ä")).toList();
  private static final String[] VERSIONS = {"1.0", "2", "2"};

  private final AtomicInteger loads = new AtomicInteger();
  private TestCluster cluster;

  private void start(String how) {
    cluster =
        TestCluster.builder()
            .nodes(3)
            .secret(SECRET)
            .setting("geecache.handoff", "30s")
            .peerRequests(how)
            .groups(
                (i, node) ->
                    node.group("g")
                        .version(VERSIONS[i])
                        .register(
                            key -> {
                              loads.incrementAndGet();
                              return VERSIONS[i].getBytes(UTF_8);
                            }))
            .start();
    cluster.awaitContact();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void eachNodeHasItsOwnValuesAndThoseOfOneVersionShareThem(String how) throws Exception {
    start(how);
    for (TestNode node : cluster.nodes()) {
      for (String key : KEYS) {
        assertThat(node.group("g").get(key)).hasToString(VERSIONS[node.index()]);
      }
    }
    assertThat(loads).hasValue(2 * KEYS.size());
    cluster.node(2).group("g").set("k0", ByteView.of("set"), null);
    assertThat(cluster.node(1).group("g").get("k0")).hasToString("set");
    assertThat(cluster.node(0).group("g").get("k0")).hasToString("1.0");
    assertThat(loads).as("a set is a removal in the other version").hasValue(2 * KEYS.size() + 1);
    assertToldToOperators();
    assertRefusedToNodes();
    cluster.node(1).stop();
    assertThat(cluster.node(2).group("g").get("k0")).hasToString("set");
  }

  private void assertToldToOperators() throws Exception {
    Map<String, String> secret = Map.of("Authorization", "Bearer " + SECRET);
    String status = cluster.node(1).request("GET", "/_cluster/status", secret, new byte[0]).text();
    assertThat(status).contains("\"version\":\"2\"");
    assertThat(status).containsOnlyOnce("\"groupsNotShared\":[\"g\"]");
    String explain =
        cluster
            .node(0)
            .request("GET", "/_cluster/explain?group=g&key=k0", secret, new byte[0])
            .text();
    assertThat(explain).contains("\"groupVersion\":\"1.0\"").contains("\"groupVersion\":\"2\"");
    assertThat(explain).contains("\"owner\":\"" + cluster.node(0).url() + "\"");
  }

  /** A request with the mark of a node. */
  private void assertRefusedToNodes() throws Exception {
    Map<String, String> node =
        Map.of("Authorization", "Bearer " + SECRET, "Geecache-Peer", "0123456789abcdef.1");
    Response other = cluster.node(0).request("GET", "/_geecache/g@2/k0", node, new byte[0]);
    assertThat(other.status()).isEqualTo(404);
    assertThat(other.text()).contains("no such group: g@2, but here it is g@1.0");
    assertThat(other.header("Geecache-Status")).isEqualTo("no-such-group");
    assertThat(cluster.node(0).request("GET", "/_geecache/g/k0", node, new byte[0]).status())
        .isEqualTo(404);
    assertThat(cluster.node(0).request("GET", "/_geecache/g@1.0/k0", node, new byte[0]).status())
        .isEqualTo(200);
    String tooLong = "/_geecache/g@" + "x".repeat(65) + "/k0";
    assertThat(cluster.node(0).request("GET", tooLong, node, new byte[0]).status()).isEqualTo(400);
    Response handoff =
        cluster
            .node(0)
            .request(
                "POST",
                "/_cluster/handoff?group=g@2",
                Map.of(
                    "Authorization",
                    "Bearer " + SECRET,
                    "Geecache-Peer",
                    "0123456789abcdef.1",
                    "Content-Type",
                    "application/vnd.geecache.cluster.v1+protobuf"),
                new byte[0]);
    assertThat(handoff.status()).isEqualTo(404);
    Map<String, String> client = Map.of("Authorization", "Bearer " + SECRET);
    assertThat(cluster.node(0).request("GET", "/_geecache/g/k0", client, new byte[0]).status())
        .isEqualTo(200);
    assertThat(cluster.node(0).request("GET", "/_geecache/g@1.0/k0", client, new byte[0]).status())
        .isEqualTo(404);
  }
}
