package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import geecache.LogCapture;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** The log says why there is no contact with a peer, in words for its operator. */
class NoContactLogTest {
  /** Jetty answers a POST that nothing is mapped to with 405, most others with 404. */
  @Test
  void aContainersOwnAnswerAsksForTheMapping() throws Exception {
    HttpServer bare = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    bare.start();
    try (LogCapture log = new LogCapture("geecache.cluster", Level.WARNING);
        TestCluster cluster = TestCluster.of(1)) {
      TestNode node = cluster.node(0);
      String absent = "http://127.0.0.1:" + bare.getAddress().getPort();
      String unmapped = node.url() + "/unmapped";
      node.pool().set(List.of(node.url(), absent, unmapped));
      awaitLine(log, noMapping(absent, 404));
      awaitLine(log, noMapping(unmapped, 405));
    } finally {
      bare.stop(0);
    }
  }

  private static String noMapping(String url, int code) {
    return "WARNING no contact with %s for N s: is the servlet mapped to /_cluster/*? (%d without %s from %s/_cluster/meet)"
        .formatted(url, code, "Geecache-Status", url);
  }

  @Test
  void a401NamesTheSecret() throws Exception {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.WARNING);
        TestCluster cluster =
            TestCluster.builder()
                .nodes(2)
                .setting(0, "geecache.secret", "one-secret-of-two")
                .setting(1, "geecache.secret", "another-secret-of-two")
                .start()) {
      awaitLine(
          log,
          "WARNING no contact with %s for N s: 401: wrong or missing geecache.secret"
              .formatted(cluster.node(1).url()));
    }
  }

  private static void awaitLine(LogCapture log, String line) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(log.messages())
                    .extracting(each -> each.replaceFirst("for \\d+ s", "for N s"))
                    .contains(line));
  }
}
