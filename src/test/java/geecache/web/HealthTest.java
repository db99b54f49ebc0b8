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

/** What is answered to who asks how the node is. */
class HealthTest {
  private static TestCluster.Builder node() {
    return TestCluster.builder().secret("a-secret-for-these-tests");
  }

  private static Response ask(TestNode node, String method, String path) throws IOException {
    return node.request(method, path, Map.of(), null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"live", "ready"})
  void isToldInOneLineWithoutTheSecret(String what) throws Exception {
    try (TestCluster cluster = node().start()) {
      Response answer = ask(cluster.node(0), "GET", "/health/" + what);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo(what + "\n");
      assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("text/plain;charset=utf-8");
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.header("Geecache-Status")).isEqualTo("ok");
      Response head = ask(cluster.node(0), "HEAD", "/health/" + what);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.text()).isEmpty();
    }
  }

  @Test
  void aNodeIsNotReadyBeforeItsGroupsExist() throws Exception {
    try (TestCluster cluster =
        node().contextPath("/shop").setting("geecache.required-groups", "b, a, c").start()) {
      TestNode node = cluster.node(0);
      node.geecache().group("b").register(key -> key.getBytes(UTF_8));
      Response answer = ask(node, "GET", "/health/ready");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text()).isEqualTo("not ready: no group a, no group c\n");
      assertThat(answer.header("Geecache-Status")).isEqualTo("not-ready");
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
      assertThat(ask(node, "GET", "/health/live").status()).isEqualTo(200);
      node.geecache().group("a").register(key -> key.getBytes(UTF_8));
      node.geecache().group("c").register(key -> key.getBytes(UTF_8));
      assertThat(ask(node, "GET", "/health/ready").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, '', 503", "10m, '', 200", "10m, true, 503", "0, false, 200"})
  void aNodeThatHasNeverListenedIsNotReadyIfThatIsRequired(String ttl, String required, int status)
      throws Exception {
    String users = "geecache.groups.users.";
    try (TestCluster cluster =
        node()
            .setting(users + "source", "jdbc")
            .setting(users + "url", "jdbc:postgresql://127.0.0.1:1/shop")
            .setting(users + "query", "select name from users where id = ?")
            .setting(users + "listen", "geecache")
            .setting(users + "ttl", ttl)
            .setting(users + "listen-required", required)
            .start()) {
      Response answer = ask(cluster.node(0), "GET", "/health/ready");
      assertThat(answer.status()).isEqualTo(status);
      if (status == 503) {
        assertThat(answer.text())
            .isEqualTo("not ready: group users does not listen for changes in its database\n");
      }
    }
  }

  /** At the port of a name server that is not there. */
  @Test
  void aNodeIsNotReadyBeforeItKnowsWhoTheNodesAre() throws Exception {
    try (TestCluster cluster =
        node()
            .setting("geecache.membership", "dns")
            .setting("geecache.dns", "http://nodes.test.:8080")
            .setting("geecache.dns-servers", "127.0.0.1:1")
            .start()) {
      Response answer = ask(cluster.node(0), "GET", "/health/ready");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text()).isEqualTo("not ready: the nodes are not known yet\n");
    }
  }

  /** Both answer, and neither knows the other's secret. */
  @ParameterizedTest
  @CsvSource({"one, 503", "none, 200"})
  void aNodeThatNoPeerLetsInIsNotReadyUnlessThatIsAllowed(String required, int status)
      throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .setting(0, "geecache.secret", "one-secret-of-two")
            .setting(1, "geecache.secret", "another-secret-of-two")
            .setting("geecache.ready-requires-contact", required)
            .start()) {
      Response answer = ask(cluster.node(0), "GET", "/health/ready");
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.text())
          .isEqualTo(status == 200 ? "ready\n" : "not ready: no contact with any other node yet\n");
    }
  }

  @Test
  void otherMethodsAreRefused() throws Exception {
    try (TestCluster cluster = node().start()) {
      Response answer = ask(cluster.node(0), "POST", "/health/ready");
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
      assertThat(answer.header("Geecache-Status")).isEqualTo("method-not-allowed");
    }
  }

  @Test
  void otherPathsBelowItsMappingAreNotThere() throws Exception {
    try (TestCluster cluster = node().start()) {
      for (String path : new String[] {"/health", "/health/", "/health/alive", "/health/live/x"}) {
        assertThat(ask(cluster.node(0), "GET", path).status()).as(path).isEqualTo(404);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"geecache.health", "geecache.enabled"})
  void switchedOffItIsNotThere(String setting) throws Exception {
    try (TestCluster cluster = node().setting(setting, "false").start()) {
      for (String what : new String[] {"live", "ready"}) {
        Response answer = ask(cluster.node(0), "GET", "/health/" + what);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("Geecache-Status")).isNull();
      }
    }
  }
}
