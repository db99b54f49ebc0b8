package geecache.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ClosedException;
import geecache.Geecache;
import geecache.Getter;
import geecache.Group;
import geecache.GroupProvider;
import geecache.LiveThreads;
import geecache.http.HTTPPool;
import geecache.membership.Membership;
import geecache.membership.StaticMembership;
import geecache.web.HTTPPoolServlet;
import geecache.web.HealthServlet;
import geecache.web.MetricsServlet;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes that are made in code. */
@Timeout(120)
class GeecacheBuilderTest {
  private static final String SECRET = "the-secret-of-this-test";

  private final AtomicInteger loads = new AtomicInteger();
  private final HttpClient client = HttpClient.newHttpClient();

  private final Getter source =
      key -> {
        loads.incrementAndGet();
        return ("value of " + key).getBytes(UTF_8);
      };

  private Geecache node(CodeNode server, List<String> urls) {
    return GeecacheBuilder.create()
        .self(server.url())
        .peers(urls)
        .secret(SECRET)
        .peerOptions(options -> options.handoff(Duration.ZERO).timeout(Duration.ofSeconds(10)))
        .groups(node -> node.newGroup("users", 0, source))
        .start();
  }

  private HttpResponse<String> ask(CodeNode server, String path, boolean showsSecret)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path));
    if (showsSecret) {
      request.header("Authorization", "Bearer " + SECRET);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void awaitContact(Geecache node) {
    HTTPPool pool = HTTPPool.of(node);
    await().until(() -> !pool.inContact().isEmpty());
  }

  @Test
  void twoNodesInCodeAreACluster() throws Exception {
    try (CodeNode firstServer = new CodeNode();
        CodeNode secondServer = new CodeNode()) {
      List<String> urls = List.of(firstServer.url(), secondServer.url());
      try (Geecache first = node(firstServer, urls);
          Geecache second = node(secondServer, urls)) {
        firstServer.serve(first);
        secondServer.serve(second);
        awaitContact(first);
        awaitContact(second);

        Group users = first.find("users").orElseThrow();
        List<String> keys = IntStream.range(0, 50).mapToObj(i -> "k" + i).toList();
        for (String key : keys) {
          assertThat(users.get(key)).hasToString("value of " + key);
          assertThat(ask(secondServer, "/_geecache/users/" + key, true).body())
              .isEqualTo("value of " + key);
        }
        assertThat(loads).hasValue(keys.size()); // Each key was loaded by its owner alone.
        users.remove("k7");
        assertThat(second.find("users").orElseThrow().get("k7")).hasToString("value of k7");
        assertThat(loads).hasValue(keys.size() + 1);

        assertThat(ask(firstServer, "/_geecache/users/k1", false).statusCode()).isEqualTo(401);
        assertThat(ask(firstServer, "/health/ready", false).body()).isEqualTo("ready\n");
        assertThat(ask(firstServer, "/metrics", false).statusCode()).isEqualTo(401);
        assertThat(ask(firstServer, "/metrics", true).body()).contains("users");
      }
    }
    await().until(() -> LiveThreads.named("geecache-").isEmpty());
  }

  @Test
  void aNodeWithoutPeersIsAloneAndItsMakerClosesIt() throws Exception {
    Geecache node = GeecacheBuilder.create().start();
    Group users = node.newGroup("users", 0, source);
    try (CodeNode server = new CodeNode()) {
      server.serve(node);
      assertThat(ask(server, "/_geecache/users/Tom", false).body()).isEqualTo("value of Tom");
      assertThat(ask(server, "/health/ready", false).statusCode()).isEqualTo(200);
    }
    assertThat(users.get("Sam")).hasToString("value of Sam");
    node.close();
    assertThatThrownBy(() -> users.get("Tom")).isInstanceOf(ClosedException.class);
  }

  @Test
  void aNodeThatLacksARequiredGroupIsNotReady() throws Exception {
    try (CodeNode server = new CodeNode();
        Geecache node = GeecacheBuilder.create().start()) {
      node.requireGroups(List.of("late"));
      server.serve(node);
      assertThat(ask(server, "/health/ready", false).body())
          .isEqualTo("not ready: no group late\n");
      node.newGroup("late", 0, source);
      assertThat(ask(server, "/health/ready", false).body()).isEqualTo("ready\n");
    }
  }

  /** One of its groups, or what tells it the nodes, may fail. */
  @Test
  void aNodeThatDoesNotStartLeavesNothing() {
    GroupProvider broken =
        node -> {
          throw new java.io.IOException("no database");
        };
    assertThatThrownBy(() -> GeecacheBuilder.create().groups(broken).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a group provider failed: no database");
    Geecache given = new Geecache();
    GeecacheBuilder failing =
        GeecacheBuilder.create()
            .of(given)
            .groups(node -> node.newGroup("users", 0, source))
            .membership(
                pool -> {
                  throw new IllegalStateException("no network");
                });
    assertThatThrownBy(failing::start).hasMessage("no network");
    assertThat(given.groups()).isEmpty();
    assertThatThrownBy(() -> given.newGroup("late", 0, source)).hasMessageContaining("closed");
    await().until(() -> LiveThreads.named("geecache-").isEmpty());
  }

  @Test
  void aNodeThatServesGoesOnIfItIsStartedOnceMore() throws Exception {
    try (Geecache node = GeecacheBuilder.create().start()) {
      GeecacheBuilder again = GeecacheBuilder.create().of(node);
      assertThatThrownBy(again::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the node has peers already");
      assertThat(node.newGroup("later", 0, source).get("a")).isNotNull();
    }
  }

  @Test
  void whatTellsTheNodesIsStartedAndClosedWithTheNode() {
    AtomicInteger closed = new AtomicInteger();
    Membership watched =
        new Membership() {
          @Override
          public void start(Consumer<? super Collection<String>> views) {
            new StaticMembership(List.of("http://127.0.0.1:1/shop")).start(views);
          }

          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    try (Geecache node =
        GeecacheBuilder.create().self("http://127.0.0.1:1/shop").membership(watched).start()) {
      assertThat(HTTPPool.of(node).nodes()).containsExactly("http://127.0.0.1:1/shop");
    }
    assertThat(closed).hasPositiveValue();
  }

  @Test
  void jmxShowsANodeThatAsksForIt() throws Exception {
    ObjectName name = new ObjectName("geecache:type=Node,context=/in-code");
    try (Geecache node = GeecacheBuilder.create().jmx("/in-code").start()) {
      assertThat(node.groups()).isEmpty();
      assertThat(ManagementFactory.getPlatformMBeanServer().isRegistered(name)).isTrue();
    }
    assertThat(ManagementFactory.getPlatformMBeanServer().isRegistered(name)).isFalse();
  }

  @Test
  void optionsThatBreakARuleAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GeecacheBuilder.create().secret("short"))
        .withMessageContaining("at least 16 characters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GeecacheBuilder.create().basePath("x").start())
        .withMessageContaining("base path");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GeecacheBuilder.create().peers("ftp://a").start());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GeecacheBuilder.create().peerOptions(o -> o.connections(0)).start());
    try (Geecache bare = new Geecache()) {
      String message = "the node has no HTTPPool: make it by geecache.node.GeecacheBuilder";
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new HTTPPoolServlet(bare))
          .withMessage(message);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new HealthServlet(bare))
          .withMessage(message);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new MetricsServlet(bare))
          .withMessage(message);
    }
  }

  @Test
  void aNodeKeepsItsHistoryIfItsDashboardIsOn() throws Exception {
    for (boolean on : new boolean[] {true, false}) {
      try (CodeNode server = new CodeNode();
          Geecache node =
              GeecacheBuilder.create()
                  .secret(SECRET)
                  .groups(given -> given.newGroup("users", 0, source))
                  .dashboard(on)
                  .start()) {
        server.serve(node);
        String status = ask(server, "/_cluster/status?history=1", true).body();
        assertThat(status.contains("\"hotKeys\"")).isEqualTo(on);
      }
    }
  }
}
