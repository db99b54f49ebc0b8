package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.Getter;
import geecache.Group;
import geecache.HandTimer;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.LocalNode;
import geecache.Stamp;
import geecache.SteeredNode;
import geecache.Value;
import geecache.cluster.Acknowledgement;
import geecache.cluster.KeyRead;
import geecache.cluster.Meeting;
import geecache.cluster.Sender;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of questions that are answered as "pending", because too many answers are open. */
@Timeout(60)
class PutOffTest {
  private final GatedGetter source = new GatedGetter();

  /** What is held for a node is held until the test ends, which is not within a second. */
  private ServedNode served =
      new ServedNode(ServedNode.secret().maxOpenAnswers(1).build(), SteeredNode.of(new HandTimer()))
          .asNode();

  @AfterEach
  void close() {
    served.close();
  }

  private static BatchRead asked(boolean mayWait, String... keys) {
    return new BatchRead(
        mayWait,
        Stream.of(keys).map(key -> new KeyRead(key, List.of(), false)).toList(),
        VersionVector.EMPTY);
  }

  private static List<String> texts(Reply reply) throws Exception {
    var in = new FrameReader(new ByteArrayInputStream(reply.body().toByteArray()));
    List<String> texts = new ArrayList<>();
    while (!in.isAtEnd()) {
      Frame frame = in.read(1 << 20);
      texts.add(frame.index() + " " + frame.kind() + " " + frame.bytes());
    }
    return texts;
  }

  private String status(String key) throws Exception {
    return served.get(key).headers().get(Reply.STATUS_HEADER);
  }

  private static long waiting(Group group) {
    return group.stats().gets() - group.stats().mainHits();
  }

  /** Has the load of {@code key} asked for, told to ask again, and failed. */
  private void putOffAndFail(Group group, String key) throws Exception {
    assertThat(texts(served.batch(asked(false, key)))).containsExactly("0 PENDING ");
    source.next().fail(new KeyNotFoundException("no such key: " + key));
    await().until(() -> group.stats().absent() > 0 && group.stats().loadsRunning() == 0);
  }

  @Test
  void whatIsNotKeptIsThereForTheNodeThatWasToldToAskAgain() throws Exception {
    Group group = served.group().register(source);
    putOffAndFail(group, "a");
    await()
        .untilAsserted(
            () ->
                assertThat(texts(served.batch(asked(false, "a"))))
                    .containsExactly("0 NO_SUCH_KEY no such key: a"));
    assertThat(source.keys()).containsExactly("a");
  }

  @Test
  void aFailureIsThereForTheNodeThatWasToldToAskAgain() throws Exception {
    Group group = served.group().register(source);
    assertThat(texts(served.batch(asked(false, "a")))).containsExactly("0 PENDING ");
    source.next().fail(new LoadException("down"));
    await().until(() -> group.stats().loadFailures() > 0);
    await()
        .untilAsserted(
            () ->
                assertThat(texts(served.batch(asked(false, "a"))))
                    .containsExactly("0 LOAD_FAILED down"));
    assertThat(source.keys()).containsExactly("a");
  }

  @Test
  void aValueThatHasNoLifeIsThereForTheNodeThatWasToldToAskAgain() throws Exception {
    served
        .group()
        .register(
            new Getter() {
              @Override
              public byte[] get(String key) throws Exception {
                return source.get(key);
              }

              @Override
              public Value load(String key) throws Exception {
                return new Value(ByteView.of(get(key)), Duration.ZERO);
              }
            });
    assertThat(texts(served.batch(asked(false, "a")))).containsExactly("0 PENDING ");
    source.next().answer("1");
    await()
        .untilAsserted(
            () -> assertThat(texts(served.batch(asked(false, "a")))).containsExactly("0 VALUE 1"));
    assertThat(source.keys()).containsExactly("a");
  }

  @Test
  void aNodeThatIsToldToAskAgainIsInTheSameLoad() throws Exception {
    Group group = served.group().register(source);
    for (int i = 0; i < 20; i++) {
      assertThat(texts(served.batch(asked(false, "a")))).containsExactly("0 PENDING ");
    }
    assertThat(waiting(group)).isEqualTo(1);
    source.next().answer("1");
    await()
        .untilAsserted(
            () -> assertThat(texts(served.batch(asked(false, "a")))).containsExactly("0 VALUE 1"));
    assertThat(source.keys()).containsExactly("a");
  }

  @Test
  void noOtherNodeGetsWhatIsHeldForOne() throws Exception {
    Group group = served.group().register(source);
    putOffAndFail(group, "a");
    served.with(PeerHeaders.SENDER, PeerHeaders.of(new Sender(0xdef, 7)));
    assertThat(texts(served.batch(asked(false, "a")))).containsExactly("0 PENDING ");
    source.next().answer("1");
  }

  @Test
  void aRemovalVoidsWhatIsHeldForANode() throws Exception {
    Group group = served.group().register(source);
    putOffAndFail(group, "a");
    LocalNode.partOf(group).remove("a", new Stamp(1, 0));
    assertThat(texts(served.batch(asked(false, "a")))).containsExactly("0 PENDING ");
    source.next().answer("1");
    assertThat(source.keys()).containsExactly("a", "a");
  }

  @Test
  void aValueThatIsHeldGrowsOlder() throws Exception {
    served.close();
    FakeTicker ticker = new FakeTicker();
    served = new ServedNode(ServedNode.SECRET, SteeredNode.of(ticker, new HandTimer())).asNode();
    Group group = served.group().maxBytes(1000).timeToLive(Duration.ofSeconds(10)).register(source);
    assertThat(ask("a").kind()).isEqualTo(Kind.PENDING);
    var later = group.getAsync("a");
    source.next().answer("x".repeat(2000));
    later.get(); // The get of the node came first, and so has landed.
    ticker.advance(Duration.ofMillis(600));
    Frame held = ask("a");
    assertThat(held.kind()).isEqualTo(Kind.VALUE);
    assertThat(held.ageMillis()).isEqualTo(600);
    assertThat(held.lifeMillis()).isEqualTo(9400);
    assertThat(source.keys()).containsExactly("a");
  }

  @Test
  void noMoreBytesAreHeldThanMayBe() throws Exception {
    Group group = served.group().maxHeldBytes(0).register(source);
    putOffAndFail(group, "a");
    await().until(() -> group.stats().notHeld() == 1);
    assertThat(texts(served.batch(asked(false, "a")))).containsExactly("0 PENDING ");
    source.next().answer("1");
  }

  /** One key at a time, by {@code GET}. */
  @Test
  void aGetThatIsToldToAskAgainIsInTheSameLoad() throws Exception {
    served.group().register(source);
    served.with(PeerHeaders.WAIT, "1");
    assertThat(status("a")).isEqualTo("pending");
    source.next().fail(new KeyNotFoundException("no such key: a"));
    await().untilAsserted(() -> assertThat(status("a")).isEqualTo("no-such-key"));
    assertThat(source.keys()).containsExactly("a");
  }

  @Test
  void aStrangerWhoIsToldToAskAgainWaitsForNothing() throws Exception {
    served.close();
    served = new ServedNode(PeerOptions.defaults());
    Group group = served.group().maxLoads(1).loadTimeout(Duration.ofMinutes(5)).register(source);
    String[] keys = IntStream.range(0, 500).mapToObj(i -> "k" + i).toArray(String[]::new);
    for (int i = 0; i < 10; i++) {
      assertThat(texts(served.batch(asked(false, keys)))).hasSize(500);
    }
    source.next().answer("x");
    assertThat(served.node.missingGroups()).isEmpty();
    var get = group.getAsync("other");
    source.next().answer("y");
    assertThat(get.get()).hasToString("y");
    assertThat(source.keys()).hasSize(2);
  }

  /** There is no secret. A node asks again after 250 ms, and keeps its place in the queue. */
  @Test
  void aNodeThatProvesNothingKeepsItsPlaceUntilItAsksAgain() throws Exception {
    served.close();
    served = new ServedNode(PeerOptions.defaults()).with(PeerHeaders.SENDER, ServedNode.MARK);
    Group group = served.group().maxLoads(1).register(source);
    var running = group.getAsync("running");
    GatedGetter.Call load = source.next();
    assertThat(ask("first")).isEqualTo(Frame.pending(0, true));
    var second = group.getAsync("second");
    assertThat(ask("first").kind()).isEqualTo(Kind.PENDING);
    load.answer("1");
    running.get();
    GatedGetter.Call next = source.next();
    next.fail(new KeyNotFoundException("no such key: first"));
    source.next().answer("2");
    second.get();
    assertThat(source.keys()).containsExactly("running", "first", "second");
    assertThat(texts(served.batch(asked(false, "first"))))
        .containsExactly("0 NO_SUCH_KEY no such key: first");
  }

  private Frame ask(String key) throws Exception {
    var in =
        new FrameReader(
            new ByteArrayInputStream(served.batch(asked(false, key)).body().toByteArray()));
    return in.read(1 << 20);
  }

  @Test
  void equalKeysOfARequestAreOne() throws Exception {
    Group group = served.group().register(source);
    String[] keys = Collections.nCopies(1024, "a").toArray(String[]::new);
    assertThat(texts(served.batch(asked(false, keys)))).hasSize(1024);
    assertThat(waiting(group)).isEqualTo(1);
    source.next().answer("1");
  }

  @Test
  void aSlowGroupTakesNoPlacesFromOthers() throws Exception {
    served.close();
    served = new ServedNode(ServedNode.secret().maxOpenAnswers(4).build()).asNode();
    served.node.group("healthy").register(key -> key.getBytes(UTF_8));
    served.group().register(source);
    List<Reply> slow = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      slow.add(served.batch(asked(true, "k" + i)));
    }
    assertThat(slow.stream().filter(reply -> reply.rest() != null)).hasSize(3);
    Reply healthy =
        result(
            served.send(
                "POST",
                "/_geecache/healthy",
                Map.of("Content-Type", BatchCodec.CONTENT_TYPE),
                BatchCodec.request(asked(true, "a"))));
    assertThat(healthy.rest() != null || texts(healthy).equals(List.of("0 VALUE a"))).isTrue();
    for (int i = 0; i < 8; i++) {
      source.next().answer("x");
    }
  }

  /** There is no secret, so anybody can send the mark of a node. */
  @Test
  void aMarkThatProvesNothingMakesNothingForgotten() throws Exception {
    served.close();
    served = new ServedNode(PeerOptions.defaults()).with(PeerHeaders.SENDER, ServedNode.MARK);
    Group group = served.group().register(key -> key.getBytes(UTF_8));
    group.get("a");
    served.with("Cache-Control", "only-if-cached");
    assertThat(served.get("a").body()).hasToString("a");
    assertThat(served.get("a").body()).hasToString("a");
    assertThat(status("b")).isEqualTo("not-cached");
  }

  @Test
  void aMeetingTellsStrangersNothing() throws Exception {
    served.close();
    served = new ServedNode(PeerOptions.defaults());
    served.pool.set(List.of(ServedNode.SELF, "http://inside:8080"));
    Reply met = served.meet(new Meeting("", Standing.UNTOLD, Long.MAX_VALUE, false, List.of()));
    assertThat(met.code()).isEqualTo(200);
    assertThat(ClusterCodec.readAcknowledgement(met.body().toByteArray()))
        .isEqualTo(
            new Acknowledgement(List.of(), Standing.UNTOLD, 0, VersionVector.EMPTY, List.of()));
  }

  /** As while the limit is being raised, node after node. */
  @Test
  void aValueOverTheAskersLimitIsTheFailureOfItsKeyAlone() throws Exception {
    for (String requests : List.of("batch", "get")) {
      try (TestCluster cluster =
          TestCluster.builder()
              .nodes(2)
              .secret("a-secret-for-these-tests")
              .setting("geecache.peer-requests", requests)
              .groups(
                  (i, n) ->
                      n.group("g")
                          .maxValueBytes(i == 0 ? 1000 : 1 << 20)
                          .hotCopies(false)
                          .register(
                              k -> (k.startsWith("big") ? "x".repeat(200_000) : k).getBytes(UTF_8)))
              .start()) {
        cluster.awaitContact();
        TestNode owner = cluster.node(1);
        Group asking = cluster.node(0).group("g");
        String big = ownedBy(owner, "big");
        String small = ownedBy(owner, "k");
        for (int i = 0; i < 10; i++) {
          assertThatThrownBy(() -> asking.get(big))
              .isInstanceOf(LoadException.class)
              .hasMessage(
                  "value is too large: 200000 bytes on the node that owns the key, at most 1000"
                      + " here");
          assertThat(cluster.node(0).pool().inContact()).hasSize(1);
        }
        assertThat(asking.getAll(List.of(small))).containsKey(small);
        assertThat(asking.stats().loads()).isZero();
        assertThat(cluster.node(0).pool().stats().failures()).isZero();
      }
    }
  }

  private static String ownedBy(TestNode owner, String prefix) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> prefix + i)
        .filter(owner.pool()::owns)
        .findFirst()
        .orElseThrow();
  }
}
