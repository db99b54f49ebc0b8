package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Callers;
import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.LoadTimeoutException;
import geecache.LogCapture;
import geecache.OverloadedException;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an owner answers means the same when it is asked through another node. */
@Timeout(120)
class AnswersAcrossNodesTest {
  private static final int OWNER = 1;

  private final CountedSource source = new CountedSource();
  private final GatedGetter gate = new GatedGetter();
  private final FakeTicker ticker = new FakeTicker();
  private TestCluster cluster;

  private void start(String how) {
    cluster =
        TestCluster.builder()
            .nodes(3)
            .peerRequests(how)
            .ticker(ticker)
            .groups((i, node) -> node.group("g").register(key -> load(i, key)))
            .groups(
                (i, node) ->
                    node.group("short")
                        .loadTimeout(Duration.ofMillis(50))
                        .register(key -> gated(i, key)))
            .groups(
                (i, node) ->
                    node.group("narrow")
                        .maxLoads(1)
                        .maxWaitingLoads(0)
                        .register(key -> gated(i, key)))
            .groups(
                (i, node) ->
                    node.group("aging").timeToLive(Duration.ofSeconds(100)).register(source.at(i)))
            .start();
    cluster.awaitContact();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private byte[] load(int node, String key) throws Exception {
    byte[] value = source.load(node, key);
    if (key.startsWith("absent")) {
      throw new KeyNotFoundException(key + " not exist");
    }
    if (key.startsWith("failed")) {
      throw new LoadException(key + " cannot be had");
    }
    if (key.startsWith("broken")) {
      throw new IllegalStateException("jdbc:secret");
    }
    return value;
  }

  private byte[] gated(int node, String key) throws Exception {
    source.load(node, key);
    return gate.get(key);
  }

  private TestNode owner() {
    return cluster.node(OWNER);
  }

  private String key(String prefix) {
    return keysOf(owner(), prefix, 1).get(0);
  }

  /** Returns what each node answers, none of which loads but the owner. */
  private List<Response> askAll(String group, String key) throws Exception {
    List<Response> answers = new ArrayList<>();
    for (TestNode node : cluster.nodes()) {
      answers.add(node.get(group, key));
    }
    return answers;
  }

  private static void requireAll(List<Response> answers, int code, String status, String body) {
    assertThat(answers)
        .allSatisfy(
            answer -> {
              assertThat(answer.status()).isEqualTo(code);
              assertThat(answer.header("Geecache-Status")).isEqualTo(status);
              assertThat(answer.text()).matches(body + "\n");
            });
  }

  /** The owner was told how long the first one waits. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aCallerWhoWaitsForLongerOutlastsTheFirst(String how) throws Exception {
    start(how);
    Group asking = cluster.node(0).group("narrow");
    String key = key("k");
    try (Callers callers = new Callers()) {
      CompletableFuture<ByteView> hasty =
          callers.call(() -> asking.get(key, Duration.ofSeconds(3)));
      GatedGetter.Call load = gate.next();
      CompletableFuture<ByteView> patient = asking.getAsync(key);
      assertThatThrownBy(() -> result(hasty)).isInstanceOf(LoadTimeoutException.class);
      await().until(() -> owner().group("narrow").stats().loadsDeduplicated() > 0); // Asked again.
      load.answer("630");
      assertThat(result(patient)).hasToString("630");
    }
    assertThat(owner().group("narrow").stats().loads()).isEqualTo(1);
  }

  /** Each node asks three times a second, which alone is not worth a copy. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aKeyIsCopiedByItsRateInTheWholeCluster(String how) throws Exception {
    start(how);
    String key = key("k");
    List<Group> askers = List.of(cluster.node(0).group("g"), cluster.node(2).group("g"));
    for (int i = 0; i < 600; i++) {
      for (Group asker : askers) {
        assertThat(asker.get(key)).hasToString(valueOf(key));
      }
      ticker.advance(Duration.ofMillis(300));
    }
    for (Group asker : askers) {
      assertThat(asker.stats().hotHits()).isGreaterThan(300);
      assertThat(asker.stats().fetches()).isBetween(100L, 300L);
    }
    assertThat(source.loadsOf(key)).containsExactly(OWNER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void absentIsAnAnswer(String how) throws Exception {
    start(how);
    String key = key("absent");

    requireAll(askAll("g", key), 404, "no-such-key", key + " not exist");

    assertThat(source.loadsOf(key)).containsExactly(OWNER, OWNER, OWNER);
    for (TestNode node : cluster.nodes()) {
      assertThatThrownBy(() -> node.group("g").get(key))
          .isExactlyInstanceOf(KeyNotFoundException.class)
          .hasMessage(key + " not exist");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aFailureOfTheSourceIsAnAnswer(String how) throws Exception {
    start(how);
    String key = key("failed");

    requireAll(askAll("g", key), 500, "load-failed", key + " cannot be had");

    assertThat(source.loadsOf(key)).containsExactly(OWNER, OWNER, OWNER);
    for (TestNode node : cluster.nodes()) {
      assertThatThrownBy(() -> node.group("g").get(key))
          .isExactlyInstanceOf(LoadException.class)
          .hasMessage(key + " cannot be had");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aFailureOfTheSourceThatIsNotForClientsKeepsItsId(String how) throws Exception {
    start(how);
    String key = key("broken");

    try (LogCapture log = new LogCapture("geecache.FailedLoads", Level.WARNING)) {
      List<Response> answers = askAll("g", key);

      requireAll(answers, 500, "load-failed", "load failed: [0-9a-f]{8}");
      assertThat(source.loadsOf(key)).containsExactly(OWNER, OWNER, OWNER);
      assertThat(log.messages()).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(log.messages().get(i)).contains(answers.get(i).text().strip());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aLoadThatRanOutOfTimeIsAnAnswer(String how) throws Exception {
    start(how);
    String key = key("slow");

    requireAll(
        askAll("short", key),
        504,
        "load-timeout",
        "load of short/" + key + " ran out of time after 50 ms");

    await() // The time may be over before the getter notes that it is called.
        .untilAsserted(() -> assertThat(source.loadsOf(key)).containsExactly(OWNER, OWNER, OWNER));
    assertThatThrownBy(() -> cluster.node(0).group("short").get(key))
        .isExactlyInstanceOf(LoadTimeoutException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void anOverloadedOwnerIsAnAnswer(String how) throws Exception {
    start(how);
    List<String> keys = keysOf(owner(), "k", 2);
    CompletableFuture<ByteView> only = owner().group("narrow").getAsync(keys.get(0));
    GatedGetter.Call held = gate.next();

    List<Response> answers = askAll("narrow", keys.get(1));

    requireAll(answers, 503, "overloaded", "overloaded: 1 loads of group narrow .*");
    assertThat(answers).allSatisfy(a -> assertThat(a.header("Retry-After")).isEqualTo("1"));
    assertThat(source.loadsOf(keys.get(1))).isEmpty();
    Group asking = cluster.node(0).group("narrow");
    assertThatThrownBy(() -> asking.get(keys.get(1)))
        .isExactlyInstanceOf(OverloadedException.class);
    assertThat(cluster.node(0).pool().inContact()).contains(owner().url());
    held.answer("v");
    result(only);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void oneKeyHasOneEntityTag(String how) throws Exception {
    start(how);
    String key = key("k");

    List<Response> answers = askAll("g", key);

    assertThat(answers).allSatisfy(a -> assertThat(a.text()).isEqualTo(valueOf(key)));
    assertThat(answers).extracting(a -> a.header("ETag")).doesNotContainNull();
    assertThat(answers)
        .extracting(a -> a.header("ETag"))
        .containsOnly(answers.get(0).header("ETag"));
    assertThat(source.loadsOf(key)).containsExactly(OWNER);
  }

  /** Behind a browser or a proxy, a removal would not win over a life of 30 s. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aValueWithoutAnEndHasNoneOnAnyNodeEvenIfItIsACopy(String how) throws Exception {
    start(how);
    String key = key("k");
    TestNode other = cluster.node(0);

    for (int i = 0; other.group("g").stats().hotHits() == 0; i++) {
      assertThat(i).as("gets without a copy").isLessThan(100);
      assertThat(other.get("g", key).header("Cache-Control")).isEqualTo("no-cache");
    }

    Response copied = other.get("g", key);
    assertThat(copied.header("Cache-Status")).isEqualTo("geecache; hit");
    assertThat(copied.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(copied.header("Age")).isNull();
  }

  /** The next node loads the keys of one that is gone, and serves the values for a while only. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aValueWithoutAnEndHasNoneIfAnotherNodeLoadedItForItsOwner(String how) throws Exception {
    start(how);
    String key = key("k");
    owner().stop();
    cluster.awaitContact();

    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (TestNode node : List.of(cluster.node(0), cluster.node(2))) {
        answers.add(node.get("g", key).header("Cache-Control"));
      }
    }

    assertThat(answers).containsOnly("no-cache");
    assertThat(source.loadsOf(key)).isNotEmpty().doesNotContain(OWNER);
  }

  /** The value was loaded 30 s ago, and has 70 s to live: no more of it is told anywhere. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void noNodeGivesAValueALongerLifeThanItsOwner(String how) throws Exception {
    start(how);
    String key = key("k");
    owner().get("aging", key);
    ticker.advance(Duration.ofSeconds(30));

    assertThat(askAll("aging", key))
        .allSatisfy(
            answer -> {
              assertThat(answer.header("Cache-Control")).isEqualTo("max-age=100");
              assertThat(answer.header("Age")).isEqualTo("30");
            });

    ticker.advance(Duration.ofSeconds(70));
    owner().get("aging", key);
    assertThat(askAll("aging", key))
        .allSatisfy(answer -> assertThat(answer.header("Age")).isEqualTo("0"));
    assertThat(source.loadsOf(key)).containsExactly(OWNER, OWNER);
  }
}
