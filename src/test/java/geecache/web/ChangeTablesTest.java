package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.LiveThreads;
import geecache.settings.Settings;
import geecache.testing.TestCluster;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangeTablesTest {
  private static final String THREADS = "geecache-changes";

  private static Map<String, String> group(String name, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("source", "jdbc");
    settings.put("url", "jdbc:h2:mem:");
    settings.put("query", "select name from users where id = ?");
    settings.putAll(more);
    Map<String, String> named = new HashMap<>();
    settings.forEach((key, value) -> named.put("geecache.groups." + name + "." + key, value));
    return named;
  }

  private static List<String> faults(Map<String, String> written) {
    Settings settings = WrittenSettings.ofParameters(written).settings();
    try (ConfiguredGroups groups = new ConfiguredGroups(settings)) {
      return ConfiguredNode.faults(settings, groups);
    }
  }

  @ParameterizedTest
  @CsvSource({"changes-table, t", "changes-every, 1s"})
  void needsChanges(String setting, String value) {
    assertThat(faults(group("users", Map.of(setting, value))))
        .containsExactly("geecache.groups.users: " + setting + " needs changes");
  }

  @Test
  void isNoPlaceForBothWays() {
    assertThat(
            faults(
                group(
                    "users",
                    Map.of(
                        "changes", "table", "listen", "c", "url", "jdbc:postgresql://127.0.0.1/"))))
        .containsExactly("geecache.groups.users: changes and listen exclude each other");
  }

  @Test
  void needsASecretAmongPeers() {
    Map<String, String> written = group("users", Map.of("changes", "table"));
    written.put("geecache.peers", "http://a:1,http://b:1");
    assertThat(faults(written))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("geecache.groups.users: changes needs geecache.secret where there are peers");
  }

  @ParameterizedTest
  @CsvSource({"changes, log, must be `table`", "changes-every, 10ms, must be a time"})
  void tellsTheRule(String setting, String value, String rule) {
    Map<String, String> more = new HashMap<>(Map.of("changes", "table"));
    more.put(setting, value);
    assertThat(faults(group("users", more))).hasSize(1).first().asString().contains(rule);
  }

  @Test
  void oneThreadReadsForAllGroupsOfATable() throws Exception {
    Map<String, String> written = group("users", Map.of("changes", "table"));
    written.putAll(group("orders", Map.of("changes", "table")));
    written.putAll(group("towns", Map.of("changes", "table", "changes-table", "shop.changes")));
    TestCluster.Builder builder = TestCluster.builder().secret("a-secret-for-these-tests");
    written.forEach(builder::setting);
    try (TestCluster cluster = builder.start()) {
      assertThat(cluster.nodes()).hasSize(1);
      assertThat(LiveThreads.named(THREADS)).hasSize(2);
    }
    assertThat(LiveThreads.named(THREADS)).isEmpty();
  }
}
