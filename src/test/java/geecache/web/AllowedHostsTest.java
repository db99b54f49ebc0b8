package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.testing.Response;
import geecache.testing.TestCluster;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which host names of requests a node answers. */
class AllowedHostsTest {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "geecache.hosts", "cache.example, Shop.example",
          "geecache.self", "http://node-1.example:8080/shop",
          "geecache.peers", "http://node-1.example:8080/shop,http://[::1]:8080/shop");

  private static boolean isAllowed(String host) {
    AllowedHosts hosts = AllowedHosts.of(WrittenSettings.ofParameters(SETTINGS).settings());
    assertThat(hosts).isNotNull();
    return hosts.allows(host);
  }

  @ParameterizedTest
  @CsvSource({
    "cache.example, true",
    "CACHE.Example., true",
    "shop.example, true",
    "node-1.example, true",
    "localhost, true",
    "127.0.0.1, true",
    "10.0.0.1, true",
    "[::1], true",
    "::1, true",
    "rebound.example, false",
    "cache.example.rebound.example, false",
    "127.0.0.1.rebound.example, false",
    "localhost.rebound.example, false",
    "2130706433, false",
    "'', false"
  })
  void addressesAndNamesThatAreConfiguredAreAllowed(String host, boolean allowed) {
    assertThat(isAllowed(host)).isEqualTo(allowed);
  }

  @Test
  void unlessConfiguredEveryHostIsAllowed() {
    assertThat(AllowedHosts.of(WrittenSettings.ofParameters(Map.of()).settings())).isNull();
  }

  @Test
  void somethingElseThanANameIsRefused() {
    for (String wrong : new String[] {"http://cache.example", "cache.example:8080", "*.example"}) {
      assertThat(WrittenSettings.ofParameters(Map.of("geecache.hosts", wrong)).faults())
          .as(wrong)
          .hasSize(1);
    }
  }

  @Test
  void aRequestForAnotherHostIsAnsweredWithoutAValue() throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .setting("geecache.demo", "true")
            .setting("geecache.hosts", "cache.example")
            .start()) {
      for (String path : new String[] {"/_geecache/scores/Tom", "/_cluster/meet"}) {
        Response refused =
            cluster.node(0).request("GET", path, Map.of("Host", "rebound.example:8080"), null);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.header("Geecache-Status")).isEqualTo("forbidden");
        assertThat(refused.text())
            .isEqualTo("this node is not asked by this host name: see geecache.hosts\n");
      }
      for (String host : new String[] {"cache.example", "127.0.0.1:1", "[::1]"}) {
        Response answer =
            cluster.node(0).request("GET", "/_geecache/scores/Tom", Map.of("Host", host), null);
        assertThat(answer.text()).as(host).isEqualTo("630");
      }
      Response health =
          cluster.node(0).request("GET", "/health/live", Map.of("Host", "rebound.example"), null);
      assertThat(health.status()).isEqualTo(200);
    }
  }
}
