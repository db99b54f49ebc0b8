package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered at {@code /metrics}. */
class MetricsTest {
  private static final String SECRET = "a-secret-for-these-tests";

  private static Response ask(TestNode node, String... headers) throws IOException {
    Map<String, String> all = headers.length == 0 ? Map.of() : Map.of(headers[0], headers[1]);
    return node.request("GET", "/metrics", all, null);
  }

  private static TestCluster.Builder users() {
    return TestCluster.builder()
        .contextPath("/shop")
        .groups(node -> node.group("users").register(key -> key.getBytes(UTF_8)));
  }

  @Test
  void areThoseOfTheNodeInPrometheusText() throws Exception {
    try (TestCluster cluster = users().start()) {
      TestNode node = cluster.node(0);
      node.get("users", "7");
      node.get("users", "7");
      Response page = ask(node);

      assertThat(page.status()).isEqualTo(200);
      assertThat(page.header("Content-Type")).startsWith("text/plain; version=0.0.4");
      assertThat(page.header("Geecache-Status")).isEqualTo("ok");
      assertThat(page.header("Cache-Control")).isEqualTo("no-store");
      assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(page.text())
          .contains(
              "\n# TYPE geecache_gets_total counter\n",
              "\ngeecache_gets_total{group=\"users\",result=\"owned\"} 1.0\n",
              "\ngeecache_gets_total{group=\"users\",result=\"miss\"} 1.0\n",
              "\ncache_gets_total{cache=\"users\",cache_manager=\"geecache\",name=\"users\",result=\"hit\"} 1.0\n");
    }
  }

  @Test
  void ofAGroupThatComesLaterAreThereToo() throws Exception {
    try (TestCluster cluster = users().start()) {
      TestNode node = cluster.node(0);
      assertThat(ask(node).text()).doesNotContain("prices");
      node.geecache().newGroup("prices", 1 << 20, key -> key.getBytes(UTF_8));
      assertThat(ask(node).text()).contains("geecache_loads_total{group=\"prices\"} 0.0");
    }
  }

  @Test
  void areWrittenInTheFormatThatIsAskedFor() throws Exception {
    try (TestCluster cluster = users().start()) {
      Response page =
          ask(
              cluster.node(0),
              "Accept",
              "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1");

      assertThat(page.header("Content-Type")).startsWith("application/openmetrics-text");
      assertThat(page.text()).endsWith("# EOF\n");
      assertThat(page.header("Vary")).isEqualTo("Accept");
    }
  }

  /** The WAR has no protobuf for it. */
  @Test
  void areTextAlsoForAPrometheusThatPrefersProtobuf() throws Exception {
    try (TestCluster cluster = users().start()) {
      Response page =
          ask(
              cluster.node(0),
              "Accept",
              "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                  + "encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.3");

      assertThat(page.status()).isEqualTo(200);
      assertThat(page.header("Content-Type")).startsWith("text/plain; version=0.0.4");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 401, unauthorized",
    "Bearer another-secret-than-that, 401, unauthorized",
    "Bearer a-secret-for-these-tests, 200, ok",
  })
  void needTheSecretIfThereIsOne(String authorization, int status, String word) throws Exception {
    try (TestCluster cluster =
        users().secret(SECRET).setting("geecache.public-reads", "true").start()) {
      Response answer =
          authorization.isEmpty()
              ? ask(cluster.node(0))
              : ask(cluster.node(0), "Authorization", authorization);

      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.header("Geecache-Status")).isEqualTo(word);
      assertThat(cluster.node(0).pool().wrongSecrets())
          .isEqualTo(authorization.startsWith("Bearer another") ? 1 : 0);
    }
  }

  @Test
  void needNoSecretIfTheyArePublic() throws Exception {
    try (TestCluster cluster =
        users().secret(SECRET).setting("geecache.public-metrics", "true").start()) {
      assertThat(ask(cluster.node(0)).status()).isEqualTo(200);
      assertThat(cluster.node(0).get("users", "7").status()).isEqualTo(401);
    }
  }

  @Test
  void areNotForOtherHostsThanAreAllowed() throws Exception {
    try (TestCluster cluster = users().setting("geecache.hosts", "shop.example").start()) {
      assertThat(ask(cluster.node(0), "Host", "evil.example").status()).isEqualTo(403);
      assertThat(ask(cluster.node(0), "Host", "shop.example").status()).isEqualTo(200);
    }
  }

  @Test
  void areReadAlone() throws Exception {
    try (TestCluster cluster = users().start()) {
      TestNode node = cluster.node(0);
      Response head = node.request("HEAD", "/metrics", Map.of(), null);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.text()).isEmpty();
      Response post = node.request("POST", "/metrics", Map.of(), new byte[0]);
      assertThat(post.status()).isEqualTo(405);
      assertThat(post.header("Allow")).isEqualTo("GET, HEAD");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"geecache.metrics", "geecache.enabled"})
  void areNotThereIfSwitchedOff(String setting) throws Exception {
    try (TestCluster cluster = TestCluster.builder().setting(setting, "false").start()) {
      Response answer = ask(cluster.node(0));
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.header("Geecache-Status")).isNull();
    }
  }
}
