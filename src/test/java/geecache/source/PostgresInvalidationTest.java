package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.Geecache;
import geecache.LiveThreads;
import geecache.LogCapture;
import geecache.source.ScriptedPostgres.Route;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that listen to a database which a test scripts. */
class PostgresInvalidationTest {
  private static final Duration HEARTBEAT = Duration.ofMillis(100);

  private final ScriptedPostgres database = new ScriptedPostgres();
  private final Map<String, String> table = new ConcurrentHashMap<>();
  private final List<PostgresInvalidation> listeners = new ArrayList<>();
  private final LogCapture log = new LogCapture(PostgresInvalidation.class, Level.INFO);
  private TestCluster cluster;

  @AfterEach
  void close() {
    listeners.forEach(PostgresInvalidation::close);
    log.close();
    if (cluster != null) {
      cluster.close();
    }
    assertThat(LiveThreads.named("geecache-invalidation")).isEmpty();
  }

  private void start(int nodes) throws Exception {
    cluster =
        TestCluster.builder()
            .nodes(nodes)
            .secret("a-secret-for-these-tests")
            .setting("geecache.public-reads", "true")
            .setting("geecache.peer-timeout", "20s")
            .fronts()
            .groups(
                node ->
                    node.group("g")
                        .hotCopies(false)
                        .register(key -> table.getOrDefault(key, "old").getBytes(UTF_8)))
            .start();
    cluster.awaitContact();
  }

  private PostgresInvalidationBuilder over(Route route) {
    return PostgresInvalidation.builder(Database.of(route.dataSource()))
        .groups(List.of("g"))
        .heartbeat(HEARTBEAT)
        .reconnectDelay(Duration.ofMillis(250));
  }

  private PostgresInvalidation listen(int node, Route route) {
    PostgresInvalidation made = over(route).start(cluster.node(node).geecache());
    listeners.add(made);
    return made;
  }

  private String keyOf(int node) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "k" + i)
        .filter(cluster.node(node).pool()::owns)
        .findFirst()
        .orElseThrow();
  }

  private void change(String key) {
    table.put(key, "new");
    database.announce("geecache", "{\"group\":\"g\",\"keys\":[\"" + key + "\"]}");
  }

  private static String value(TestNode node, String key) throws Exception {
    return node.group("g").get(key).toString();
  }

  private void awaitValue(int node, String key, String value) {
    await().untilAsserted(() -> assertThat(value(cluster.node(node), key)).isEqualTo(value));
  }

  @Test
  void theSpeakerRemovesFromItsOwnMemoryBeforeItWaitsForASilentNode() throws Exception {
    start(3);
    PostgresInvalidation speaker = listen(0, database.new Route());
    await().until(speaker::isSpeaker);
    await().until(() -> speaker.clears() == 2);
    String ofSilent = keyOf(2);
    String ofSpeaker = keyOf(0);
    value(cluster.node(0), ofSpeaker);
    cluster.node(2).front().become(Fault.SILENT);

    change(ofSilent);
    await().until(() -> database.executed.stream().filter(s -> s.contains("notify")).count() > 2);
    change(ofSpeaker);
    awaitValue(0, ofSpeaker, "new");
    assertThat(speaker.notReached()).isZero(); // It still waits for the silent node.
    cluster.node(2).front().become(Fault.PASS);
  }

  @Test
  void behindAPoolerThatHandsOutSessionsByTransactionANodeSaysThatItDoesNotListen()
      throws Exception {
    start(1);
    database.pooled = true;
    PostgresInvalidation deaf = listen(0, database.new Route());

    await().until(() -> deaf.problem().filter(p -> p.contains("by transaction")).isPresent());
    assertThat(deaf.isListening()).isFalse();
    assertThat(database.executed).noneMatch(sql -> sql.contains("lock") || sql.startsWith("set"));
    assertThat(database.locks()).isZero();
    assertThat(log.messages())
        .anyMatch(
            line ->
                line.startsWith("WARNING not listening for changes in the database of a DataSource")
                    && line.contains("a pooler in front of the database hands out its sessions")
                    && line.contains("values of group g may be old"));
  }

  @Test
  void aReplicaIsNamedAsSuch() throws Exception {
    start(1);
    database.replica = true;
    PostgresInvalidation deaf = listen(0, database.new Route());
    await().until(() -> deaf.problem().filter(p -> p.contains("read-only replica")).isPresent());
  }

  /**
   * A notification that is sent to a dead session holds keep-alive probes back; only this ends it.
   */
  @Test
  void theServerEndsASessionThatAcknowledgesNothingIfItCan() throws Exception {
    start(1);
    database.old = true;
    PostgresInvalidation node = listen(0, database.new Route());
    await().until(node::isSpeaker);
    assertThat(node.isListening()).isTrue();
    assertThat(node.problem()).isEmpty();
    assertThat(database.executed).contains("set tcp_user_timeout = '25s'");
  }

  /** It does not know what the former speaker had heard before it listened itself. */
  @Test
  void aNodeThatSpeaksSoonAfterItConnectedClearsOnAllNodes() throws Exception {
    start(3);
    String key = keyOf(2);
    value(cluster.node(2), key);
    Route first = database.new Route();
    PostgresInvalidation speaker = listen(0, first);
    await().until(speaker::isSpeaker);
    await().until(() -> speaker.clears() == 2);
    value(cluster.node(2), key);
    first.fallSilent();
    change(key); // Nobody hears of it: the server believes that the speaker is there.

    PostgresInvalidation late = listen(1, database.new Route());
    await().until(late::isListening);
    database.noticeSilence(first);
    await().until(late::isSpeaker);
    awaitValue(2, key, "new");
  }

  @Test
  void aNodeThatHasHeardUpToWhereAllIsToldRepeatsTheRestAndClearsNothing() throws Exception {
    start(3);
    PostgresInvalidation speaker = listen(0, database.new Route());
    await().until(speaker::isSpeaker);
    Route ofSecond = database.new Route();
    PostgresInvalidation second = listen(1, ofSecond);
    await().until(second::isListening);
    long clears = second.clears();
    awaitSigns(ofSecond, 4);

    speaker.close();
    await().until(second::isSpeaker);
    assertThat(second.clears()).isEqualTo(clears);
    String key = keyOf(2);
    value(cluster.node(2), key);
    change(key);
    awaitValue(2, key, "new");
  }

  /** It reconnects sooner than others ask for the lock, and does not know what it missed. */
  @Test
  void aSpeakerWhoseConnectionBreaksClearsNothingOnOtherNodes() throws Exception {
    start(3);
    Duration heartbeat = Duration.ofSeconds(1);
    Route bad = database.new Route();
    PostgresInvalidation speaker = over(bad).heartbeat(heartbeat).start(geecache(0));
    listeners.add(speaker);
    await().until(speaker::isSpeaker);
    Route ofSecond = database.new Route();
    PostgresInvalidation second = over(ofSecond).heartbeat(heartbeat).start(geecache(1));
    listeners.add(second);
    await().until(second::isListening);
    awaitSigns(ofSecond, 2);
    String key = keyOf(2);
    value(cluster.node(2), key);
    table.put(key, "new"); // Nobody says so: it would be seen after a clearing.

    bad.fallSilent();
    database.noticeSilence(bad);
    bad.up = true;
    await().until(() -> speaker.connects() == 2);
    long before = signs();
    await().until(() -> signs() > before + 1); // A speaker clears before it says so.
    assertThat(value(cluster.node(2), key)).isEqualTo("old");
  }

  private Geecache geecache(int node) {
    return cluster.node(node).geecache();
  }

  /** Waits until the node has heard so many signs of the speaker from now on, and one more. */
  private static void awaitSigns(Route route, int count) {
    int taken = route.taken.get();
    await().until(() -> route.taken.get() > taken + count);
  }

  private long signs() {
    return database.executed.stream().filter(sql -> sql.contains("pg_notify")).count();
  }

  /** Something between the node and the database keeps the connection of a dead speaker open. */
  @Test
  void aSilentSessionThatHoldsTheLockIsEndedByAnotherNode() throws Exception {
    start(2);
    Route first = database.new Route();
    PostgresInvalidation speaker = listen(0, first);
    await().until(speaker::isSpeaker);
    PostgresInvalidation second = listen(1, database.new Route());
    await().until(second::isListening);
    first.fallSilent();

    await().atMost(Duration.ofSeconds(30)).until(second::isSpeaker);
    assertThat(log.messages())
        .anyMatch(line -> line.startsWith("WARNING no node has told the others of changes"));
  }

  @Test
  void allThatListenAgainAfterAllSessionsWereEndedSeeWhatChangedMeanwhile() throws Exception {
    start(3);
    for (int i = 0; i < 3; i++) {
      PostgresInvalidation made = listen(i, database.new Route());
      await().until(made::isListening);
    }
    for (int i = 0; i < 3; i++) {
      value(cluster.node(i), keyOf(i));
    }
    for (int i = 0; i < 3; i++) {
      table.put(keyOf(i), "new");
    }
    database.endAll();
    for (int i = 0; i < 3; i++) {
      awaitValue(i, keyOf(i), "new");
    }
    await().until(() -> listeners.stream().filter(PostgresInvalidation::isSpeaker).count() == 1);
  }

  @Test
  void whileANodeIsDeafItDropsTheValuesOfAGroupThatHasABoundForThat() throws Exception {
    start(1);
    Route route = database.new Route();
    PostgresInvalidation made =
        over(route).ttlWhileDeaf("g", Duration.ofMillis(100)).start(cluster.node(0).geecache());
    listeners.add(made);
    await().until(made::isListening);
    String key = keyOf(0);
    value(cluster.node(0), key);
    route.fallSilent();
    table.put(key, "new");
    awaitValue(0, key, "new");
    long clears = made.clears();
    await().until(() -> made.clears() > clears);
    route.up = true;
    await().until(made::isListening);
  }
}
