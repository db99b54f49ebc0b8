package geecache.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.Geecache;
import geecache.HandTimer;
import geecache.LogCapture;
import geecache.SteeredNode;
import geecache.http.HTTPPool;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
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

  /** The other one is not there yet, so it asks itself. */
  @Test
  void theFirstNodeToStartSaysNothingIfItIsServed() throws Exception {
    try (LogCapture requests = new LogCapture("geecache.http.RequestHandler", Level.FINE);
        CodeNode server = new CodeNode()) {
      Geecache node = builder().self(server.url()).peers(server.url(), ABSENT).start();
      server.serve(node);
      timer.fire(PATIENCE);
      await().until(() -> !requests.messages().isEmpty());
      await().until(() -> HTTPPool.of(node).peerThreads() == 0);
      assertThat(timer.waiting(PATIENCE)).isZero();
      assertThat(requests.messages())
          .contains("FINE [Server " + server.url() + "] GET /shop/_cluster/meet");
      node.close();
    }
  }
}
