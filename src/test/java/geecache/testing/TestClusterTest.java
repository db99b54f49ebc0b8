package geecache.testing;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Callers;
import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.Geecache;
import geecache.Getter;
import geecache.LiveThreads;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestClusterTest {
  private static final Getter ECHO = key -> ("value of " + key).getBytes(UTF_8);

  @Test
  void everyNodeAnswersForItsGroups() throws Exception {
    try (TestCluster cluster = echo().nodes(3).start()) {
      assertThat(cluster.nodes()).hasSize(3);
      cluster.awaitContact();
      for (TestNode node : cluster.nodes()) {
        Response answer = node.get("echo", "Tom");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("geecache-status")).isEqualTo("ok");
        assertThat(answer.headers()).containsEntry("Content-Length", "12");
        assertThat(answer.body()).isEqualTo("value of Tom".getBytes(UTF_8));
      }
      assertThat(cluster.nodes().stream().mapToLong(n -> n.group("echo").stats().loads()).sum())
          .isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "..", "a b+c", "%2F", "50 €", "🙂", "a&key=b", ";x", "\n"})
  void asksForAnyKey(String key) throws Exception {
    try (TestCluster cluster = echo().start()) {
      assertThat(cluster.node(0).get("echo", key).text()).isEqualTo("value of " + key);
    }
  }

  @Test
  void nodesAreToldOfEachOther() {
    try (TestCluster cluster = TestCluster.of(3)) {
      for (TestNode node : cluster.nodes()) {
        assertThat(node.settings())
            .containsOnly(
                Map.entry("geecache.handoff", "0"),
                Map.entry("geecache.peer-timeout", "10s"),
                Map.entry("geecache.self", cluster.urls().get(node.index())),
                Map.entry("geecache.peers", String.join(",", cluster.urls())));
      }
      assertThat(cluster.urls()).doesNotHaveDuplicates();
    }
  }

  @Test
  void settingsAreOfAllNodesOrOfOne() {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(3)
            .secret("open-sesame-sesame")
            .peerRequests("get")
            .setting(1, "geecache.peer-requests", "batch")
            .view(2, 2, 0)
            .start()) {
      List<String> urls = cluster.urls();

      assertThat(cluster.node(0).settings())
          .containsEntry("geecache.secret", "open-sesame-sesame")
          .containsEntry("geecache.peer-requests", "get")
          .containsEntry("geecache.peers", String.join(",", urls));
      assertThat(cluster.node(1).settings()).containsEntry("geecache.peer-requests", "batch");
      assertThat(cluster.node(2).settings())
          .containsEntry("geecache.peers", urls.get(2) + "," + urls.get(0));
    }
  }

  @Test
  void settingsReachTheApplication() throws Exception {
    try (TestCluster cluster =
        TestCluster.builder().nodes(2).setting(1, "geecache.demo", "true").start()) {
      assertThat(cluster.node(0).get("scores", "Tom").status()).isEqualTo(404);
      assertThat(cluster.node(1).get("scores", "Tom").text()).isEqualTo("630");
    }
  }

  @Test
  void eachNodeMayHaveASourceOfItsOwn() throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .groups(
                (index, node) ->
                    node.group("own").register(key -> new byte[] {(byte) ('0' + index)}))
            .groups(node -> node.group("echo").register(ECHO))
            .view(0)
            .view(1)
            .start()) {
      assertThat(cluster.node(0).get("own", "k").text()).isEqualTo("0");
      assertThat(cluster.node(1).get("own", "k").text()).isEqualTo("1");
      assertThat(cluster.node(1).get("echo", "k").text()).isEqualTo("value of k");
      assertThatIllegalStateException().isThrownBy(() -> cluster.node(0).group("absent"));
    }
  }

  @Test
  void applicationsMayHaveAContextPath() throws Exception {
    try (TestCluster cluster = echo().nodes(2).contextPath("/shop").fronts().start()) {
      TestNode node = cluster.node(1);

      assertThat(node.url()).endsWith("/shop").isEqualTo(node.front().url());
      assertThat(node.get("echo", "k").text()).isEqualTo("value of k");
      assertThat(ask(node.url() + "/_geecache/echo/k")).isEqualTo("value of k");
    }
  }

  @Test
  void theServletIsMappedForPeersToo() throws Exception {
    try (TestCluster cluster = echo().start()) {
      Response answer = cluster.node(0).request("GET", "/_cluster/none", Map.of(), null);

      assertThat(answer.header("Geecache-Status")).isNotNull();
      assertThat(cluster.node(0).request("GET", "/elsewhere", Map.of(), null).headers())
          .doesNotContainKey("Geecache-Status");
    }
  }

  @Test
  void sendsAnyRequest() throws Exception {
    try (TestCluster cluster = echo().start()) {
      TestNode node = cluster.node(0);
      String path = "/_geecache/echo?key=k";
      String etag = node.get("echo", "k").header("ETag");

      assertThat(node.request("HEAD", path, Map.of(), null).body()).isEmpty();
      assertThat(node.request("GET", path, Map.of("If-None-Match", etag), null).status())
          .isEqualTo(304);
      assertThat(node.request("PATCH", path, Map.of(), new byte[] {1, 2}).header("Allow"))
          .isEqualTo("GET, HEAD, POST, PUT, DELETE");
      assertThat(node.request("GET", path, Map.of(), new byte[1 << 20]).status()).isEqualTo(400);
    }
  }

  @Test
  void frontsStandBetweenNodesAndTheirPeers() throws Exception {
    try (TestCluster cluster = echo().nodes(2).fronts().view(0).view(1).start()) {
      TestNode node = cluster.node(0);
      node.front().become(Fault.NOT_FOUND_PAGE);

      assertThat(node.settings()).containsEntry("geecache.self", node.front().url());
      assertThat(node.get("echo", "k").text()).isEqualTo("value of k");
      assertThat(ask(node.url() + "/_geecache/echo/k")).contains("<h1>HTTP Status 404");
      assertThat(ask(cluster.node(1).url() + "/_geecache/echo/k")).isEqualTo("value of k");
      assertThat(node.front().requests()).isEqualTo(1);
    }
  }

  @Test
  void thereAreNoFrontsUnlessAskedFor() {
    try (TestCluster cluster = TestCluster.of(1)) {
      assertThatIllegalStateException().isThrownBy(() -> cluster.node(0).front());
    }
  }

  @Test
  void stoppingKillsWhatIsUnderWay() throws Exception {
    GatedGetter source = new GatedGetter();
    try (Callers callers = new Callers();
        TestCluster cluster =
            TestCluster.builder()
                .nodes(2)
                .groups(node -> node.group("slow").register(source))
                .start()) {
      TestNode node = cluster.node(0);
      CompletableFuture<Response> waiting = callers.call(() -> node.get("slow", "k"));
      source.next();

      node.stop();
      node.stop();

      assertThatThrownBy(() -> result(waiting)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> node.get("slow", "k")).isInstanceOf(ConnectException.class);
      assertThatIllegalStateException().isThrownBy(node::geecache);
      assertThat(cluster.node(1).group("slow")).isNotNull();
    }
  }

  @Test
  void aStoppedNodeIsGoneBehindItsFrontToo() throws Exception {
    try (TestCluster cluster = echo().fronts().start()) {
      TestNode node = cluster.node(0);

      node.stop();
      node.front().become(Fault.PASS);
      assertThatThrownBy(() -> ask(node.url())).isInstanceOf(ConnectException.class);

      node.restart();
      assertThat(ask(node.url() + "/_geecache/echo/k")).isEqualTo("value of k");
    }
  }

  @Test
  void aRestartedNodeIsANewOneAtTheSameUrl() throws Exception {
    try (TestCluster cluster = echo().nodes(2).start()) {
      TestNode node = cluster.node(1);
      String url = node.url();
      Geecache before = node.geecache();
      node.get("echo", "k");

      node.setting("geecache.demo", "true");
      node.stop();
      node.restart();

      assertThat(node.url()).isEqualTo(url);
      assertThat(node.geecache()).isNotSameAs(before);
      assertThat(before.find("echo")).isEmpty();
      assertThat(node.group("echo").stats().entries()).isZero();
      assertThat(node.get("echo", "k").text()).isEqualTo("value of k");
      assertThat(node.get("scores", "Tom").text()).isEqualTo("630");
      node.restart();
      assertThat(node.get("echo", "k").text()).isEqualTo("value of k");
    }
  }

  @Test
  void timePassesAsTold() throws Exception {
    FakeTicker ticker = new FakeTicker();
    List<String> loads = new ArrayList<>();
    try (TestCluster cluster =
        TestCluster.builder()
            .ticker(ticker)
            .groups(
                node ->
                    node.group("g")
                        .timeToLive(Duration.ofMinutes(1))
                        .register(
                            key -> {
                              loads.add(key);
                              return new byte[1];
                            }))
            .start()) {
      cluster.node(0).get("g", "k");
      cluster.node(0).get("g", "k");
      assertThat(loads).hasSize(1);

      ticker.advance(Duration.ofMinutes(2));
      cluster.node(0).get("g", "k");
      assertThat(loads).hasSize(2);
    }
  }

  @Test
  void aNodeMayHaveOneLoaderThread() throws Exception {
    GatedGetter source = new GatedGetter();
    try (Callers callers = new Callers();
        TestCluster cluster =
            TestCluster.builder()
                .loaderThreads(1)
                .groups(node -> node.group("slow").register(source))
                .groups(node -> node.group("echo").register(ECHO))
                .start()) {
      TestNode node = cluster.node(0);
      CompletableFuture<Response> first = callers.call(() -> node.get("slow", "k"));
      GatedGetter.Call held = source.next();

      CompletableFuture<?> second = node.group("echo").getAsync("k");
      assertThat(second).isNotDone();

      held.answer("v");
      assertThat(result(first).text()).isEqualTo("v");
      result(second);
    }
  }

  @Test
  void twoClustersLiveSideBySide() throws Exception {
    TestCluster.Builder exclaiming =
        TestCluster.builder()
            .nodes(2)
            .groups(node -> node.group("echo").register(key -> new byte[] {'!'}));
    try (TestCluster other = exclaiming.start()) {
      try (TestCluster one = echo().nodes(2).start()) {
        assertThat(one.urls()).doesNotContainAnyElementsOf(other.urls());
        assertThat(one.node(1).get("echo", "k").text()).isEqualTo("value of k");
        assertThat(other.node(1).get("echo", "k").text()).isEqualTo("!");
      }
      assertThat(other.node(0).get("echo", "k").text()).isEqualTo("!");
    }
  }

  @Test
  void leavesNeitherThreadNorPort() throws Exception {
    List<String> before = LiveThreads.named("");
    GatedGetter source = new GatedGetter();
    TestCluster cluster =
        TestCluster.builder()
            .nodes(3)
            .fronts()
            .groups(node -> node.group("slow").register(source))
            .start();
    try (Callers callers = new Callers()) {
      callers.call(() -> cluster.node(0).get("slow", "k"));
      source.next();
      cluster.node(1).stop();

      cluster.close();
      cluster.close();
    }

    assertThat(LiveThreads.named("")).isSubsetOf(before);
    for (String url : cluster.urls()) {
      new ServerSocket(URI.create(url).getPort(), 1, InetAddress.getLoopbackAddress()).close();
    }
    assertThatIllegalStateException().isThrownBy(() -> cluster.node(0).restart());
  }

  @Test
  void leavesNothingWhereANodeDoesNotStart() {
    List<String> before = LiveThreads.named(Threads.PREFIX);
    IllegalArgumentException fault = new IllegalArgumentException("no group for 1");
    TestCluster.Builder cluster =
        TestCluster.builder()
            .nodes(3)
            .groups(
                (index, node) -> {
                  if (index == 1) {
                    throw fault;
                  }
                });

    assertThatThrownBy(cluster::start).isSameAs(fault);
    assertThatThrownBy(() -> TestCluster.builder().setting("geecache.demo", "maybe").start())
        .hasMessageContaining("geecache.demo");

    assertThat(LiveThreads.named(Threads.PREFIX)).isEqualTo(before);
  }

  @Test
  void numbersAreThoseOfNodes() {
    assertThatIllegalArgumentException().isThrownBy(() -> TestCluster.of(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestCluster.builder().nodes(2).view(0, 2).start());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestCluster.builder().nodes(2).setting(2, "a", "b").start());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "shop", "/shop/", "//"})
  void contextPathsStartWithASlashAndEndWithNone(String path) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestCluster.builder().contextPath(path).start())
        .withMessageContaining("/shop");
  }

  private static TestCluster.Builder echo() {
    return TestCluster.builder().groups(node -> node.group("echo").register(ECHO));
  }

  /** Asks at the advertised URL, as a peer does. */
  private static String ask(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
        .body();
  }
}
