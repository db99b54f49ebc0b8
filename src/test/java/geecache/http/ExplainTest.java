package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.Explained.answerOf;
import static geecache.http.Explained.held;
import static geecache.http.Explained.key;
import static geecache.http.Explained.of;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.Geecache;
import geecache.Getter;
import geecache.Group;
import geecache.GroupBuilder;
import geecache.GroupBuilder.Store;
import geecache.GroupStats;
import geecache.KeyNotFoundException;
import geecache.NotReachedException;
import geecache.Value;
import geecache.testing.Fault;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /_cluster/explain}: what all nodes have of a key, and what they do about it. */
@Timeout(120)
class ExplainTest {
  private final FakeTicker ticker = new FakeTicker();
  private final GatedGetter gate = new GatedGetter();

  private static TestCluster.Builder nodes(
      int nodes, Getter getter, UnaryOperator<GroupBuilder> rules) {
    return TestCluster.builder()
        .nodes(nodes)
        .secret(Explained.SECRET)
        .groups(node -> rules.apply(node.group("db")).register(getter));
  }

  private static TestCluster met(TestCluster.Builder builder) {
    TestCluster cluster = builder.start();
    cluster.awaitContact();
    return cluster;
  }

  private static byte[] value(String key) {
    return ("value of " + key).getBytes(UTF_8);
  }

  private static String owned(TestNode owner) {
    return keysOf(owner, "key", 1).get(0);
  }

  private static List<JsonObject> loads(TestNode node, String key) throws Exception {
    return answerOf(node, key(node, key)).getJsonArray("loads").getValuesAs(JsonObject.class);
  }

  @Test
  void aValueIsOwnedAtItsOwnerAndNowhereElse() throws Exception {
    try (TestCluster cluster = met(nodes(2, ExplainTest::value, group -> group))) {
      TestNode owner = cluster.node(1);
      String key = owned(owner);
      Response got =
          cluster.node(0).request("GET", "/_geecache/db/" + key, Explained.WITH_SECRET, null);

      JsonObject all = key(cluster.node(0), key);

      assertThat(all.getInt("format")).isEqualTo(1);
      assertThat(all.getString("group")).isEqualTo("db");
      assertThat(all.getString("key")).isEqualTo(key);
      assertThat(all.getBoolean("viewsDiffer")).isFalse();
      assertThat(all.getJsonArray("nodes")).hasSize(2);
      JsonObject there = answerOf(owner, all);
      assertThat(there.getString("owner")).isEqualTo(owner.url());
      assertThat(there.getBoolean("owns")).isTrue();
      JsonObject held = there.getJsonObject("held");
      assertThat(held.getString("as")).isEqualTo("owned");
      assertThat(held.getString("state")).isEqualTo("fresh");
      assertThat(held.getString("etag")).isEqualTo(got.header("ETag"));
      assertThat(held.getInt("valueBytes")).isEqualTo(got.body().length);
      assertThat(held.getInt("heapBytes")).isGreaterThan(got.body().length);
      assertThat(held).doesNotContainKeys("ageMillis", "lifeLeftMillis", "set", "worth");
      JsonObject here = answerOf(cluster.node(0), all);
      assertThat(here.getString("owner")).isEqualTo(owner.url());
      assertThat(here.getBoolean("owns")).isFalse();
      assertThat(here).doesNotContainKey("held");
      assertThat(here.getString("view")).isEqualTo(there.getString("view"));
    }
  }

  @Test
  void aHotCopyIsACopy() throws Exception {
    try (TestCluster cluster = met(nodes(2, ExplainTest::value, group -> group))) {
      String key = owned(cluster.node(1));
      Group asking = cluster.node(0).group("db");
      for (int i = 0; i < 20; i++) {
        asking.get(key);
      }
      assertThat(asking.stats().hotEntries()).isEqualTo(1);

      JsonObject copy = held(cluster.node(0), key);

      assertThat(copy.getString("as")).isEqualTo("copy");
      assertThat(copy.getString("state")).isEqualTo("fresh");
      assertThat(copy.getInt("servedForMillis")).isBetween(1, 30_000);
      assertThat(copy.getString("etag")).isEqualTo(held(cluster.node(1), key).getString("etag"));
    }
  }

  @Test
  void aValueThatANodeLostIsDemoted() throws Exception {
    try (TestCluster cluster = met(nodes(2, ExplainTest::value, group -> group))) {
      TestNode former = cluster.node(0);
      String key = owned(cluster.node(1));
      former.pool().set(List.of(former.url()));
      former.group("db").get(key);
      assertThat(held(former, key).getString("as")).isEqualTo("owned");

      former.pool().set(cluster.urls());

      await()
          .untilAsserted(() -> assertThat(held(former, key).getString("as")).isEqualTo("demoted"));
      assertThat(held(former, key).getInt("servedForMillis")).isBetween(1, 30_000);
    }
  }

  @Test
  void aLoadThatRunsSaysForHowLongAndHowManyWait() throws Exception {
    try (TestCluster cluster = met(nodes(2, gate, group -> group))) {
      TestNode owner = cluster.node(1);
      String key = owned(owner);
      CompletableFuture<ByteView> first = owner.group("db").getAsync(key);
      CompletableFuture<ByteView> second = owner.group("db").getAsync(key);
      GatedGetter.Call call = gate.next();

      JsonObject load = loads(owner, key).get(0);

      assertThat(load.getString("state")).isEqualTo("running");
      assertThat(load.getInt("getsWaiting")).isEqualTo(2);
      assertThat(load.getInt("callersWaiting")).isEqualTo(2);
      assertThat(load.getInt("forMillis")).isNotNegative();
      assertThat(load.getBoolean("voided")).isFalse();
      assertThat(load).doesNotContainKey("waitingBefore");
      assertThat(answerOf(owner, key(owner, key))).doesNotContainKey("held");
      call.answer("x");
      result(first);
      result(second);
      assertThat(loads(owner, key)).isEmpty();
      assertThat(gate.keys()).hasSize(1);
    }
  }

  @Test
  void aLeaseOfTheOwnersOwnCallerSaysSoAndForHowLong() throws Exception {
    try (TestCluster cluster = met(nodes(2, gate, group -> group))) {
      TestNode owner = cluster.node(1);
      String key = owned(owner);
      CompletableFuture<Value> stage = new CompletableFuture<>();
      CompletableFuture<ByteView> get = owner.group("db").getAsync(key, wanted -> stage);
      CompletableFuture<ByteView> joined = owner.group("db").getAsync(key);

      JsonObject load = loads(owner, key).get(0);

      assertThat(load.getString("state")).isEqualTo("leased");
      assertThat(load.getInt("getsWaiting")).isEqualTo(1);
      JsonObject lease = load.getJsonObject("lease");
      assertThat(lease.getString("holder")).isEqualTo("this node");
      assertThat(lease.getInt("forMillis")).isNotNegative();
      assertThat(lease).containsKey("number").doesNotContainKey("heardOfMillisAgo");
      stage.complete(Value.of(ByteView.of("630")));
      assertThat(result(get)).hasToString("630");
      assertThat(result(joined)).hasToString("630");
      assertThat(loads(owner, key)).isEmpty();
      assertThat(gate.keys()).isEmpty();
    }
  }

  @Test
  void aLeaseOfAnotherNodesCallerNamesThatNodeAtBoth() throws Exception {
    try (TestCluster cluster = met(nodes(2, gate, group -> group))) {
      TestNode holder = cluster.node(0);
      TestNode owner = cluster.node(1);
      String key = owned(owner);
      CompletableFuture<Value> stage = new CompletableFuture<>();
      CountDownLatch begun = new CountDownLatch(1);
      CompletableFuture<ByteView> get =
          holder
              .group("db")
              .getAsync(
                  key,
                  wanted -> {
                    begun.countDown();
                    return stage;
                  });
      begun.await();

      JsonObject all = key(holder, key);

      JsonObject load = answerOf(owner, all).getJsonArray("loads").getJsonObject(0);
      assertThat(load.getString("state")).isEqualTo("leased");
      JsonObject lease = load.getJsonObject("lease");
      assertThat(lease.getString("holder")).isEqualTo(hex(holder));
      assertThat(lease.getInt("forMillis")).isNotNegative();
      assertThat(lease.getInt("heardOfMillisAgo")).isNotNegative();
      JsonObject question = answerOf(holder, all).getJsonArray("questions").getJsonObject(0);
      assertThat(question.getString("state")).isEqualTo("leased");
      assertThat(question.getString("peer")).isEqualTo(owner.url());
      stage.complete(Value.of(ByteView.of("630")));
      assertThat(result(get)).hasToString("630");
      assertThat(loads(owner, key)).isEmpty();
      assertThat(gate.keys()).isEmpty();
    }
  }

  @Test
  void aGetThatAsksAPeerSaysWhichAndForHowLong() throws Exception {
    try (TestCluster cluster = met(nodes(2, gate, group -> group))) {
      String key = owned(cluster.node(1));
      CompletableFuture<ByteView> get = cluster.node(0).group("db").getAsync(key);
      GatedGetter.Call call = gate.next();

      JsonObject all = key(cluster.node(0), key);

      JsonObject question =
          answerOf(cluster.node(0), all).getJsonArray("questions").getJsonObject(0);
      assertThat(question.getString("peer")).isEqualTo(cluster.node(1).url());
      assertThat(question.getInt("getsWaiting")).isEqualTo(1);
      assertThat(question.getInt("forMillis")).isNotNegative();
      assertThat(answerOf(cluster.node(1), all).getJsonArray("loads")).hasSize(1);
      call.answer("x");
      result(get);
      assertThat(answerOf(cluster.node(0), key(cluster.node(0), key)).getJsonArray("questions"))
          .isEmpty();
    }
  }

  @Test
  void aLoadThatWaitsForAPlaceIsQueuedBehindOthers() throws Exception {
    try (TestCluster cluster = met(nodes(1, gate, group -> group.maxLoads(1)))) {
      TestNode node = cluster.node(0);
      Group group = node.group("db");
      CompletableFuture<ByteView> running = group.getAsync("running");
      GatedGetter.Call call = gate.next();
      CompletableFuture<ByteView> before = group.getAsync("before");
      CompletableFuture<ByteView> queued = group.getAsync("queued");

      JsonObject load = loads(node, "queued").get(0);

      assertThat(load.getString("state")).isEqualTo("queued");
      assertThat(load.getInt("waitingBefore")).isEqualTo(1);
      assertThat(load.getInt("getsWaiting")).isEqualTo(1);
      assertThat(loads(node, "before").get(0).getInt("waitingBefore")).isZero();
      call.answer("x");
      gate.next().answer("x");
      gate.next().answer("x");
      for (CompletableFuture<ByteView> get : List.of(running, before, queued)) {
        result(get);
      }
    }
  }

  @Test
  void aLoadThatARemovalHasVoidedIsSaidToBe() throws Exception {
    try (TestCluster cluster = met(nodes(1, gate, group -> group))) {
      TestNode node = cluster.node(0);
      CompletableFuture<ByteView> old = node.group("db").getAsync("Tom");
      GatedGetter.Call oldCall = gate.next();
      node.group("db").remove("Tom");
      CompletableFuture<ByteView> young = node.group("db").getAsync("Tom");
      GatedGetter.Call youngCall = gate.next();

      List<JsonObject> both = loads(node, "Tom");

      assertThat(both).extracting(load -> load.getBoolean("voided")).containsExactly(false, true);
      oldCall.answer("old");
      youngCall.answer("new");
      assertThat(result(old)).hasToString("old");
      assertThat(result(young)).hasToString("new");
    }
  }

  @Test
  void aRemovalThatANodeMissedNamesThatNode() throws Exception {
    try (TestCluster cluster = met(nodes(3, ExplainTest::value, group -> group).fronts())) {
      String key = owned(cluster.node(1));
      cluster.node(0).group("db").get(key);
      cluster.node(2).front().become(Fault.REFUSE);
      assertThatThrownBy(() -> cluster.node(0).group("db").remove(key))
          .isInstanceOf(NotReachedException.class);

      JsonObject all = key(cluster.node(0), key);

      JsonObject removal = answerOf(cluster.node(0), all).getJsonArray("removals").getJsonObject(0);
      assertThat(removal.getString("of")).isEqualTo("key");
      assertThat(removal.getString("at")).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
      assertThat(removal.getJsonArray("notAcknowledgedBy").getValuesAs(JsonString::getString))
          .containsExactly(cluster.node(2).url());
      JsonObject told = answerOf(cluster.node(1), all).getJsonArray("removals").getJsonObject(0);
      assertThat(told.getString("id")).isEqualTo(removal.getString("id"));
      assertThat(told).as("another node's").doesNotContainKey("notAcknowledgedBy");
      assertThat(of(cluster.node(2), all)).containsKey("failure").doesNotContainKey("answer");
    }
  }

  @Test
  void aRemovalThatAllNodesKnowNamesNone() throws Exception {
    try (TestCluster cluster = met(nodes(2, ExplainTest::value, group -> group))) {
      cluster.node(0).group("db").remove("Tom");
      cluster.node(0).group("db").clear();

      List<JsonObject> removals =
          answerOf(cluster.node(0), key(cluster.node(0), "Tom"))
              .getJsonArray("removals")
              .getValuesAs(JsonObject.class);

      assertThat(removals)
          .extracting(removal -> removal.getString("of"))
          .containsExactly("group", "key");
      assertThat(removals)
          .allSatisfy(removal -> assertThat(removal.getJsonArray("notAcknowledgedBy")).isEmpty());
    }
  }

  @Test
  void viewsThatDifferNameDifferentOwners() throws Exception {
    try (TestCluster cluster = met(nodes(3, ExplainTest::value, group -> group).view(0, 0, 1))) {
      String key = owned(cluster.node(2));

      JsonObject all = key(cluster.node(0), key);

      assertThat(all.getBoolean("viewsDiffer")).isTrue();
      assertThat(all.getJsonArray("nodes")).as("of the view of the first").hasSize(2);
      JsonObject first = answerOf(cluster.node(0), all);
      JsonObject second = answerOf(cluster.node(1), all);
      assertThat(first.getString("owner")).isIn(cluster.node(0).url(), cluster.node(1).url());
      assertThat(second.getString("owner")).isEqualTo(cluster.node(2).url());
      assertThat(first.getString("view")).isNotEqualTo(second.getString("view"));
    }
  }

  @Test
  void aKeyThatNobodyHasIsHeldNowhere() throws Exception {
    try (TestCluster cluster = met(nodes(2, gate, group -> group))) {
      JsonObject all = key(cluster.node(0), "nothing");
      for (TestNode node : cluster.nodes()) {
        JsonObject answer = answerOf(node, all);
        assertThat(answer).doesNotContainKey("held");
        assertThat(answer.getJsonArray("loads")).isEmpty();
        assertThat(answer.getJsonArray("questions")).isEmpty();
        assertThat(answer.getJsonArray("removals")).isEmpty();
      }
      assertThat(gate.keys()).isEmpty();
    }
  }

  @Test
  void anAbsenceThatIsKeptSaysWhy() throws Exception {
    Getter none =
        key -> {
          throw new KeyNotFoundException(key + " <b>is not</b> there");
        };
    try (TestCluster cluster =
        met(nodes(1, none, group -> group.absentTimeToLive(Duration.ofMinutes(1))))) {
      TestNode node = cluster.node(0);
      assertThatThrownBy(() -> node.group("db").get("Tom"))
          .isInstanceOf(KeyNotFoundException.class);

      JsonObject held = held(node, "Tom");

      assertThat(held.getString("as")).isEqualTo("owned");
      assertThat(held.getString("absent")).isEqualTo("Tom <b>is not</b> there");
      assertThat(held).doesNotContainKeys("etag", "valueBytes");
      assertThat(held.getInt("lifeLeftMillis")).isBetween(1, 60_000);
    }
  }

  @Test
  void aValueWithAnEndSaysItsAgeAndTheRestOfItsLife() throws Exception {
    try (TestCluster cluster =
        met(
            nodes(
                    1,
                    ExplainTest::value,
                    group ->
                        group
                            .timeToLive(Duration.ofSeconds(60))
                            .staleIfError(Duration.ofSeconds(40)))
                .ticker(ticker))) {
      TestNode node = cluster.node(0);
      node.group("db").get("Tom");
      ticker.advance(Duration.ofSeconds(10));
      JsonObject held = held(node, "Tom");
      assertThat(held.getString("state")).isEqualTo("fresh");
      assertThat(held.getInt("ageMillis")).isEqualTo(10_000);
      assertThat(held.getInt("lifeLeftMillis")).isEqualTo(50_000);
      assertThat(held.getInt("servedForMillis")).isEqualTo(50_000);
      assertThat(held.getInt("staleForMillis")).isEqualTo(90_000);
      ticker.advance(Duration.ofSeconds(60));
      assertThat(held(node, "Tom").getString("state")).isEqualTo("stale");
      assertThat(held(node, "Tom").getInt("lifeLeftMillis")).isEqualTo(-10_000);
      ticker.advance(Duration.ofSeconds(40));
      assertThat(held(node, "Tom").getString("state")).isEqualTo("ended");
    }
  }

  @Test
  void aValueThatWasSetSaysByWhichChange() throws Exception {
    try (TestCluster cluster = met(nodes(2, gate, group -> group))) {
      TestNode owner = cluster.node(1);
      String key = owned(owner);
      cluster.node(0).group("db").set(key, ByteView.of("630"), null);

      JsonObject all = key(cluster.node(0), key);

      JsonObject answer = answerOf(owner, all);
      JsonObject set = answer.getJsonObject("held").getJsonObject("set");
      assertThat(set.getString("stamp")).startsWith(hex(cluster.node(0)) + ".");
      assertThat(set.getString("at")).endsWith("Z");
      JsonObject removal = answer.getJsonArray("removals").getJsonObject(0);
      assertThat(removal.getString("of")).isEqualTo("set");
      assertThat(removal.getString("at")).isEqualTo(set.getString("at"));
    }
  }

  private static String hex(TestNode node) {
    return String.format("%016x", node.pool().id());
  }

  @Test
  void inAStoreByValueTheWorthIsTold() throws Exception {
    try (TestCluster cluster =
        met(nodes(1, ExplainTest::value, group -> group.store(Store.VALUE)))) {
      TestNode node = cluster.node(0);
      node.group("db").get("Tom");
      node.group("db").get("Tom");

      JsonObject held = held(node, "Tom");

      assertThat(held.getJsonNumber("worth").doubleValue()).isPositive();
      assertThat(held.getInt("frequency")).isEqualTo(2);
      assertThat(held.getInt("loadCostMicros")).isPositive();
      assertThat(held(node, "Tom").getInt("frequency")).as("no use").isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource({"CAFFEINE", "LRU", "VALUE"})
  void nothingIsLoadedCountedOrMoved(Store store) throws Exception {
    try (TestCluster cluster = met(nodes(2, ExplainTest::value, group -> group.store(store)))) {
      String key = owned(cluster.node(1));
      for (int i = 0; i < 20; i++) {
        cluster.node(0).group("db").get(key);
      }
      for (TestNode node : cluster.nodes()) { // A load counts until its last caller is answered.
        await().until(() -> node.group("db").stats().loadsRunning() == 0);
      }
      List<GroupStats> before = stats(cluster);
      List<PeerCalls> callsBefore = calls(cluster);

      key(cluster.node(0), key);
      key(cluster.node(0), "another");
      Explained.ask(cluster.node(0), "/_cluster/status?all=true");

      assertThat(stats(cluster)).isEqualTo(before);
      assertThat(calls(cluster)).isEqualTo(callsBefore);
    }
  }

  private record PeerCalls(long requests, long failures) {}

  private static List<GroupStats> stats(TestCluster cluster) {
    return cluster.nodes().stream().map(node -> node.group("db").stats()).toList();
  }

  private static List<PeerCalls> calls(TestCluster cluster) {
    return cluster.nodes().stream()
        .flatMap(node -> node.pool().clusterNode().peers().stream())
        .map(peer -> new PeerCalls(peer.traffic().requests(), peer.traffic().failures()))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "'<script>alert(1)</script>'",
    "'\"}],\"x\":[{\"'",
    "'back\\slash'",
    "'a&b=c+d %20'",
    "'ключ €'",
  })
  void anyKeyComesBackAsText(String key) throws Exception {
    try (TestCluster cluster = met(nodes(2, ExplainTest::value, group -> group))) {
      cluster.node(0).group("db").get(key);
      assertThat(key(cluster.node(0), key).getString("key")).isEqualTo(key);
    }
  }

  @Test
  void controlCharactersAreEscaped() throws Exception {
    try (TestCluster cluster = met(nodes(1, ExplainTest::value, group -> group))) {
      String key = "a\r\n\u0000\u202e\u2028b";
      Response answer =
          cluster
              .node(0)
              .request(
                  "GET",
                  "/_cluster/explain?group=db&key=a%0d%0a%00%e2%80%ae%e2%80%a8b",
                  Explained.WITH_SECRET,
                  null);
      assertThat(answer.text().chars()).noneMatch(c -> c < ' ' || c == 0x202e || c == 0x2028);
      assertThat(Explained.read(answer.text()).getString("key")).isEqualTo(key);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 400, bad-request, explain needs ?group= and &key=",
    "?group=db, 400, bad-request, explain needs ?group= and &key=",
    "?key=Tom, 400, bad-request, explain needs ?group= and &key=",
    "?group=db&key=, 400, bad-request, key is required",
    "'?group=db&key=%ff', 400, bad-request, 'the query is malformed, or names something twice'",
    "?group=db&key=a&key=b, 400, bad-request, 'the query is malformed, or names something twice'",
    "?group=none&key=Tom, 404, no-such-group, no such group: none",
  })
  void aQuestionForNoKeyIsRefused(String query, int code, String status, String message)
      throws Exception {
    try (TestCluster cluster = met(nodes(1, ExplainTest::value, group -> group))) {
      Response answer =
          cluster.node(0).request("GET", "/_cluster/explain" + query, Explained.WITH_SECRET, null);
      assertThat(answer.status()).isEqualTo(code);
      assertThat(answer.header("Geecache-Status")).isEqualTo(status);
      assertThat(answer.text()).isEqualTo(message + "\n");
    }
  }

  /** Of a group that another node lacks, that one says so. */
  @Test
  void aNodeWithoutTheGroupSaysSo() throws Exception {
    try (TestCluster cluster =
        met(
            TestCluster.builder()
                .nodes(2)
                .secret(Explained.SECRET)
                .groups((i, node) -> register(i, node)))) {
      JsonObject all = key(cluster.node(0), "Tom");
      assertThat(of(cluster.node(1), all).getString("failure")).isEqualTo("404: no such group: db");
    }
  }

  private static void register(int index, Geecache node) {
    if (index == 0) {
      node.group("db").register(ExplainTest::value);
    }
  }
}
