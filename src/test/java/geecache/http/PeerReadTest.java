package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.Stamp;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.ring.HashRing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@code GET} by another node. */
class PeerReadTest {
  private final FakeTicker ticker = new FakeTicker();
  private final ServedNode served = new ServedNode(ServedNode.SECRET, ticker).asNode();
  private final GatedGetter source = new GatedGetter();

  @AfterEach
  void close() {
    served.close();
  }

  private CompletableFuture<Reply> start(String key) {
    return served.send("GET", "/_geecache/g/" + key);
  }

  private Reply load(String key, String value) throws Exception {
    CompletableFuture<Reply> reply = start(key);
    source.next().answer(value);
    return result(reply);
  }

  /** Has the next reads name a removal whose time is its number. */
  private void nameRemoval(long number, boolean everything) {
    List<Removal.Named> named =
        List.of(new Removal.Named(new Removal.Id(0xabc, number), number, everything));
    served.with(PeerHeaders.REMOVED, PeerHeaders.of(named));
    served.with(PeerHeaders.REMOVED_TIMES, PeerHeaders.timesOf(named));
  }

  private void nameNothing() {
    served.with(PeerHeaders.REMOVED, null).with(PeerHeaders.REMOVED_TIMES, null);
  }

  @Test
  void theAnswerShowsToWhichRequestItBelongs() throws Exception {
    served.group().register(source);
    Sender first = PeerHeaders.parseSender(load("Tom", "630").headers().get(PeerHeaders.SENDER));
    assertThat(first.number()).isEqualTo(7);
    served.with(PeerHeaders.SENDER, PeerHeaders.of(new Sender(0xabc, 8)));
    Sender second = PeerHeaders.parseSender(served.get("Tom").headers().get(PeerHeaders.SENDER));
    assertThat(second).isEqualTo(new Sender(first.node(), 8));
    assertThat(first.node()).isNotEqualTo(0xabc);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /_geecache/nope/x, 404",
    "GET, /_geecache/g, 400",
    "POST, /_geecache/g, 415",
    "DELETE, /_geecache/g/x, 204",
    "GET, /_cluster/meet, 405",
    "POST, /_cluster/nope, 404",
    "POST, /_cluster/meet, 200",
    "BREW, /_geecache/g/x, 405",
  })
  void everyAnswerToANodeIsMarked(String method, String target, int code) throws Exception {
    served.group().register(source);
    Reply reply = served.ask(method, target);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.headers().get(PeerHeaders.SENDER)).endsWith(".7");
    assertThat(reply.headers().get("Cache-Control")).endsWith("no-transform");
  }

  @Test
  void aRefusalToANodeIsMarkedToo() throws Exception {
    Reply reply = served.with("Authorization", null).get("Tom");
    assertThat(reply.code()).isEqualTo(401);
    assertThat(reply.headers().get(PeerHeaders.SENDER)).endsWith(".7");
  }

  @Test
  void nobodyElseIsAnsweredWithAMark() throws Exception {
    served.group().register(source);
    served.with(PeerHeaders.SENDER, null);
    assertThat(load("Tom", "630").headers()).doesNotContainKey(PeerHeaders.SENDER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7", "0000000000000abc.", "0000000000000abc.7,0000000000000abc.8"})
  void aMalformedMarkIsRefused(String mark) throws Exception {
    served.group().register(source);
    Reply reply = served.with(PeerHeaders.SENDER, mark).get("Tom");
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("Geecache-Peer is malformed\n");
    assertThat(source.keys()).isEmpty();
  }

  @Test
  void aKeyThatIsLoadingForLongIsPending() throws Exception {
    served.group().register(source);
    served.with(PeerHeaders.WAIT, "1");
    Reply pending = result(start("Tom"));
    assertThat(pending.code()).isEqualTo(202);
    assertThat(pending.headers()).containsEntry("Geecache-Status", "pending");
    source.next().answer("630");
    assertThat(
            result(served.with(PeerHeaders.WAIT, "60000").send("GET", "/_geecache/g/Tom")).body())
        .hasToString("630");
    assertThat(source.keys()).containsExactly("Tom");
  }

  @Test
  void aKeyThatIsLoadedInTimeIsNotPending() throws Exception {
    served.group().register(source);
    served.with(PeerHeaders.WAIT, "60000");
    assertThat(load("Tom", "630").body()).hasToString("630");
  }

  @Test
  void aFailureInTimeIsNotPendingEither() throws Exception {
    served.group().register(source);
    served.with(PeerHeaders.WAIT, "60000");
    CompletableFuture<Reply> reply = start("Tom");
    source.next().fail(new KeyNotFoundException("no Tom"));
    assertThat(result(reply).code()).isEqualTo(404);
    assertThat(result(reply).headers()).containsEntry("Geecache-Status", "no-such-key");
  }

  @Test
  void aNodeThatDoesNotAskForItIsNeverToldPending() throws Exception {
    served.group().register(source);
    CompletableFuture<Reply> first = start("Tom");
    GatedGetter.Call load = source.next();
    assertThat(result(served.with(PeerHeaders.WAIT, "0").send("GET", "/_geecache/g/Tom")).code())
        .isEqualTo(202);
    assertThat(first).isNotDone();
    load.answer("630");
    assertThat(result(first).body()).hasToString("630");
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "", "1.5", "99999999999999999999"})
  void aMalformedWaitIsRefused(String wait) throws Exception {
    served.group().register(source);
    Reply reply = served.with(PeerHeaders.WAIT, wait).get("Tom");
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("Geecache-Wait is malformed\n");
    source.next().answer("630");
  }

  @Test
  void aNodeIsToldThatItsKeyWaitsForAPlace() throws Exception {
    served.group().maxLoads(1).register(source);
    served.with(PeerHeaders.WAIT, "0");
    assertThat(result(start("running")).headers()).doesNotContainKey(PeerHeaders.QUEUED);
    assertThat(result(start("waiting")).headers()).containsEntry(PeerHeaders.QUEUED, "true");
    source.next().answer("1");
    source.next().answer("2");
  }

  /** A caller who waits for longer may have come to that node since. */
  @Test
  void aNodeWhoseTimeIsOverIsToldToAskAgain() throws Exception {
    served.group().register(source);
    served.with(PeerHeaders.LEFT, "1");
    Reply late = result(start("Tom"));
    assertThat(late.code()).isEqualTo(202);
    assertThat(late.headers()).containsEntry("Geecache-Status", "pending");
    source.next().answer("630");
  }

  @Test
  void aLoadWithoutAPlaceIsRefusedWhileTheNodeHasTimeLeft() throws Exception {
    served.group().maxLoads(1).register(source);
    served.with(PeerHeaders.LEFT, "100");
    CompletableFuture<Reply> running = start("running");
    GatedGetter.Call load = source.next();
    Reply refused = result(start("waiting"));
    assertThat(refused.code()).isEqualTo(503);
    assertThat(refused.headers()).containsEntry("Geecache-Status", "overloaded");
    load.answer("1");
    result(running);
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "", "-1", "1.5", "99999999999999999999"})
  void aMalformedTimeThatIsLeftIsRefused(String left) throws Exception {
    served.group().register(source);
    Reply reply = served.with(PeerHeaders.LEFT, left).get("Tom");
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("Geecache-Left is malformed\n");
    assertThat(source.keys()).isEmpty();
  }

  @Test
  void aNodeIsToldHowOftenNodesAskForAKey() throws Exception {
    served.group().register(source);
    assertThat(load("Tom", "630").headers()).doesNotContainKey(PeerHeaders.RATE);
    served.with(PeerHeaders.CALLERS, "3").with(PeerHeaders.COPY_HITS, "296");
    assertThat(served.get("Tom").headers()).containsEntry(PeerHeaders.RATE, "300");
    served.with(PeerHeaders.SENDER, null);
    assertThat(served.get("Tom").headers()).doesNotContainKey(PeerHeaders.RATE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"many", "", "-1", "1.5", "99999999999999999999"})
  void malformedNumbersOfCallersAndHitsAreRefused(String number) throws Exception {
    served.group().register(source);
    for (String header : List.of(PeerHeaders.CALLERS, PeerHeaders.COPY_HITS)) {
      Reply reply = served.with(header, number).get("Tom");
      assertThat(reply.code()).isEqualTo(400);
      assertThat(reply.body()).hasToString(header + " is malformed\n");
      served.with(header, null);
    }
    assertThat(source.keys()).isEmpty();
  }

  @Test
  void timesAreToldToTheMillisecond() throws Exception {
    served.group().timeToLive(Duration.ofMillis(2500)).register(source);
    assertThat(load("Tom", "630").headers()).containsEntry("Geecache-Life", "0 2500");
    ticker.advance(Duration.ofMillis(700));
    assertThat(served.get("Tom").headers())
        .containsEntry("Geecache-Life", "700 1800")
        .containsEntry("Cache-Control", "private, max-age=2, no-transform");
  }

  @Test
  void aValueWithoutAnEndHasNoLife() throws Exception {
    served.group().register(source);
    assertThat(load("Tom", "630").headers()).doesNotContainKey("Geecache-Life");
  }

  @Test
  void aStaleValueHasLessThanNothingLeft() throws Exception {
    served
        .group()
        .timeToLive(Duration.ofSeconds(1))
        .staleIfError(Duration.ofSeconds(60))
        .register(source);
    load("Tom", "630");
    ticker.advance(Duration.ofSeconds(1));
    CompletableFuture<Reply> reply = start("Tom");
    source.next().fail(new IOException("down"));
    assertThat(result(reply).headers()).containsEntry("Geecache-Life", "1000 -1");
  }

  @Test
  void aRemovalThatAReadNamesIsCarriedOutFirst() throws Exception {
    served.group().register(source);
    load("Tom", "old");
    nameRemoval(1, false);
    assertThat(load("Tom", "new").body()).hasToString("new");
  }

  @Test
  void aRemovalThatReadsNameIsCarriedOutOnce() throws Exception {
    served.group().register(source);
    load("Tom", "old");
    nameRemoval(1, false);
    load("Tom", "new");
    assertThat(served.isHit("Tom")).isTrue();
    nameRemoval(2, false);
    assertThat(load("Tom", "newer").body()).hasToString("newer");
  }

  @Test
  void aRemovalThatAReadNamesIsOfTheKeyThatIsRead() throws Exception {
    served.group().register(source);
    load("Tom", "630");
    load("Jack", "589");
    nameRemoval(1, false);
    load("Tom", "631");
    nameNothing();
    assertThat(served.isHit("Jack")).isTrue();
  }

  /** Then the clearing itself comes, and finds loads that are newer than it. */
  @Test
  void aClearingThatAReadNamesClearsTheGroupOnce() throws Exception {
    Group group = served.group().register(source);
    load("Tom", "630");
    load("Jack", "589");
    nameRemoval(1, true);
    load("Tom", "631");
    assertThat(group.stats().entries()).isEqualTo(1);
    nameNothing();
    Reply reply = served.change(List.of(), new Removal(0xabc, 1, 1, "g", null));
    assertThat(reply.code()).isEqualTo(200);
    assertThat(served.isHit("Tom")).isTrue();
  }

  @Test
  void aRemovalThatAReadNamesLeavesAValueThatWasSetLater() throws Exception {
    served.group().register(source);
    served.change(List.of(ServedNode.set("Tom", "630", new Stamp(9, 0xdef))));
    nameRemoval(8, false);
    assertThat(served.get("Tom").body()).hasToString("630");
    nameRemoval(10, false);
    assertThat(load("Tom", "631").body()).hasToString("631");
  }

  @Test
  void aMalformedRemovalIsRefused() throws Exception {
    served.group().register(source);
    for (String header : List.of(PeerHeaders.REMOVED, PeerHeaders.REMOVED_TIMES)) {
      nameRemoval(1, false);
      Reply reply = served.with(header, "nonsense").get("Tom");
      assertThat(reply.code()).isEqualTo(400);
      assertThat(reply.body()).hasToString("Geecache-Removed is malformed\n");
    }
    assertThat(source.keys()).isEmpty();
  }

  @Test
  void anotherViewIsCountedAndAnsweredAllTheSame() throws Exception {
    served.group().register(source);
    served.with(PeerHeaders.VIEW, "ffffffffffffffff");
    assertThat(load("Tom", "630").code()).isEqualTo(200);
    served.get("Tom");
    assertThat(served.pool.stats().viewDifferences()).isEqualTo(2);
    served.with(PeerHeaders.VIEW, "nonsense").get("Tom");
    assertThat(served.pool.stats().viewDifferences()).isEqualTo(3);
  }

  @Test
  void theSameViewIsNoDifference() throws Exception {
    served.group().register(source);
    served.pool.set(List.of(ServedNode.SELF));
    long same = HashRing.of(List.of(ServedNode.SELF)).fingerprint();
    served.with(PeerHeaders.VIEW, Long.toHexString(same));
    load("Tom", "630");
    served.with(PeerHeaders.VIEW, null).get("Tom");
    assertThat(served.pool.stats().viewDifferences()).isZero();
  }

  @Test
  void aViewIsReadFromNodesAlone() throws Exception {
    served.group().register(source);
    served.with(PeerHeaders.SENDER, null).with(PeerHeaders.VIEW, "1");
    load("Tom", "630");
    assertThat(served.pool.stats().viewDifferences()).isZero();
  }
}
