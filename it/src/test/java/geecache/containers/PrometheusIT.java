package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A real Prometheus scrapes three nodes in a Tomcat under a scripted load, with the alerts of
 * {@code deploy/}; the dashboard's queries are asked of it.
 */
@Tag("field")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PrometheusIT {
  private static final Path RULES = Path.of("deploy", "prometheus", "geecache.rules.yml");
  private static final Path RULES_TEST = Path.of("deploy", "prometheus", "geecache.rules.test.yml");
  private static final Path DASHBOARD = Path.of("deploy", "grafana", "geecache.json");
  private static final Pattern METRIC = Pattern.compile("\\b(?:geecache|cache)_[a-z0-9_]+");

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final List<String> CONTEXTS = List.of("/one", "/two", "/three");
  private static final Map<String, String> WITH_SECRET =
      Map.of("Authorization", "Bearer " + Site.SECRET, "Content-Type", "text/plain");

  private final Source source = new Source();
  private final Tomcat tomcat = new Tomcat("prometheus-tomcat", "apache-tomcat-11.");
  private final Client client;
  private final Prometheus prometheus;
  private final Script script = new Script();

  PrometheusIT() throws IOException {
    tomcat.start();
    client = new Client(tomcat.port());
    prometheus = new Prometheus(RULES, Site.SECRET, tomcat.port(), CONTEXTS);
  }

  /** What all nodes load from; counts what it is asked for. */
  private static final class Source implements AutoCloseable {
    private final AtomicInteger all = new AtomicInteger();
    private final AtomicInteger absent = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final HttpServer server;

    Source() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newCachedThreadPool());
      server.createContext("/", this::answer);
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/{key}";
    }

    private void answer(HttpExchange exchange) throws IOException {
      String key = exchange.getRequestURI().getPath().substring(1);
      all.incrementAndGet();
      int code = 200;
      if (key.startsWith("gone")) {
        absent.incrementAndGet();
        code = 404;
      } else if (key.startsWith("bad")) {
        failed.incrementAndGet();
        code = 500;
      }
      byte[] body = key.getBytes(UTF_8);
      exchange.getResponseHeaders().add("Cache-Control", "max-age=3600");
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  /** What callers do, and counts of it. */
  private final class Script {
    private int gets;
    private int removals;
    private int sets;
    private int wrongSecrets;

    void run() throws IOException {
      List<String> keys = IntStream.range(0, 40).mapToObj(i -> "key" + i).toList();
      getAll(keys, 200);
      getAll(keys, 200);
      getAll(List.of("gone0", "gone1", "gone2", "gone3"), 404);
      getAll(List.of("bad0", "bad1", "bad2"), 500);
      for (int i = 0; i < 12; i++) {
        change("DELETE", CONTEXTS.get(i % 3), keys.get(i), null);
        removals++;
      }
      for (int i = 0; i < 7; i++) {
        change("PUT", CONTEXTS.get(i % 3), "set" + i, "a value");
        sets++;
      }
      getAll(keys, 200);
      getAll(IntStream.range(0, 7).mapToObj(i -> "set" + i).toList(), 200);
      for (int i = 0; i < 5; i++) {
        Map<String, String> wrong = Map.of("Authorization", "Bearer of-a-secret-that-is-none");
        assertThat(client.send("GET", "/one/_geecache/users/key0", wrong, null).code())
            .isEqualTo(401);
        wrongSecrets++;
      }
    }

    private void getAll(List<String> keys, int code) throws IOException {
      for (String key : keys) {
        for (String context : CONTEXTS) {
          Answer answer =
              client.send("GET", context + "/_geecache/users/" + key, WITH_SECRET, null);
          assertThat(answer.code()).as(key + " at " + context + ": " + answer).isEqualTo(code);
          gets++;
        }
      }
    }

    private void change(String method, String context, String key, String value)
        throws IOException {
      Answer answer =
          client.send(
              method,
              context + "/_geecache/users/" + key,
              WITH_SECRET,
              value == null ? null : value.getBytes(UTF_8));
      assertThat(answer.code()).as(answer.toString()).isEqualTo(204);
    }
  }

  @BeforeAll
  void deployAndRun() throws Exception {
    List<String> urls =
        CONTEXTS.stream().map(context -> "http://127.0.0.1:" + tomcat.port() + context).toList();
    for (String context : CONTEXTS) {
      Map<String, String> settings =
          Map.of(
              "geecache.self",
              urls.get(CONTEXTS.indexOf(context)),
              "geecache.peers",
              String.join(",", urls),
              "geecache.secret",
              Site.SECRET,
              "geecache.peer-timeout",
              "20s", // No pause of a busy machine is a peer's failure.
              "geecache.groups.users.source",
              "http",
              "geecache.groups.users.url",
              source.url());
      tomcat.deploy(
          new Wars(tomcat.instance().resolve("wars" + context)).product(settings), context);
    }
    awaitSum(6, "sum(geecache_peer_contact)"); // Each of three with both of the others.
    script.run();
  }

  @AfterAll
  void end() throws IOException {
    prometheus.close();
    client.close();
    tomcat.close();
    source.close();
  }

  private void awaitSum(double expected, String expression) {
    await(expression + " = " + expected, () -> assertSum(expected, expression));
  }

  private static void await(String what, ThrowingRunnable assertion) {
    Awaitility.await(what)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(assertion);
  }

  private void assertSum(double expected, String expression) throws Exception {
    assertThat(prometheus.query(expression)).as(expression).containsExactly(expected);
  }

  /** Waits until Prometheus has asked each node after this: all is quiet by now. */
  private void awaitNextScrapes() {
    double now = System.currentTimeMillis() / 1_000.0;
    await(
        "all nodes are asked again",
        () ->
            assertThat(prometheus.query("min(timestamp(geecache_groups))").get(0))
                .isGreaterThan(now));
  }

  @Test
  void theSumsAreWhatTheScriptDid() throws Exception {
    awaitNextScrapes();
    assertSum(0, "sum(geecache_fetches_failed_total)"); // Else others are asked instead.
    assertSum(script.gets, "sum(geecache_gets_total) - sum(geecache_fetches_total)");
    assertSum(script.gets, "sum(cache_gets_total) - sum(geecache_fetches_total)");
    assertSum(source.all.get(), "sum(geecache_loads_total)");
    assertSum(source.all.get(), "sum(geecache_load_time_seconds_count)");
    assertSum(source.failed.get(), "sum(geecache_loads_failed_total)");
    assertSum(source.absent.get(), "sum(geecache_loads_absent_total)");
    assertSum(
        0,
        "sum(geecache_gets_total{result=\"miss\"}) - sum(geecache_fetches_total) -"
            + " sum(geecache_loads_total)");
    assertSum(script.removals, "sum(geecache_removals_total)");
    assertSum(script.sets, "sum(geecache_sets_total)");
    assertSum(2 * (script.removals + script.sets), "sum(geecache_peer_changes_told_total)");
    assertSum(0, "sum(geecache_peer_changes_pending)");
    assertSum(script.wrongSecrets, "sum(geecache_secrets_wrong_total)");
    assertSum(3 * 3, "sum(geecache_nodes)");
  }

  @Test
  void eachQueryOfTheDashboardReturnsData() throws Exception {
    awaitNextScrapes();
    List<String> queries = queries();
    assertThat(queries).hasSizeGreaterThan(30);
    for (String query : queries) {
      String filled =
          query
              .replace("$__rate_interval", "5m")
              .replace("$instance", ".*")
              .replace("$group", ".*");
      assertThat(filled).doesNotContain("$");
      await(filled, () -> assertThat(prometheus.query(filled)).isNotEmpty());
    }
  }

  @Test
  void eachMetricOfTheDashboardAndTheAlertsIsOnThePageOfANode() throws Exception {
    Answer page = client.send("GET", "/one/metrics", WITH_SECRET, null);
    Set<String> there = metrics(page.text());
    Set<String> asked = metrics(String.join("\n", queries()));
    asked.addAll(metrics(Files.readString(RULES)));
    asked.removeIf(name -> name.equals("geecache_hit_ratio")); // A part of a recording's name.
    assertThat(asked).isNotEmpty();
    assertThat(there).containsAll(asked);
  }

  @Test
  void theAlertsAreEvaluatedAndSilent() throws Exception {
    awaitNextScrapes();
    await(
        "all rules are evaluated",
        () ->
            assertThat(prometheus.api("rules").split("\"health\":\"ok\"", -1))
                .hasSize(1 + rules()));
    assertThat(prometheus.query("ALERTS{alertstate=\"firing\"}")).isEmpty();
  }

  private static int rules() throws IOException {
    return (int)
        Files.readString(RULES)
            .lines()
            .filter(line -> line.matches(" +- (alert|record): .*"))
            .count();
  }

  @Test
  void promtoolFindsNothingWrongWithTheAlerts() throws Exception {
    Promtool.Verdict syntax = Promtool.run("check", "rules", RULES.toString());
    assertThat(syntax.said()).contains("SUCCESS: " + rules() + " rules found");
    assertThat(syntax.content()).isTrue();
    Promtool.Verdict cases = Promtool.run("test", "rules", RULES_TEST.toString());
    assertThat(cases.content()).as(cases.said()).isTrue();
  }

  /** The test of the test. */
  @Test
  void promtoolComplainsOfAWrongLimit() throws Exception {
    Path copy = Files.createTempDirectory("geecache-rules");
    Files.writeString(
        copy.resolve(RULES.getFileName()), Files.readString(RULES).replace("0.05 *", "0.5 *"));
    Path cases = Files.copy(RULES_TEST, copy.resolve(RULES_TEST.getFileName()));
    Promtool.Verdict verdict = Promtool.run("test", "rules", cases.toString());
    assertThat(verdict.content()).isFalse();
    assertThat(verdict.said()).contains("GeecacheLoadsFail");
  }

  private static Set<String> metrics(String text) {
    Set<String> names = new TreeSet<>();
    for (Matcher name = METRIC.matcher(text); name.find(); ) {
      names.add(name.group());
    }
    return names;
  }

  /** Returns the queries of all panels. */
  private static List<String> queries() throws IOException {
    List<String> queries = new ArrayList<>();
    try (JsonParser from =
        new JsonFactory().createParser(ObjectReadContext.empty(), Files.readString(DASHBOARD))) {
      for (JsonToken token = from.nextToken(); token != null; token = from.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME && from.currentName().equals("expr")) {
          from.nextToken();
          queries.add(from.getString());
        }
      }
    }
    return queries;
  }
}
