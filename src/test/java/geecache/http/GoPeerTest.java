package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Callers;
import geecache.Geecache;
import geecache.Group;
import geecache.LoadException;
import geecache.LogCapture;
import geecache.NotReachedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Go node, asked by a node that knows nobody else and owns nothing. */
@Timeout(60)
class GoPeerTest {
  private static final int MOST_BYTES = 1_000;

  private final List<String> loaded = new CopyOnWriteArrayList<>();
  private final FakeGoNode go = new FakeGoNode();
  private Geecache node;
  private HTTPPool pool;
  private Group group;

  GoPeerTest() throws IOException {}

  @BeforeEach
  void start() {
    start(Duration.ofSeconds(2));
  }

  /** Starts the node that asks, for which a silence has this length. */
  private void start(Duration silence) {
    PeerOptions options =
        ServedNode.secret()
            .groupcache(true)
            .groupcachePeers(List.of(go.url()))
            .timeout(silence)
            .removalLogSize(100)
            .build();
    node = new Geecache();
    pool = new HTTPPool(node, "http://127.0.0.1:1", HTTPPool.DEFAULT_BASE_PATH, null, options);
    group =
        node.group("g")
            .maxValueBytes(MOST_BYTES)
            .register(
                key -> {
                  loaded.add(key);
                  return "here".getBytes(UTF_8);
                });
    node.registerPeers(pool);
    pool.set(List.of());
    awaitContact();
  }

  private void awaitContact() {
    Awaitility.await().until(() -> pool.inContact().contains(go.url()));
  }

  @AfterEach
  void close() {
    node.close();
    go.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Tom",
        "a b",
        "a+b",
        "a/b",
        "100%",
        "a%2Fb",
        "中文",
        "\uD83D\uDE00",
        "a;b=c",
        "?",
        "\\"
      })
  void asksForKeysAsTheMuxOfGoReadsThem(String key) throws Exception {
    assertThat(group.get(key)).hasToString(key);
    assertThat(loaded).isEmpty();
    assertThat(go.asked()).singleElement().asString().doesNotContain("+");
  }

  @Test
  void showsTheSecret() throws Exception {
    group.get("Tom");
    assertThat(go.authorizations()).containsOnly("Bearer " + ServedNode.FIRST);
  }

  @Test
  void aMessageWithoutAValueIsAnEmptyOne() throws Exception {
    assertThat(group.get("empty")).hasToString("");
    assertThat(loaded).isEmpty();
  }

  @Test
  void itsFailureToLoadIsAnAnswerAndItsMessageStaysInTheLog() {
    try (LogCapture log = new LogCapture(HttpGoLink.class, Level.WARNING)) {
      assertThatThrownBy(() -> group.get("fails"))
          .isInstanceOf(LoadException.class)
          .hasMessageMatching("load failed: [0-9a-f]{8}");
      assertThat(log.messages()).anyMatch(line -> line.contains("password of admin@db"));
    }
    assertThat(loaded).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nogroup",
        "unmapped",
        "proxy",
        "gateway",
        "page",
        "login",
        "..",
        "broken",
        "huge"
      })
  void aKeyWithoutAnAnswerIsLoadedHere(String key) throws Exception {
    assertThat(group.get(key)).hasToString("here");
    assertThat(loaded).containsExactly(key);
    assertThat(pool.inContact()).containsExactly(go.url());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nogroup", "..", "fails"})
  void aFailureOfOneKeyBreaksNoContact(String what) {
    for (int i = 0; i < 10; i++) {
      group.getAsync(what + "-" + i).toCompletableFuture().exceptionally(failure -> null).join();
    }
    assertThat(pool.inContact()).containsExactly(go.url());
    assertThat(go.asked()).hasSize(10);
  }

  @Test
  void afterThreeFailuresItIsNotAskedUntilAProbeWasAnswered() throws Exception {
    go.probeCode = 404;
    for (int i = 0; i < 5; i++) {
      assertThat(group.get("gateway-" + i)).hasToString("here");
    }
    assertThat(go.asked()).hasSize(3);
    assertThat(pool.inContact()).isEmpty();

    go.probeCode = 400;
    awaitContact();
    assertThat(group.get("Tom")).hasToString("Tom");
  }

  @Test
  void isWaitedForLongerThanASilenceWhileItAnswersProbes() throws Exception {
    node.close();
    start(Duration.ofMillis(1_200));
    try (Callers callers = new Callers()) {
      CompletableFuture<Object> slow = callers.call(() -> group.get("slow"));
      go.awaitSlow();
      int before = go.authorizations().size();
      Awaitility.await().until(() -> go.authorizations().size() >= before + 2);
      assertThat(slow).isNotDone();
      go.goOn();
      assertThat(result(slow)).hasToString("slow");
    }
    assertThat(loaded).isEmpty();
  }

  @Test
  void aKeyThatWaitsForAHungNodeIsLoadedHere() throws Exception {
    node.close();
    start(Duration.ofMillis(1_200));
    try (Callers callers = new Callers()) {
      CompletableFuture<Object> slow = callers.call(() -> group.get("slow"));
      go.awaitSlow();
      go.hung = true;
      assertThat(result(slow)).hasToString("here");
    }
    assertThat(pool.inContact()).isEmpty();
    assertThat(loaded).containsExactly("slow");
  }

  @Test
  void aChangeIsMadeHereAndNamesTheGoNode() throws Exception {
    assertThatThrownBy(() -> group.remove("Tom"))
        .isInstanceOf(NotReachedException.class)
        .hasMessageContaining(go.url());
    assertThat(pool.inContact()).containsExactly(go.url());
    assertThat(group.get("Tom")).hasToString("Tom");
  }
}
