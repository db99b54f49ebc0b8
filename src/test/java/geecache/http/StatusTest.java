package geecache.http;

import static geecache.Callers.result;
import static geecache.http.Explained.answerOf;
import static geecache.http.Explained.ask;
import static geecache.http.Explained.of;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import geecache.Callers;
import geecache.NotReachedException;
import geecache.cluster.Sender;
import geecache.testing.Fault;
import geecache.testing.FaultyPeer;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /_cluster/status}: how a node is, and how all are. */
@Timeout(120)
class StatusTest {
  private static final String ALL = "/_cluster/status?all=true";

  private static TestCluster.Builder nodes(int nodes) {
    return TestCluster.builder()
        .nodes(nodes)
        .secret(Explained.SECRET)
        .groups(
            node ->
                node.group("db")
                    .timeToLive(Duration.ofMinutes(5))
                    .register(key -> key.getBytes(UTF_8)));
  }

  private static TestCluster met(TestCluster.Builder builder) {
    TestCluster cluster = builder.start();
    cluster.awaitContact();
    return cluster;
  }

  @Test
  void ofANodeSaysHowItIs() throws Exception {
    try (TestCluster cluster = met(nodes(2).contextPath("/shop"))) {
      TestNode node = cluster.node(0);
      node.group("db").get("Tom");
      node.group("db").get("Tom");

      JsonObject status = ask(node, "/_cluster/status");

      assertThat(status.getInt("format")).isEqualTo(1);
      assertThat(status.getString("version")).matches("\\d+\\.\\d+\\.\\d+.*");
      assertThat(status.getString("self")).isEqualTo(node.url());
      assertThat(status.getString("id")).isEqualTo(String.format("%016x", node.pool().id()));
      assertThat(status.getInt("uptimeMillis")).isNotNegative();
      assertThat(status).doesNotContainKeys("notReady", "leaving");
      JsonObject view = status.getJsonObject("view");
      assertThat(view.getString("fingerprint")).matches("[0-9a-f]{16}");
      assertThat(view.getJsonArray("nodes").getValuesAs(JsonString::getString))
          .containsExactlyInAnyOrderElementsOf(cluster.urls());
      assertThat(view.getJsonArray("owners")).hasSize(2);
      List<Integer> shares =
          view.getJsonArray("sharesPerMillion").getValuesAs(JsonNumber::intValue);
      assertThat(shares).hasSize(2).allMatch(share -> share > 400_000);
      assertThat(shares.get(0) + shares.get(1)).isBetween(999_999, 1_000_001);
      JsonObject peer = status.getJsonArray("peers").getJsonObject(0);
      assertThat(peer.getString("url")).isEqualTo(cluster.node(1).url());
      assertThat(peer.getString("kind")).isEqualTo("node");
      assertThat(peer.getString("id"))
          .isEqualTo(String.format("%016x", cluster.node(1).pool().id()));
      assertThat(peer.getBoolean("contact")).isTrue();
      assertThat(peer.getInt("queuedKeys")).isZero();
      assertThat(peer.getInt("changesPending")).isZero();
      assertThat(status.getJsonArray("troubles")).isEmpty();
      assertThat(status.getJsonObject("pools").getJsonArray("connections")).hasSize(1);
      JsonObject group = status.getJsonArray("groups").getJsonObject(0);
      assertThat(group.getString("name")).isEqualTo("db");
      assertThat(group.getJsonObject("sinceStart").getInt("gets")).isEqualTo(2);
      assertThat(group.getJsonObject("now").getInt("getsWaiting")).isZero();
      assertThat(group.getJsonObject("settings").getInt("timeToLiveMillis")).isEqualTo(300_000);
      assertThat(group.getJsonObject("settings")).doesNotContainKey("staleIfErrorMillis");
    }
  }

  @Test
  void thePeersRoundTripIsToldOnceThereWasOne() throws Exception {
    try (TestCluster cluster = met(nodes(2))) {
      String key = CountedSource.keysOf(cluster.node(1), "k", 1).get(0);
      AtomicInteger next = new AtomicInteger();
      await() // The measuring begins on a thread of its own.
          .until(
              () -> {
                cluster.node(0).group("db").remove(key);
                cluster.node(0).group("db").get(key);
                next.incrementAndGet();
                JsonObject status = ask(cluster.node(0), "/_cluster/status");
                return status.getJsonArray("peers").getJsonObject(0).containsKey("roundTripMicros");
              });
      JsonObject peer =
          ask(cluster.node(0), "/_cluster/status").getJsonArray("peers").getJsonObject(0);
      assertThat(peer.getInt("requests")).isEqualTo(next.get());
      assertThat(peer.getInt("failures")).isZero();
    }
  }

  @Test
  void theHistoryOfAllNodesIsToldToWhoAsksForIt() throws Exception {
    try (TestCluster cluster = met(nodes(2).setting("geecache.dashboard", "true"))) {
      cluster.node(1).group("db").get("Tom");

      JsonObject all = ask(cluster.node(0), ALL + "&history=180");

      for (TestNode node : cluster.nodes()) {
        JsonObject group = answerOf(node, all).getJsonArray("groups").getJsonObject(0);
        assertThat(group.getJsonObject("history").getInt("everyMillis")).isEqualTo(5_000);
        assertThat(group.getJsonObject("history")).containsKey("hits");
        assertThat(group).containsKeys("hotKeys", "slowLoads");
      }
      JsonObject plain = ask(cluster.node(0), "/_cluster/status");
      assertThat(plain.getJsonArray("groups").getJsonObject(0))
          .doesNotContainKeys("history", "hotKeys", "slowLoads");
    }
  }

  @Test
  void aNodeWithoutADashboardKeepsNoHistory() throws Exception {
    try (TestCluster cluster = met(nodes(1))) {
      JsonObject status = ask(cluster.node(0), "/_cluster/status?history=180");
      assertThat(status.getJsonArray("groups").getJsonObject(0))
          .containsKey("now")
          .doesNotContainKeys("history", "hotKeys", "slowLoads");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "x", "1.5", "99999", "%31"})
  void aNumberOfPointsThatIsNoneIsRefused(String points) throws Exception {
    try (TestCluster cluster = met(nodes(1))) {
      String target = "/_cluster/status?history=" + points;
      Response refused = cluster.node(0).request("GET", target, Explained.WITH_SECRET, null);
      assertThat(refused.status()).isEqualTo(400);
    }
  }

  @Test
  void aNodeThatLeavesSaysSo() throws Exception {
    try (TestCluster cluster = met(nodes(2))) {
      result(cluster.node(0).pool().leave());
      JsonObject status = ask(cluster.node(0), "/_cluster/status");
      assertThat(status.getString("leaving")).isNotEmpty();
      assertThat(status.getString("notReady")).isEqualTo("the node leaves");
      assertThat(status.getJsonObject("view").getJsonArray("owners")).hasSize(1);
    }
  }

  @Test
  void ofAllAsksEachNodeAndMarksTheOneThatIsDown() throws Exception {
    try (TestCluster cluster = met(nodes(3))) {
      cluster.node(2).stop();

      JsonObject all = ask(cluster.node(0), ALL);

      assertThat(all.getInt("format")).isEqualTo(1);
      assertThat(all.getJsonArray("nodes")).hasSize(3);
      for (TestNode node : cluster.nodes().subList(0, 2)) {
        JsonObject answer = answerOf(node, all);
        assertThat(answer.getString("self")).isEqualTo(node.url());
        assertThat(answer.getJsonArray("groups")).hasSize(1);
      }
      assertThat(of(cluster.node(2), all).getString("failure")).startsWith("it does not answer");
      assertThat(of(cluster.node(2), all)).doesNotContainKey("answer");
    }
  }

  /** Each is marked within a time, and the other nodes' answers are whole. */
  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"PASS", "LONG_BODY"},
      mode = EnumSource.Mode.EXCLUDE)
  void aPeerThatMisbehavesIsMarked(Fault fault) throws Exception {
    try (TestCluster cluster = met(nodes(3).fronts().setting("geecache.peer-timeout", "3s"))) {
      FaultyPeer front = cluster.node(2).front();
      front.onlyFor(request -> request.target().contains("/status"));
      front.become(fault);

      JsonObject all = ask(cluster.node(0), ALL);

      assertThat(of(cluster.node(2), all)).containsKey("failure").doesNotContainKey("answer");
      assertThat(answerOf(cluster.node(1), all).getString("self")).isEqualTo(cluster.node(1).url());
      assertThat(cluster.node(0).pool().inContact()).as("nothing else fails").hasSize(2);
      assertThat(cluster.node(0).pool().stats().failures()).isZero();
    }
  }

  /** A node answers with anything, and bears the right marks. */
  @ParameterizedTest
  @CsvSource({
    "'{\"format\":1}', ''",
    "'{\"format\":1}}', its answer is no JSON object",
    "'{\"format\":1},\"node\":\"another\"', its answer is no JSON object",
    "'[1]', its answer is no JSON object",
    "'', its answer is no JSON object",
    "long, its answer has more than 1048576 bytes",
  })
  void whatAPeerAnswersBecomesPartOnlyIfItIsJson(String body, String failure) throws Exception {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          Sender asking =
              PeerHeaders.parseSender(exchange.getRequestHeaders().getFirst(PeerHeaders.SENDER));
          Sender answering = new Sender(7, asking.number());
          byte[] bytes = body.equals("long") ? new byte[(1 << 20) + 1] : body.getBytes(UTF_8);
          exchange.getResponseHeaders().add(PeerHeaders.SENDER, PeerHeaders.of(answering));
          exchange.getResponseHeaders().add(Reply.STATUS_HEADER, "ok");
          exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    other.start();
    try (TestCluster cluster = met(nodes(1))) {
      TestNode node = cluster.node(0);
      String url = "http://127.0.0.1:" + other.getAddress().getPort();
      node.pool().set(List.of(node.url(), url));

      JsonObject all = ask(node, ALL);

      JsonObject told =
          all.getJsonArray("nodes").getValuesAs(JsonObject.class).stream()
              .filter(each -> each.getString("node").equals(url))
              .findFirst()
              .orElseThrow();
      assertThat(told.getString("failure", "")).isEqualTo(failure);
      assertThat(told.containsKey("answer")).isEqualTo(failure.isEmpty());
      assertThat(all.getJsonArray("nodes")).hasSize(2);
    } finally {
      other.stop(0);
    }
  }

  @Test
  void aNodeThatAsksIsToldOfThisOneAlone() throws Exception {
    try (TestCluster cluster = met(nodes(2))) {
      Map<String, String> asNode = new HashMap<>(Explained.WITH_SECRET);
      asNode.put(PeerHeaders.SENDER, PeerHeaders.of(new Sender(7, 1)));
      for (String target : List.of(ALL, "/_cluster/explain?group=db&key=Tom&all=true")) {
        Response answer = cluster.node(0).request("GET", target, asNode, null);
        assertThat(Explained.read(answer.text())).containsKey("self").doesNotContainKey("nodes");
      }
    }
  }

  @Test
  void twoAtATimeAskAllNodes() throws Exception {
    try (Callers callers = new Callers();
        TestCluster cluster = met(nodes(2).fronts().setting("geecache.peer-timeout", "30s"))) {
      FaultyPeer front = cluster.node(1).front();
      front.onlyFor(request -> request.target().contains("/status"));
      front.become(Fault.SILENT);
      List<CompletableFuture<JsonObject>> asked =
          List.of(
              callers.call(() -> ask(cluster.node(0), ALL)),
              callers.call(() -> ask(cluster.node(0), ALL)));
      await().until(() -> front.requests(Fault.SILENT) == 2);

      Response third = cluster.node(0).request("GET", ALL, Explained.WITH_SECRET, null);

      assertThat(third.status()).isEqualTo(503);
      assertThat(third.header("Retry-After")).isEqualTo("1");
      assertThat(third.text()).isEqualTo("overloaded: all nodes are being asked; ask again\n");
      assertThat(ask(cluster.node(0), "/_cluster/status")).containsKey("self");
      front.become(Fault.PASS);
      for (CompletableFuture<JsonObject> one : asked) {
        assertThat(result(one).getJsonArray("nodes")).hasSize(2);
      }
      assertThat(answerOf(cluster.node(1), ask(cluster.node(0), ALL))).containsKey("self");
    }
  }

  @Test
  void withoutASecretItSaysWhatToSet() throws Exception {
    try (TestCluster cluster = TestCluster.of(1)) {
      for (String target : List.of("/_cluster/status", ALL, "/_cluster/explain?group=db&key=a")) {
        Response refused = cluster.node(0).request("GET", target, Map.of(), null);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.header("Geecache-Status")).isEqualTo("forbidden");
        assertThat(refused.text())
            .isEqualTo(
                "the state of nodes is told only where there is a secret: set geecache.secret on all"
                    + " nodes\n");
      }
    }
  }

  @Test
  void publicReadsDoNotOpenIt() throws Exception {
    try (TestCluster cluster = met(nodes(1).setting("geecache.public-reads", "true"))) {
      Response refused = cluster.node(0).request("GET", "/_cluster/status", Map.of(), null);
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.text()).isEqualTo("the secret of this cluster is required\n");
    }
  }

  @Test
  void aHostThatIsNotAllowedIsRefused() throws Exception {
    try (TestCluster cluster = met(nodes(1).setting("geecache.hosts", "here.example"))) {
      Map<String, String> rebound = new HashMap<>(Explained.WITH_SECRET);
      rebound.put("Host", "evil.example");
      assertThat(cluster.node(0).request("GET", "/_cluster/status", rebound, null).status())
          .isEqualTo(403);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
  void onlyReadsAreAllowed(String method) throws Exception {
    try (TestCluster cluster = met(nodes(1))) {
      Response answer =
          cluster.node(0).request(method, "/_cluster/status", Explained.WITH_SECRET, null);
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
    }
  }

  @Test
  void headIsAnsweredWithoutABody() throws Exception {
    try (TestCluster cluster = met(nodes(1))) {
      Response answer =
          cluster.node(0).request("HEAD", "/_cluster/status", Explained.WITH_SECRET, null);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void aTroubleIsToldWithItsNode() throws Exception {
    try (TestCluster cluster = met(nodes(2).fronts())) {
      TestNode node = cluster.node(0);
      cluster.node(1).front().become(Fault.REFUSE);
      assertThatThrownBy(() -> node.group("db").remove("Tom"))
          .isInstanceOf(NotReachedException.class);
      await().until(() -> !troubles(node).isEmpty());
      JsonObject trouble = troubles(node).get(0);
      assertThat(trouble.getString("kind")).isEqualTo("no-contact");
      assertThat(trouble.getString("node")).isEqualTo(cluster.node(1).url());
      assertThat(trouble.getInt("forMillis")).isNotNegative();
      JsonObject peer = ask(node, "/_cluster/status").getJsonArray("peers").getJsonObject(0);
      assertThat(peer.getBoolean("contact")).isFalse();
      assertThat(peer.getInt("changesPending")).isEqualTo(1);
    }
  }

  private static List<JsonObject> troubles(TestNode node) throws IOException {
    return ask(node, "/_cluster/status").getJsonArray("troubles").getValuesAs(JsonObject.class);
  }
}
