package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import geecache.Geecache;
import geecache.Group;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfiguredGroupsTest {
  private final Geecache node = new Geecache();

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void areRegisteredWithAllThatIsSet() throws Exception {
    Map<String, String> settings =
        Map.of(
            "geecache.groups.a.source", "scores",
            "geecache.groups.a.max-value-bytes", "2",
            "geecache.groups.b.source", "scores",
            "geecache.groups.b.max-bytes", "1MiB",
            "geecache.groups.b.version", "2",
            "geecache.groups.b.content-type", "text/plain");
    try (ConfiguredGroups groups =
        new ConfiguredGroups(WrittenSettings.ofParameters(settings).settings())) {
      groups.register(node);
    }

    assertThat(node.groups()).extracting(Group::name).containsExactlyInAnyOrder("a", "b");
    assertThat(node.find("b").orElseThrow().get("Tom")).hasToString("630");
    assertThat(node.find("b").orElseThrow().contentType()).isEqualTo("text/plain");
    assertThat(node.find("b").orElseThrow().version()).isEqualTo("2");
    assertThat(node.find("a").orElseThrow().version()).isEmpty();
    assertThat(node.find("a").orElseThrow().contentType()).isEqualTo("application/octet-stream");
    assertThatThrownBy(() -> node.find("a").orElseThrow().get("Tom"))
        .hasMessageContaining("value is too large: 3 bytes, at most 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source | file | must be `jdbc`, `http` or `scores`",
        "max-bytes | 64mb | must be a size such as `2048`, `64MB` (10^6 bytes) or `64MiB` (2^20),"
            + " from `0` to `1048576GiB`",
        "max-value-bytes | 2GiB | must be a size such as `2048`, `64MB` (10^6 bytes) or `64MiB`"
            + " (2^20), from `1` to `1GiB`",
        "content-type | json | must be a media type such as `text/plain; charset=utf-8`",
        "version | a b | must be 1 to 64 of A-Z a-z 0-9 . _ ~ -",
        "ttl | 10 | must be a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, or `0`",
        "jitter | 1 | must be a number of at least 0 and under 1, such as `0.1`",
        "jitter | 10% | must be a number of at least 0 and under 1, such as `0.1`",
        "hot-ttl | 0 | must be a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, at least `1ms`",
        "hot-copies | on | must be `true` or `false`",
        "max-loads | 0 | must be a whole number of at least 1",
        "max-waiting-loads | -1 | must be a whole number of at least 0",
        "store | LRU | must be `caffeine`, `lru` or `value`",
        "listen | user-changes | must be 1 to 63 letters, digits and `_`, no digit first",
      })
  void aWrongValueIsToldOnOneLine(String name, String value, String complaint) {
    Map<String, String> parameters =
        name.equals("source")
            ? Map.of("geecache.groups.users." + name, value)
            : Map.of(
                "geecache.groups.users.source", "scores", "geecache.groups.users." + name, value);

    assertThat(WrittenSettings.ofParameters(parameters).faults())
        .containsExactly(
            "geecache.groups.users.%s=%s (context parameter): %s"
                .formatted(name, value, complaint));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "users.ttl | 10m | geecache.groups.users: source must be `jdbc`, `http` or `scores`",
        "a/b.source | scores | geecache.groups.a/b: the name must be 1 to 128 of A-Z a-z"
            + " 0-9 . _ ~ - and not . or ..",
      })
  void aGroupThatCannotBeIsToldOnOneLine(String name, String value, String fault) {
    assertThat(WrittenSettings.ofParameters(Map.of("geecache.groups." + name, value)).faults())
        .containsExactly(fault);
  }

  @Test
  void aRenewalBeforeTheLoadIsRefused() {
    Map<String, String> settings =
        Map.of(
            "geecache.groups.users.source", "scores",
            "geecache.groups.users.ttl", "10m",
            "geecache.groups.users.refresh-ahead", "10m");

    assertThat(WrittenSettings.ofParameters(settings).faults())
        .containsExactly("geecache.groups.users: refresh-ahead must be shorter than ttl");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jndi=jdbc/x | query is required",
        "query=select 1 where 1=? | exactly one of jndi and url is required",
        "query=select 1;jndi=jdbc/x | query must have exactly one ? for the key, and has 0:"
            + " select 1",
        "query=select ?;jndi=jdbc/none | no DataSource is bound as jdbc/none or"
            + " java:comp/env/jdbc/none",
        "query=select ?;url=jdbc:mysql://db/shop | the JDBC driver com.mysql.cj.jdbc.Driver is not"
            + " there: add com.mysql:mysql-connector-j to the container or the application",
        "query=select ?;url=jdbc:no:x | driver is required: no driver is known for a URL that"
            + " begins with jdbc:no:",
        "query=select ?;url=http://db | url must begin with jdbc:",
        "query=select ?;jndi=jdbc/x;user=me | user needs url: a DataSource has its own",
        "query=select ?;url=jdbc:h2:mem:x;listen=c | only a url of PostgreSQL can be listened to",
        "query=select ?;url=jdbc:h2:mem:x;password=secret | password needs user",
      })
  void whatADatabaseLacksIsToldOnOneLine(String settings, String complaint) {
    Map<String, String> parameters = new HashMap<>();
    parameters.put("geecache.groups.users.source", "jdbc");
    for (String setting : settings.split(";")) {
      String[] parts = setting.split("=", 2);
      parameters.put("geecache.groups.users." + parts[0], parts[1]);
    }

    assertThat(WrittenSettings.ofParameters(parameters).faults())
        .containsExactly("geecache.groups.users: " + complaint);
  }

  @ParameterizedTest
  @CsvSource({
    "scores, query, x, query is for source=jdbc",
    "scores, url, x, url is for source=jdbc or source=http",
    "http, jndi, x, jndi is for source=jdbc",
    "scores, listen, x, listen is for source=jdbc",
    "http, listen, x, listen is for source=jdbc",
    "jdbc, redirects, true, redirects is for source=http",
    "http, ttl, 1s, url is required",
  })
  void whatAnotherSourceHasIsRefused(String source, String name, String value, String complaint) {
    Map<String, String> settings =
        Map.of("geecache.groups.users.source", source, "geecache.groups.users." + name, value);

    assertThat(WrittenSettings.ofParameters(settings).faults())
        .containsExactly("geecache.groups.users: " + complaint);
  }

  @Test
  void passwordsOfADatabaseAreNotShown() {
    Map<String, String> settings =
        Map.of(
            "geecache.groups.users.source", "jdbc",
            "geecache.groups.users.url", "jdbc:oracle:thin:scott/tiger@db:1521/shop",
            "geecache.groups.users.password", "tiger");

    assertThat(WrittenSettings.ofParameters(settings).settings().toString())
        .contains("geecache.groups.users.url=jdbc:oracle:**** geecache.groups.users.password=****")
        .doesNotContain("tiger");
  }

  @Test
  void secretsInAUrlAreNotShown() {
    Map<String, String> settings =
        Map.of(
            "geecache.groups.a.url", "https://api.example/users/{key}?token=tiger",
            "geecache.groups.b.url", "https://me:tiger@api.example/{key}",
            "geecache.groups.c.url", "tiger",
            "geecache.groups.a.authorization", "Bearer tiger");

    assertThat(WrittenSettings.ofParameters(settings).settings().toString())
        .contains("geecache.groups.a.url=https://api.example/**** ")
        .contains("geecache.groups.a.authorization=****")
        .contains("geecache.groups.b.url=https://**** ")
        .contains("geecache.groups.c.url=****")
        .doesNotContain("tiger");
  }

  @Test
  void anOriginAnswersThroughSettingsAlone() throws Exception {
    HttpServer origin =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    origin.createContext(
        "/users/",
        exchange -> {
          byte[] body = exchange.getRequestHeaders().getFirst("Authorization").getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    origin.start();
    Map<String, String> settings =
        Map.of(
            "geecache.groups.users.source", "http",
            "geecache.groups.users.url",
                "http://127.0.0.1:" + origin.getAddress().getPort() + "/users/{key}",
            "geecache.groups.users.authorization", "Bearer abc");
    try (ConfiguredGroups groups =
        new ConfiguredGroups(WrittenSettings.ofParameters(settings).settings())) {
      assertThat(groups.faults()).isEmpty();
      groups.register(node);
      assertThat(node.find("users").orElseThrow().get("7")).hasToString("Bearer abc");
    } finally {
      origin.stop(0);
    }
  }

  @Test
  void aDatabaseAnswersThroughSettingsAlone() throws Exception {
    Map<String, String> settings =
        Map.of(
            "geecache.groups.users.source", "jdbc",
            "geecache.groups.users.url", "jdbc:h2:mem:",
            "geecache.groups.users.connection-wait", "30s",
            "geecache.groups.users.key-type", "integer",
            "geecache.groups.users.result", "row",
            "geecache.groups.users.query",
                "select X as \"id\" from system_range(1, 9) where X = ?");
    try (ConfiguredGroups groups =
        new ConfiguredGroups(WrittenSettings.ofParameters(settings).settings())) {
      assertThat(groups.faults()).isEmpty();
      groups.register(node);
    }

    assertThat(node.find("users").orElseThrow().get("7")).hasToString("{\"id\":7}");
  }

  @Test
  void theDefaultsOfSettingsAreThoseOfCode() {
    Map<String, String> settings = Map.of("geecache.groups.set.source", "scores");
    try (ConfiguredGroups groups =
        new ConfiguredGroups(WrittenSettings.ofParameters(settings).settings())) {
      groups.register(node);
    }
    Group coded = node.group("coded").register(key -> new byte[0]);

    assertThat(node.find("set").orElseThrow())
        .usingRecursiveComparison()
        .comparingOnlyFields("settings")
        .isEqualTo(coded);
  }
}
