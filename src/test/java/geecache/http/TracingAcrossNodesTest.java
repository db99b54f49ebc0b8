package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import geecache.Geecache;
import geecache.Group;
import geecache.Tracing;
import geecache.source.HttpGetter;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import geecache.tracing.Spans;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trace goes from the caller over the owner of the key to its source. */
@Timeout(120)
class TracingAcrossNodesTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private final Spans spans = new Spans();

  @AfterEach
  void close() {
    spans.close();
  }

  private void register(Geecache node, geecache.Getter getter) {
    node.tracing(spans.tracing());
    node.newGroup("g", 1 << 20, getter);
  }

  private TestCluster cluster(String how) {
    return TestCluster.builder()
        .nodes(2)
        .peerRequests(how)
        .secret("sixteen-letters-")
        .groups(node -> register(node, key -> key.getBytes(UTF_8)))
        .start();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aGetIsPartOfOneTraceOnBothNodes(String how) throws Exception {
    try (TestCluster cluster = cluster(how)) {
      cluster.awaitContact();
      String key = keysOf(cluster.node(1), "k", 1).get(0);
      String trace = spans.traced(() -> cluster.node(0).group("g").get(key));

      assertThat(spans.only("geecache.get")).matches(spans.isChildOf("caller"));
      await().until(() -> spans.named("peer.fetch").size() == 1); // Callers are told first.
      assertThat(spans.only("peer.fetch")).matches(spans.isChildOf("geecache.get"));
      assertThat(spans.only("load")).matches(spans.isChildOf("peer.fetch"));
      assertThat(spans.all()).extracting(SpanData::getTraceId).containsOnly(trace);
    }
  }

  @Test
  void manyKeysOfAPeerAreOneQuestion() throws Exception {
    try (TestCluster cluster = cluster("batch")) {
      cluster.awaitContact();
      List<String> keys = keysOf(cluster.node(1), "k", 20);
      spans.traced(() -> cluster.node(0).group("g").getAll(keys));
      await().until(() -> spans.named("peer.fetch").size() == 1); // Callers are told first.
      assertThat(spans.only("peer.fetch")).matches(spans.isChildOf("geecache.get"));
      await().until(() -> spans.named("load").size() == 20);
      assertThat(spans.named("load")).allMatch(spans.isChildOf("peer.fetch"));
      assertThat(spans.all().stream().map(SpanData::getTraceId).distinct()).hasSize(1);
    }
  }

  @Test
  void aLoadInPlaceOfADeadOwnerIsPartOfTheTrace() throws Exception {
    try (TestCluster cluster = cluster("batch")) {
      cluster.awaitContact();
      String key = keysOf(cluster.node(1), "k", 1).get(0);
      cluster.node(1).stop();
      String trace = spans.traced(() -> result(cluster.node(0).group("g").getAsync(key)));
      assertThat(spans.only("load")).matches(spans.isChildOf("geecache.get"));
      assertThat(spans.all()).extracting(SpanData::getTraceId).containsOnly(trace);
    }
  }

  /** Samplers and exporters are the user's. */
  @ParameterizedTest
  @ValueSource(strings = {"begin", "captured", "enter", "traceparent", "end", "close", "all"})
  void whatATracingThrowsReachesNoGet(String broken) throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .groups(
                node -> {
                  node.tracing((Tracing) throwing(Tracing.class, spans.tracing(), broken));
                  node.newGroup("g", 1 << 20, key -> key.getBytes(UTF_8));
                })
            .start()) {
      cluster.awaitContact();
      Group group = cluster.node(0).group("g");
      List<String> keys = keysOf(cluster.node(1), "k", 20);
      assertThat(group.get(keys.get(0))).hasToString(keys.get(0));
      assertThat(result(group.getAsync(keys.get(1)))).hasToString(keys.get(1));
      assertThat(group.getAll(keys)).hasSize(20);
      assertThat(group.stats().loads() + cluster.node(1).group("g").stats().loads()).isEqualTo(20);
      assertThat(cluster.node(0).pool().stats().failures()).isZero();
    }
  }

  private static Object throwing(Class<?> type, Object of, String broken) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          if (broken.equals("all") || broken.equals(method.getName())) {
            throw new IllegalStateException("of the test");
          }
          Object result = method.invoke(of, arguments);
          Class<?> made = method.getReturnType();
          return result != null && made.isInterface() && !made.getName().startsWith("java.")
              ? throwing(made, result, broken)
              : result;
        });
  }

  @Test
  void theTraceOfAClientReachesTheOrigin() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer origin =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    origin.createContext(
        "/",
        exchange -> {
          asked.add(String.valueOf(exchange.getRequestHeaders().getFirst("traceparent")));
          byte[] body = "630".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    origin.start();
    String url = "http://127.0.0.1:" + origin.getAddress().getPort() + "/{key}";
    try (HttpGetter getter = HttpGetter.builder().url(url).build();
        TestCluster cluster =
            TestCluster.builder().nodes(1).groups(node -> register(node, getter)).start()) {
      get(cluster.node(0), "Tom", "00-" + TRACE + "-b7ad6b7169203331-01");
      get(cluster.node(0), "Sam", "no trace");

      assertThat(asked).hasSize(2);
      assertThat(asked.get(0)).startsWith("00-" + TRACE).doesNotContain("b7ad6b7169203331");
      assertThat(asked.get(1)).doesNotContain(TRACE);
    } finally {
      origin.stop(0);
    }
  }

  private static void get(TestNode node, String key, String traceparent) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node.url() + "/_geecache/g/" + key))
            .header("traceparent", traceparent)
            .build();
    assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body())
        .isEqualTo("630");
  }
}
