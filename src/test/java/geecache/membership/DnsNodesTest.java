package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.membership.DnsServer.Answer;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A real node that is told by a name service who the nodes are. */
class DnsNodesTest {
  @Test
  void aNodeFindsItselfByAskingEachAddress() throws Exception {
    try (DnsServer server = new DnsServer("nodes.test").v6(Answer.of());
        TestCluster cluster = node(server)) {
      TestNode node = cluster.node(0);
      String own = "http://127.0.0.1:" + URI.create(node.url()).getPort();
      server.v4(Answer.of("127.0.0.1"));
      await().until(() -> own.equals(node.pool().ownUrl()));
      assertThat(node.pool().nodes()).containsExactly(own);
      assertThat(node.pool().owns("Tom")).isTrue();

      server.v4(Answer.of("127.0.0.1", "127.0.0.2"));
      await().until(() -> node.pool().nodes().size() == 2);
      server.v4(Answer.of("127.0.0.2")); // A view never loses the node itself.
      await().until(() -> server.questions("udp A") > 10);
      assertThat(node.pool().nodes()).contains(own).hasSize(2);
      server.v4(Answer.of());
      await().until(() -> node.pool().nodes().equals(List.of(own)));
    }
  }

  @Test
  void aNodeThatIsUnderNoAddressAnswersAllTheSame() throws Exception {
    try (DnsServer server = new DnsServer("nodes.test").v6(Answer.of());
        TestCluster cluster = node(server)) {
      TestNode node = cluster.node(0);
      server.v4(Answer.of("127.0.0.2", "127.0.0.3"));
      await().until(() -> node.pool().nodes().size() == 2);
      assertThat(node.get("echo", "Tom").text()).isEqualTo("Tom");
      assertThat(node.pool().owns("Tom")).isFalse();
    }
  }

  /** A node that does not know its own URL. */
  private static TestCluster node(DnsServer server) {
    TestCluster cluster =
        TestCluster.builder()
            .setting("geecache.self", "")
            .setting("geecache.membership", "dns")
            .setting("geecache.dns", "http://nodes.test.:1")
            .setting("geecache.dns-interval", "100ms")
            .setting("geecache.dns-servers", "127.0.0.1:" + server.address().getPort())
            .groups(node -> node.group("echo").register(key -> key.getBytes(UTF_8)))
            .start();
    TestNode node = cluster.node(0);
    int port = URI.create(node.url()).getPort();
    node.setting("geecache.dns", "http://nodes.test.:" + port);
    node.restart();
    return cluster;
  }
}
