package geecache.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.Geecache;
import geecache.HandTimer;
import geecache.LogCapture;
import geecache.SteeredNode;
import geecache.http.HTTPPool;
import geecache.http.Request;
import geecache.settings.SettingPlace;
import geecache.settings.SettingPlaces;
import geecache.settings.Settings;
import geecache.web.ConfiguredNode;
import geecache.web.HTTPPoolServlet;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that has peers, and that no server serves, says so once. */
@Timeout(60)
class UnservedNodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String NOWHERE = "http://127.0.0.1:1/shop";
  private static final String ABSENT = "http://127.0.0.1:2/shop";

  private final HandTimer timer = new HandTimer();
  private final LogCapture log = new LogCapture("geecache.http.ServedCheck", Level.WARNING);

  @AfterEach
  void close() {
    log.close();
  }

  private GeecacheBuilder builder() {
    return GeecacheBuilder.create()
        .of(SteeredNode.of(timer))
        .peerOptions(options -> options.handoff(Duration.ZERO).timeout(Duration.ofSeconds(10)));
  }

  /** It asks itself, and once more. */
  private void awaitWarning(String trouble) {
    timer.fire(PATIENCE);
    await().until(() -> timer.waiting(PATIENCE) > 0);
    assertThat(log.messages()).isEmpty();
    timer.fire(PATIENCE);
    await().until(() -> !log.messages().isEmpty());
    assertThat(log.messages())
        .singleElement()
        .asString()
        .startsWith(
            "WARNING nothing serves this node. No request has reached it, not even its own ("
                + trouble)
        .contains("Register geecache.web.HTTPPoolServlet for /_cluster/*")
        .contains("geecache.self")
        .contains("leave it out of their geecache.peers");
  }

  @Test
  void aNodeThatNothingAnswersAtItsUrl() {
    try (Geecache node = builder().self(NOWHERE).peers(NOWHERE, ABSENT).start()) {
      awaitWarning("at " + NOWHERE + ": ");
      assertThat(node.groups()).isEmpty();
    }
  }

  @Test
  void aNodeAtWhoseUrlAnotherOneAnswers() throws Exception {
    try (CodeNode server = new CodeNode();
        Geecache other = GeecacheBuilder.create().self(server.url()).start();
        Geecache node = builder().self(server.url()).peers(server.url(), ABSENT).start()) {
      server.serve(other);
      awaitWarning(
          "at %s: another node answers, of the id %x)"
              .formatted(server.url(), HTTPPool.of(other).id()));
      assertThat(node.groups()).isEmpty();
    }
  }

  @Test
  void aNodeThatFindsItselfNowhere() {
    try (Geecache node = builder().peers(NOWHERE, ABSENT).start()) {
      awaitWarning("none of the nodes [" + NOWHERE + ", " + ABSENT + "] is this one)");
      assertThat(node.groups()).isEmpty();
    }
  }

  @Test
  void aNodeWhosePeersComeLater() {
    try (Geecache node = builder().self(NOWHERE).start()) {
      timer.fire(PATIENCE);
      HTTPPool.of(node).set(List.of(NOWHERE, ABSENT));
      awaitWarning("at " + NOWHERE + ": ");
    }
  }

  @Test
  void aNodeThatAServletHasTakenSaysNothing() {
    try (Geecache node = builder().self(NOWHERE).peers(NOWHERE, ABSENT).start()) {
      assertThat(new HTTPPoolServlet(node)).isNotNull();
      assertThatNothingIsSaid();
    }
  }

  /** Its server may start long after the node, as in Spring Boot. */
  @Test
  void aNodeOfAWebApplicationSaysNothing() {
    Map<String, String> texts =
        Map.of("geecache.self", NOWHERE, "geecache.peers", NOWHERE + "," + ABSENT);
    SettingPlaces places =
        new SettingPlaces(List.of(SettingPlace.of("this test", texts)), List.of());
    Settings settings = Settings.read(ConfiguredNode.settingTable(), "", places, List.of());
    ConfiguredNode.Application application =
        new ConfiguredNode.Application("/shop", HTTPPool.DEFAULT_BASE_PATH, null, true);
    try (ConfiguredNode node = ConfiguredNode.start(SteeredNode.of(timer), settings, application)) {
      node.serveIn(new ServletContextHandler().getServletContext());
      assertThatNothingIsSaid();
    }
  }

  /** Any server may bring requests. */
  @Test
  void aNodeThatIsAskedSaysNothing() {
    Request request =
        new Request(
            "GET",
            "/shop/_cluster/meet",
            "meet",
            "/meet",
            null,
            Request.Mapping.NODES,
            name -> null,
            false,
            InputStream::nullInputStream);
    try (Geecache node = builder().self(NOWHERE).peers(NOWHERE, ABSENT).start()) {
      assertThat(HTTPPool.of(node).handle(request)).isDone();
      assertThatNothingIsSaid();
    }
  }

  /** It does not even ask itself. */
  private void assertThatNothingIsSaid() {
    timer.fire(PATIENCE);
    assertThat(timer.waiting(PATIENCE)).isZero();
    assertThat(log.messages()).isEmpty();
  }
}
