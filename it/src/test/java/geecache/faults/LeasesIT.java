package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.faults.LoaderProcess.Answer;
import geecache.ring.HashRing;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/**
 * Three nodes in three JVMs, and 100 callers on each, who all get one cold key and bring a loader
 * that takes two seconds: how many loaders are called, whatever happens meanwhile.
 */
@Tag("faults")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class LeasesIT {
  private static final int NODES = 3;
  private static final int CALLERS = 100;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration STOPPED = Duration.ofSeconds(5);
  private static final String FIRST = "first";
  private static final String LATER = "later";
  private static final String STORED = "stored-";

  private final CompletableFuture<String> originPort = new CompletableFuture<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<LoaderProcess> nodes = new ArrayList<>();
  private List<String> urls;
  private String origin;

  /** The caller of this node has the lease; {@code owner} gave it; {@code other} is neither. */
  private LoaderProcess holder;

  private LoaderProcess owner;
  private LoaderProcess other;

  @BeforeEach
  void start(TestInfo test) throws Exception {
    String name = test.getTestMethod().orElseThrow().getName();
    Path directory = Files.createDirectories(Path.of("target", "faults", name));
    Child source =
        new Child(Origin.class, List.of(), directory.resolve("origin.log"), originPort::complete);
    open.add(source::close);
    for (int node = 0; node < NODES; node++) {
      nodes.add(new LoaderProcess(directory.resolve("node-" + node + ".log")));
      open.add(nodes.get(node));
    }
    holder = nodes.get(0);
    owner = nodes.get(1);
    other = nodes.get(2);
    urls = nodes.stream().map(LoaderProcess::url).toList();
    origin = "http://127.0.0.1:" + originPort.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    for (LoaderProcess node : nodes) {
      node.tell(LoaderNode.PEERS, origin, String.join(" ", urls));
    }
    for (LoaderProcess node : nodes) {
      awaitContact(node);
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open) { // Whatever fails: each ends at once, a stopped one too.
      each.close();
    }
  }

  private static void awaitThat(String what, Callable<Boolean> condition) {
    await(what).atMost(LIMIT).until(condition);
  }

  private static void awaitContact(LoaderProcess node) {
    awaitThat("contact of all", () -> node.state().inContact() == NODES - 1);
  }

  /** Returns the keys that the node {@code owner} owns. */
  private List<String> keys(int count) {
    HashRing ring = HashRing.of(urls);
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "key-" + i)
        .filter(key -> ring.owner(key).equals(owner.url()))
        .limit(count)
        .toList();
  }

  private String key() {
    return keys(1).get(0);
  }

  /** Has all callers wait for one of the holder's, whose load does not end. */
  private void haveAllWait(String batch, String key) throws IOException {
    int before = holder.loads();
    holder.ask(batch, key, 1);
    awaitThat("the load of the holder", () -> holder.loads() > before);
    holder.ask(batch, key, CALLERS - 1);
    other.ask(batch, key, CALLERS);
    owner.ask(batch, key, CALLERS);
    awaitWaiting(holder, CALLERS - 1);
    awaitWaiting(other, CALLERS);
    awaitWaiting(owner, CALLERS + 1); // The other node's question.
  }

  private static void awaitWaiting(LoaderProcess node, int gets) {
    await("so many waiting gets")
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(node.state().waiting()).isGreaterThanOrEqualTo(gets));
  }

  /** Lets loaders go that have read this version. */
  private static void letGo(String key, int version, LoaderProcess... some) throws IOException {
    for (LoaderProcess node : some) {
      node.tell(LoaderNode.GO, key + ":" + version);
    }
  }

  private int loads() {
    return nodes.stream().mapToInt(LoaderProcess::loads).sum();
  }

  /** Makes another version of {@code key} at the source. */
  private void change(String key) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(origin + "/value/" + key).toURL().openConnection();
    connection.setRequestMethod("POST");
    assertThat(connection.getResponseCode()).isEqualTo(200);
    assertThat(new String(connection.getInputStream().readAllBytes(), UTF_8)).isNotEmpty();
  }

  /** Returns the answers to all callers of a node. */
  private static List<Answer> answers(String batch, LoaderProcess node) {
    List<Answer> answers = new ArrayList<>();
    awaitThat(
        "the answers to all callers",
        () -> {
          answers.clear();
          node.answers().stream().filter(a -> a.batch().equals(batch)).forEach(answers::add);
          return answers.size() == CALLERS;
        });
    return answers;
  }

  private static Set<String> texts(String batch, LoaderProcess... some) {
    Set<String> texts = new HashSet<>();
    for (LoaderProcess node : some) {
      answers(batch, node).forEach(answer -> texts.add(answer.text()));
    }
    return texts;
  }

  private static String text(String key, int version, LoaderProcess loader) {
    return key + ":" + version + " by " + loader.url();
  }

  /** All of {@code some} give this value to callers that come now, and load nothing. */
  private void assertStored(String text, String key, LoaderProcess... some) throws IOException {
    int before = loads();
    for (LoaderProcess node : some) {
      node.ask(STORED + key, key, CALLERS);
      assertThat(texts(STORED + key, node)).containsExactly(text);
    }
    assertThat(loads()).isEqualTo(before);
  }

  private void report(String what) {
    report(what, "");
  }

  /** Tells of the answers to those callers whose batch begins with {@code batch}. */
  private void report(String what, String batch) {
    long slowest =
        nodes.stream()
            .flatMap(node -> node.answers().stream())
            .filter(answer -> !answer.batch().startsWith(STORED))
            .filter(answer -> answer.batch().startsWith(batch))
            .mapToLong(Answer::millis)
            .max()
            .orElseThrow();
    System.out.printf(
        "leases, %s: %d calls of loaders, the slowest answer after %d ms%n",
        what, loads(), slowest);
  }

  @Test
  void allCallersOfThreeProcessesWaitForOneLoader() throws Exception {
    String first = keys(2).get(0);
    Set<String> texts = askAll(FIRST, first);
    report("all well", FIRST);
    assertThat(loads()).isOne();
    assertStored(texts.iterator().next(), first, holder, owner, other);
    askAll(LATER, keys(2).get(1)); // No class is new any more.
    report("all well, for a second key", LATER);
    assertThat(loads()).isEqualTo(2);
  }

  /** Has all callers of all nodes get a cold key; returns the values, which are one. */
  private Set<String> askAll(String batch, String key) throws IOException {
    letGo(key, 0, holder, owner, other);
    for (LoaderProcess node : nodes) {
      node.ask(batch, key, CALLERS);
    }
    Set<String> texts = texts(batch, holder, owner, other);
    assertThat(texts).hasSize(1).first().asString().startsWith(key + ":0 by ");
    return texts;
  }

  /**
   * The load that is under way is for the holder's node, and the other one loads for itself: at
   * most one, and one a node. What is loaded without the owner is stored nowhere.
   */
  @Test
  void whenTheOwnerIsKilledEachNodeLoadsForItself() throws Exception {
    String key = key();
    haveAllWait(FIRST, key);
    owner.kill();
    letGo(key, 0, holder, other);
    assertThat(texts(FIRST, holder)).containsExactly(text(key, 0, holder));
    assertThat(texts(FIRST, other)).containsExactly(text(key, 0, other));
    report("the owner killed");
    assertThat(other.loads()).isOne();
    assertThat(loads()).isLessThanOrEqualTo(1 + 2);
    assertThat(holder.state().entries()).isZero();
    assertThat(other.state().entries()).isZero();
  }

  /** One more load, of the caller that has waited longest; it is stored. */
  @Test
  void whenTheHolderIsKilledOneOtherCallerLoads() throws Exception {
    String key = key();
    haveAllWait(FIRST, key);
    holder.kill();
    letGo(key, 0, owner, other);
    Set<String> texts = texts(FIRST, owner, other);
    report("the holder killed");
    assertThat(texts).hasSize(1);
    assertThat(loads()).isEqualTo(2);
    assertStored(texts.iterator().next(), key, owner, other);
  }

  /**
   * Two seconds without a word pass the lease on. The first result comes after that, and is refused
   * by the number of its lease: it is for the holder's own node alone.
   */
  @Test
  void whenTheHolderIsStoppedOneOtherCallerLoadsAndTheFirstResultIsRefused() throws Exception {
    String key = key();
    haveAllWait(FIRST, key);
    long stopped = System.nanoTime();
    holder.signal("STOP");
    change(key);
    letGo(key, 1, owner, other);
    awaitThat("another load", () -> loads() == 2);
    Thread.sleep(Math.max(0, STOPPED.toMillis() - (System.nanoTime() - stopped) / 1_000_000));
    holder.signal("CONT");
    letGo(key, 0, holder);
    Set<String> texts = texts(FIRST, owner, other);
    assertThat(texts).hasSize(1);
    String second = texts.iterator().next();
    assertThat(second).startsWith(key + ":1 by ").doesNotEndWith(holder.url());
    assertThat(texts(FIRST, holder))
        .contains(text(key, 0, holder))
        .isSubsetOf(text(key, 0, holder), second);
    report("the holder stopped for " + STOPPED.toSeconds() + " s");
    assertThat(loads()).isEqualTo(2);
    assertThat(holder.state().refused()).isOne();
    for (LoaderProcess node : nodes) {
      awaitContact(node);
    }
    assertStored(second, key, holder, owner, other);
  }

  /**
   * A removal at any node voids the lease: callers that come afterwards begin anew, while those who
   * wait get the first result. Each key is loaded twice. The first result comes last.
   */
  @Test
  void whoAsksAfterARemovalIsGivenNothingOlder() throws Exception {
    List<String> keys = keys(NODES);
    for (int i = 0; i < NODES; i++) {
      String key = keys.get(i);
      int before = loads();
      String first = FIRST + i;
      String later = LATER + i;
      haveAllWait(first, key);
      change(key);
      nodes.get(i).remove(key);
      for (LoaderProcess node : nodes) {
        node.ask(later, key, CALLERS);
      }
      awaitThat("a load after the removal", () -> loads() == before + 2);
      letGo(key, 1, holder, owner, other);
      Set<String> texts = texts(later, holder, owner, other);
      assertThat(texts).hasSize(1).first().asString().startsWith(key + ":1 by ");
      letGo(key, 0, holder);
      assertThat(texts(first, holder, owner, other)).containsExactly(text(key, 0, holder));
      assertThat(loads()).isEqualTo(before + 2);
      assertStored(texts.iterator().next(), key, holder, owner, other);
    }
    report("a removal at each node, each of another key");
  }
}
