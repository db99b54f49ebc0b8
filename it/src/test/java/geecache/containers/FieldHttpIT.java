package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import geecache.ring.HashRing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Clusters in a Tomcat whose connectors close kept connections and compress, and behind nginx as
 * people configure it. Each cluster has applications of its own in the one Tomcat.
 */
@Tag("field")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FieldHttpIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int ROUNDS = 20;

  /**
   * By then the container has closed a kept connection: it looks every 50 ms, and by default only
   * once a second, so that the request would come first. Nodes try a kept connection before they
   * use it only if it was idle for a second. So each request fails that is not sent once more.
   */
  private static final long GAP = TimeUnit.MILLISECONDS.toNanos(500);

  private static final int CLOSING = 0;
  private static final int ONCE = 1;
  private static final int COMPRESSING = 2;

  private static final String COMPRESSION =
      "compression=\"force\" compressibleMimeType=\"application/octet-stream,"
          + "application/vnd.geecache.batch.v1+protobuf\"";

  private final Tomcat tomcat;
  private final Client client;

  FieldHttpIT() throws IOException {
    tomcat = new Tomcat("field-tomcat", "apache-tomcat-11.");
    tomcat.addConnector(
        "keepAliveTimeout=\"200\" selectorTimeout=\"50\" useKeepAliveResponseHeader=\"false\"");
    tomcat.addConnector("maxKeepAliveRequests=\"1\"");
    tomcat.addConnector(COMPRESSION);
    tomcat.start();
    client = new Client(tomcat.port());
  }

  @AfterAll
  void end() throws IOException {
    client.close();
    tomcat.close();
  }

  /** An application in the Tomcat, which peers ask at the port of one of its connectors. */
  private record Node(String path, String url) {}

  private Node node(String path, int port) {
    return new Node(path, "http://127.0.0.1:" + port + path);
  }

  private final Map<String, List<Node>> clusters = new LinkedHashMap<>();

  @BeforeAll
  void deployAll() throws IOException {
    cluster("closing", tomcat.portOf(CLOSING), Map.of(), true, true);
    cluster("once", tomcat.portOf(ONCE), Map.of(), true, true);
    cluster("batch", tomcat.portOf(COMPRESSING), Map.of(), true, true);
    cluster("get", tomcat.portOf(COMPRESSING), Map.of("geecache.peer-requests", "get"), true, true);
    cluster("some", tomcat.port(), Map.of(), true, true, false);
    for (List<Node> nodes : clusters.values()) {
      awaitReady(nodes);
    }
  }

  private void awaitReady(List<Node> nodes) {
    for (Node node : nodes) {
      String ready = node.path() + "/health/ready";
      Awaitility.await("200 from " + ready)
          .atMost(LIMIT)
          .until(() -> client.get(ready).code() == 200);
    }
    awaitContact(nodes);
  }

  /**
   * Deploys a cluster.
   *
   * @param members for each node whether it has the group {@code echo}
   */
  private void cluster(String name, int port, Map<String, String> settings, boolean... members)
      throws IOException {
    List<Node> nodes =
        IntStream.range(0, members.length).mapToObj(i -> node("/" + name + i, port)).toList();
    clusters.put(name, nodes);
    List<String> urls = nodes.stream().map(Node::url).toList();
    for (int i = 0; i < members.length; i++) {
      Map<String, String> all = ClusterSite.BATCH.settings(urls.get(i), urls);
      all.putAll(settings);
      all.put("geecache.request-log", "off");
      Wars wars = new Wars(tomcat.instance().resolve("wars"));
      tomcat.deploy(members[i] ? wars.member(all) : wars.product(all), nodes.get(i).path());
    }
  }

  private void awaitContact(List<Node> nodes) {
    for (Node node : nodes) {
      for (Node other : nodes) {
        String met = "contact with " + other.url();
        if (node != other) {
          Awaitility.await(node.url() + " has " + met)
              .atMost(LIMIT)
              .until(() -> tomcat.output().contains(met));
        }
      }
    }
  }

  private static List<String> keysOf(List<Node> nodes, Node owner, int count) {
    HashRing ring = HashRing.of(nodes.stream().map(Node::url).toList());
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "key-" + i)
        .filter(key -> ring.owner(key).equals(owner.url()))
        .limit(count)
        .toList();
  }

  private Answer get(Node node, String key) throws IOException {
    return client.get(node.path() + "/_geecache/echo?key=" + key);
  }

  private Answer send(String method, Node node, String key, String body) throws IOException {
    return client.send(
        method,
        node.path() + "/_geecache/echo?key=" + key,
        ClusterSite.CREDENTIALS,
        body == null ? null : body.getBytes(UTF_8));
  }

  private int loads(Node node, String key) throws IOException {
    return Integer.parseInt(client.get(node.path() + "/loads?key=" + key).text());
  }

  private int loads(List<Node> nodes, String key) throws IOException {
    int all = 0;
    for (Node node : nodes) {
      all += node.path().equals("/some2") ? 0 : loads(node, key);
    }
    return all;
  }

  /** Reads and removes keys of the other node, each a gap after the last. */
  private void assertNothingFails(List<Node> nodes, long gap) throws IOException {
    Node asked = nodes.get(0);
    for (String key : keysOf(nodes, nodes.get(1), ROUNDS)) {
      LockSupport.parkNanos(gap);
      assertThat(get(asked, key).text()).isEqualTo(key);
      assertThat(loads(nodes, key)).as("loads of %s", key).isEqualTo(1);
      LockSupport.parkNanos(gap);
      Answer removed = send("DELETE", asked, key, null);
      assertThat(removed.code()).as("%s", removed.text()).isEqualTo(204);
    }
    assertThat(tomcat.output()).doesNotContain("lost contact with " + nodes.get(1).url());
  }

  @Test
  void connectionsThatTheContainerClosesWhenTheyAreUsedAgainFailNothing() throws IOException {
    assertNothingFails(clusters.get("closing"), GAP);
  }

  @Test
  void connectionsThatTheContainerClosesAfterEachRequestFailNothing() throws IOException {
    assertNothingFails(clusters.get("once"), 0);
  }

  @Test
  void aContainerThatCompressesChangesNoValueBetweenNodes() throws IOException {
    for (String name : List.of("batch", "get")) {
      List<Node> nodes = clusters.get(name);
      for (String key : keysOf(nodes, nodes.get(1), 10)) {
        String value = "value of " + key + " ".repeat(5000);
        assertThat(send("PUT", nodes.get(0), key, value).code()).isEqualTo(204);
        Answer own = get(nodes.get(1), key);
        Answer other = get(nodes.get(0), key);
        assertThat(other.text()).isEqualTo(value);
        assertThat(other.header("ETag")).isEqualTo(own.header("ETag"));
      }
    }
  }

  /** Each of these nodes is known to the other by the URL of a proxy. */
  @Test
  void aProxyThatCompressesChangesNoValueBetweenNodes() throws IOException {
    String proxy =
        "gzip on; gzip_types *; location / { proxy_pass http://127.0.0.1:%d; }"
            .formatted(tomcat.port());
    try (Nginx nginx = new Nginx(proxy)) {
      Map<String, String> one = Map.of("geecache.peer-requests", "get");
      for (Map<String, String> settings : List.of(one, Map.<String, String>of())) {
        String name = settings.isEmpty() ? "behind-batch" : "behind-get";
        cluster(name, nginx.port(), settings, true, true);
        List<Node> nodes = clusters.get(name);
        awaitReady(nodes);
        for (String key : keysOf(nodes, nodes.get(1), 10)) {
          assertThat(send("PUT", nodes.get(0), key, key.repeat(500)).code()).isEqualTo(204);
          assertThat(get(nodes.get(0), key).text()).isEqualTo(key.repeat(500));
          assertThat(loads(nodes, key)).isZero();
        }
      }
    }
  }

  @Test
  void clientsOfAProxyThatCompressesMayRevalidate() throws IOException {
    String value = "x".repeat(1500);
    String target = "/batch0/_geecache/echo?key=" + value;
    String proxy =
        "gzip on; gzip_types *; location / { proxy_pass http://127.0.0.1:%d; }"
            .formatted(tomcat.port());
    try (Nginx nginx = new Nginx(proxy);
        Client through = new Client(nginx.port())) {
      Map<String, String> packed = Map.of("Accept-Encoding", "gzip");
      Answer answer = through.send("GET", target, packed, null);
      assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
      assertThat(answer.header("ETag")).isEqualTo("W/" + client.get(target).header("ETag"));
      Map<String, String> again =
          Map.of("Accept-Encoding", "gzip", "If-None-Match", answer.header("ETag"));
      assertThat(through.send("GET", target, again, null).code()).isEqualTo(304);
      assertThat(through.get(target).text()).isEqualTo(value);
    }
  }

  /** Tomcat leaves what has a strong entity tag as it is. */
  @Test
  void clientsOfAContainerThatCompressesMayRevalidate() throws IOException {
    String target = "/batch0/_geecache/echo?key=" + "y".repeat(1500);
    try (Client compressing = new Client(tomcat.portOf(COMPRESSING))) {
      Map<String, String> packed = Map.of("Accept-Encoding", "gzip");
      Answer answer = compressing.send("GET", target, packed, null);
      assertThat(answer.header("ETag")).isEqualTo(client.get(target).header("ETag"));
      Map<String, String> again =
          Map.of("Accept-Encoding", "gzip", "If-None-Match", answer.header("ETag"));
      assertThat(compressing.send("GET", target, again, null).code()).isEqualTo(304);
    }
  }

  @Test
  void aGroupThatOnlySomeNodesHaveIsLoadedOnceAndIsNobodysFailure() throws IOException {
    List<Node> nodes = clusters.get("some");
    for (String key : keysOf(nodes, nodes.get(2), 20)) {
      assertThat(get(nodes.get(0), key).text()).isEqualTo(key);
      assertThat(get(nodes.get(0), key).text()).isEqualTo(key);
      assertThat(loads(nodes, key)).as("loads of %s", key).isEqualTo(1);
    }
    assertThat(tomcat.output()).doesNotContain("lost contact with " + nodes.get(2).url());
    String figures = client.send("GET", "/some0/metrics", ClusterSite.CREDENTIALS, null).text();
    String peer = "{peer=\"" + nodes.get(2).url() + "\"} ";
    assertThat(figures) // It has said that it lacks the group, and is passed over.
        .contains("\ngeecache_peer_requests_total" + peer + "0.0\n")
        .contains("\ngeecache_peer_failures_total" + peer + "0.0\n");
  }

  @Test
  void aRemovalWinsBehindACachingProxy() throws IOException {
    List<Node> nodes = clusters.get("batch");
    String proxy =
        """
        location / {
          proxy_pass http://127.0.0.1:%d;
          proxy_cache cache;
          add_header X-Cache $upstream_cache_status;
        }
        """
            .formatted(tomcat.port());
    String key = keysOf(nodes, nodes.get(1), 40).get(39);
    String target = nodes.get(0).path() + "/_geecache/echo?key=" + key;
    try (Nginx nginx = new Nginx(proxy);
        Client through = new Client(nginx.port())) {
      for (int i = 0; i < 20; i++) { // So often that the node that is asked has a copy.
        Answer answer = through.get(target);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(answer.header("X-Cache")).isNotEqualTo("HIT");
      }
      assertThat(get(nodes.get(0), key).header("Cache-Status")).isEqualTo("geecache; hit");
      assertThat(send("PUT", nodes.get(1), key, "new").code()).isEqualTo(204);
      assertThat(through.get(target).text()).isEqualTo("new");
      assertThat(send("DELETE", nodes.get(1), key, null).code()).isEqualTo(204);
      assertThat(through.get(target).text()).isEqualTo(key);
    }
  }

  /** As {@code docs/proxies.md} has it, with other numbers. */
  @Test
  void aRateLimitForManyKeysLetsOtherReadsThrough() throws IOException {
    String definitions =
        """
        map $request_method $asks_for_many { default ""; POST $binary_remote_addr; }
        limit_req_zone $asks_for_many zone=many:1m rate=1r/m;
        """;
    String proxy =
        """
        location / {
          limit_req zone=many burst=5 nodelay;
          limit_req_status 429;
          proxy_pass http://127.0.0.1:%d;
        }
        """
            .formatted(tomcat.port());
    byte[] batch = BatchConnection.request(false, List.of("a", "b"));
    Map<String, String> type = new LinkedHashMap<>(ClusterSite.CREDENTIALS);
    type.put("Content-Type", BatchConnection.TYPE);
    try (Nginx nginx = new Nginx(definitions, proxy);
        Client through = new Client(nginx.port())) {
      for (int i = 0; i < 20; i++) {
        Answer many = through.send("POST", "/batch0/_geecache/echo", type, batch);
        assertThat(many.code()).as("request %d", i).isEqualTo(i < 6 ? 200 : 429);
        assertThat(through.get("/batch0/_geecache/echo?key=a").code()).isEqualTo(200);
      }
    }
  }

  /** The same values without a secret are cached, so the proxy would give them to anybody. */
  @Test
  void aCachingProxyGivesNobodyWhatNeedsTheSecret() throws IOException {
    HttpServer source = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    source.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write("value".getBytes(UTF_8));
          exchange.close();
        });
    source.start();
    String proxy =
        """
        location / {
          proxy_pass http://127.0.0.1:%d;
          proxy_cache cache;
          add_header X-Cache $upstream_cache_status;
        }
        """
            .formatted(tomcat.port());
    try (Nginx nginx = new Nginx(proxy);
        Client through = new Client(nginx.port())) {
      String url = "http://127.0.0.1:" + source.getAddress().getPort() + "/{key}";
      for (boolean closed : new boolean[] {false, true}) {
        String name = closed ? "closed" : "public";
        cluster(name, tomcat.port(), lasting(url, !closed), false);
        awaitReady(clusters.get(name));
        String target = "/" + name + "0/_geecache/lasting/a";
        for (int i = 0; i < 3; i++) {
          Answer answer = through.send("GET", target, ClusterSite.CREDENTIALS, null);
          assertThat(answer.text()).isEqualTo("value");
          assertThat(answer.header("X-Cache")).isEqualTo(closed || i == 0 ? "MISS" : "HIT");
        }
        Answer stranger = through.get(target);
        assertThat(stranger.code()).isEqualTo(closed ? 401 : 200);
      }
    } finally {
      source.stop(0);
    }
  }

  private static Map<String, String> lasting(String url, boolean publicReads) {
    return Map.of(
        "geecache.public-reads",
        String.valueOf(publicReads),
        "geecache.groups.lasting.source",
        "http",
        "geecache.groups.lasting.url",
        url,
        "geecache.groups.lasting.ttl",
        "1h");
  }

  /** As {@code docs/proxies.md} has it. */
  @Test
  void aProxyThatRewritesPathsIsSafeWithTheKeyInTheQuery() throws IOException {
    String proxy =
        """
        location /rewritten/ { proxy_pass http://127.0.0.1:%1$d/batch0/; }
        location /batch0/ { proxy_pass http://127.0.0.1:%1$d; }
        """
            .formatted(tomcat.port());
    try (Nginx nginx = new Nginx(proxy);
        Client through = new Client(nginx.port())) {
      Stream.of("/rewritten", "/batch0")
          .forEach(path -> assertCarries(through, path + "/_geecache/echo?key=a%2F..%2Fb"));
      Answer wrong = through.get("/rewritten/_geecache/echo/a%2F..%2Fb");
      assertThat(wrong.text()).as("what the page warns of").isEqualTo("b");
      Answer refused = through.get("/batch0/_geecache/echo/a%2F..%2Fb");
      assertThat(refused.code()).isEqualTo(400);
    }
  }

  private static void assertCarries(Client through, String target) {
    try {
      assertThat(through.get(target).text()).as(target).isEqualTo("a/../b");
    } catch (IOException failure) {
      throw new AssertionError(target, failure);
    }
  }
}
