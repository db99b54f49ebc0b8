package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.Group;
import geecache.NotReachedException;
import geecache.ring.HashRing;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes and one of Go's in one ring. */
@Timeout(120)
class GoNodeClusterTest {
  private static final Map<String, String> CREDENTIALS =
      Map.of("Authorization", "Bearer " + ServedNode.FIRST);

  private final CountedSource source = new CountedSource();
  private final FakeGoNode go = new FakeGoNode();
  private final TestCluster cluster =
      TestCluster.builder()
          .nodes(2)
          .secret(ServedNode.FIRST)
          .setting("geecache.groupcache", "true")
          .setting("geecache.groupcache-peers", go.url())
          .groups((i, node) -> node.group("g").register(source.at(i)))
          .start();

  GoNodeClusterTest() throws IOException {}

  @BeforeEach
  void awaitContact() {
    cluster.awaitContact();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30)) // A second probe comes after a silence.
        .until(
            () -> cluster.nodes().stream().allMatch(n -> n.pool().inContact().contains(go.url())));
  }

  @AfterEach
  void close() {
    cluster.close();
    go.close();
  }

  private String keyOf(String owner) {
    List<String> urls = Stream.concat(cluster.urls().stream(), Stream.of(go.url())).toList();
    HashRing ring = HashRing.compatible(urls, 50);
    int i = 0;
    while (!owner.equals(ring.owner("k" + i))) {
      i++;
    }
    return "k" + i;
  }

  private Group group(int node) {
    return cluster.node(node).group("g");
  }

  @Test
  void eachKeyIsItsOwnersOnAllSides() throws Exception {
    String first = keyOf(cluster.node(0).url());
    String second = keyOf(cluster.node(1).url());
    String gos = keyOf(go.url());
    for (int node = 0; node < 2; node++) {
      assertThat(group(node).get(first)).hasToString(CountedSource.valueOf(first));
      assertThat(group(node).get(second)).hasToString(CountedSource.valueOf(second));
      assertThat(group(node).get(gos)).hasToString(gos);
    }
    assertThat(source.loadsOf(first)).containsExactly(0);
    assertThat(source.loadsOf(second)).containsExactly(1);
    assertThat(go.asked()).contains("g/" + gos).doesNotContain("g/" + first, "g/" + second);
  }

  @Test
  void changesAreMadeOnAllNodesButTheGoNodeWhichTheyName() throws Exception {
    String key = keyOf(cluster.node(1).url());
    group(0).get(key);

    assertNamesGo(() -> group(0).remove(key));
    assertThat(group(0).get(key)).hasToString(CountedSource.valueOf(key));
    assertThat(source.loadsOf(key)).hasSize(2);

    assertNamesGo(() -> group(0).clear());
    group(0).get(key);
    assertThat(source.loadsOf(key)).hasSize(3);

    assertNamesGo(() -> group(0).set(key, ByteView.of("other"), null));
    assertThat(group(0).get(key)).hasToString("other");
    assertThat(group(1).get(key)).hasToString("other");
    assertThat(go.asked()).isEmpty();
  }

  private void assertNamesGo(org.assertj.core.api.ThrowableAssert.ThrowingCallable change) {
    assertThatThrownBy(change)
        .isInstanceOfSatisfying(
            NotReachedException.class, e -> assertThat(e.nodes()).containsExactly(go.url()));
  }

  @Test
  void aKeyOfAGoNodeCannotBeSet() throws Exception {
    String key = keyOf(go.url());
    for (TestNode node : cluster.nodes()) {
      assertNamesGo(() -> node.group("g").set(key, ByteView.of("other"), null));
      assertThat(node.group("g").get(key)).hasToString(key);
    }
    assertThat(source.loads()).isEmpty();
  }

  @Test
  void clientsAreToldByHttp() throws Exception {
    String path = "/_geecache/g/" + keyOf(cluster.node(1).url());
    TestNode node = cluster.node(0);
    Response put = node.request("PUT", path, CREDENTIALS, "other".getBytes(UTF_8));
    assertThat(put.status()).isEqualTo(502);
    assertThat(put.text()).contains(go.url());
    assertThat(node.request("DELETE", path, CREDENTIALS, null).status()).isEqualTo(502);
    assertThat(node.request("DELETE", "/_geecache/g?all=true", CREDENTIALS, null).status())
        .isEqualTo(502);
  }

  @Test
  void aGoNodeAsksOverHttp() throws Exception {
    String key = keyOf(cluster.node(1).url());
    Response answer = cluster.node(1).request("GET", "/_groupcache/g/" + key, CREDENTIALS, null);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/x-protobuf");
    assertThat(answer.text()).endsWith(CountedSource.valueOf(key));
    assertThat(cluster.node(1).request("GET", "/_groupcache/", CREDENTIALS, null).text())
        .isEqualTo("bad request\n");
  }
}
