package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.FreePorts;
import geecache.LiveThreads;
import geecache.LogCapture;
import geecache.testing.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tells a node who the nodes are, chosen by its settings. */
class MembershipFactoryTest {
  private static TestCluster.Builder nodes(String engine) {
    return TestCluster.builder()
        .secret("a-secret-for-these-tests")
        .setting("geecache.membership", engine);
  }

  @Test
  void nodesFindEachOtherByJGroups() throws Exception {
    int[] ports = FreePorts.of(3);
    TestCluster.Builder builder =
        nodes("jgroups")
            .nodes(3)
            .contextPath("/shop")
            .setting("geecache.peers", "")
            .setting("geecache.jgroups-hosts", "127.0.0.1:" + ports[0] + ",127.0.0.1:" + ports[1]);
    for (int i = 0; i < 3; i++) {
      builder.setting(i, "geecache.jgroups-bind", "127.0.0.1:" + ports[i]);
    }
    try (TestCluster cluster = builder.start()) {
      List<String> urls = cluster.urls().stream().sorted().toList();
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(
              () ->
                  assertThat(cluster.nodes())
                      .allSatisfy(node -> assertThat(node.pool().nodes()).isEqualTo(urls)));
      cluster.awaitContact();
    }
    await().until(() -> LiveThreads.named("geecache-membership").isEmpty());
  }

  @Test
  void whatTheEngineDoesNotUseIsWarnedOf() throws Exception {
    try (LogCapture log = new LogCapture(MembershipFactory.class, Level.WARNING);
        TestCluster cluster =
            nodes("static").nodes(1).setting("geecache.dns", "http://nodes.test:8080").start()) {
      assertThat(cluster.nodes()).hasSize(1);
      assertThat(log.messages())
          .containsExactly(
              "WARNING geecache.dns is not used: it is for geecache.membership=dns, which is static");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dns, geecache.dns, geecache.membership=dns needs geecache.dns",
    "jgroups, geecache.self, geecache.membership=jgroups needs geecache.self",
    "jgroups, geecache.jgroups-hosts, geecache.jgroups=tcp needs geecache.jgroups-hosts"
  })
  void whatAnEngineNeedsIsToldAtTheStart(String engine, String lacking, String message) {
    TestCluster.Builder builder =
        nodes(engine).setting("geecache.jgroups-hosts", "127.0.0.1:7800").setting(lacking, "");
    assertThatThrownBy(() -> builder.start().close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "geecache.dns, http://10.0.0.1:8080, 'nodes are found by a name, and this is an address: 10.0.0.1'",
    "geecache.dns-servers, 10.0.0.1, 'must be host:port or [address]:port: 10.0.0.1'",
    "geecache.dns-servers, dns:53, 'must be address:port, and this is a name: dns:53'",
    "geecache.jgroups-hosts, 'a:1,b', 'must be host:port or [address]:port: b'",
    "geecache.jgroups-bind, ::1:7800, 'must be host:port or [address]:port: ::1:7800'",
    "geecache.jgroups-multicast, 239.8.8.8:70000, 'must be host:port or [address]:port: 239.8.8.8:70000'",
    "geecache.membership, list, 'must be `static`, `dns` or `jgroups`'"
  })
  void whatBreaksItsRuleIsToldAtTheStart(String setting, String value, String message) {
    assertThatThrownBy(() -> nodes("static").setting(setting, value).start().close())
        .hasMessageContaining(setting + "=" + value + " (context parameter): " + message);
  }
}
