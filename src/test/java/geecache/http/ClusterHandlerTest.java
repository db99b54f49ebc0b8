package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.Group;
import geecache.LogCapture;
import geecache.Stamp;
import geecache.cluster.Acknowledgement;
import geecache.cluster.Baseline;
import geecache.cluster.Changes;
import geecache.cluster.ChangesResult;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.SetChange;
import geecache.cluster.SetResult;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nodes tell each other beside reads. */
class ClusterHandlerTest {
  private static final long ORIGIN = 0xabc;

  private final FakeTicker ticker = new FakeTicker();
  private final ServedNode served = new ServedNode(ServedNode.SECRET, ticker).asNode();
  private final List<String> loaded = Collections.synchronizedList(new ArrayList<>());
  private final Group group =
      served
          .group()
          .register(
              key -> {
                loaded.add(key);
                return "loaded".getBytes(UTF_8);
              });
  private final Group other = served.node.group("other").register(key -> key.getBytes(UTF_8));

  @BeforeEach
  void load() throws Exception {
    group.get("Tom");
    group.get("Jack");
    other.get("Tom");
    loaded.clear();
  }

  @AfterEach
  void close() {
    served.close();
  }

  /** Returns a removal whose time is its number. */
  private static Removal removal(long number, @Nullable String key) {
    return new Removal(ORIGIN, number, number, "g", key);
  }

  /** Returns a set by a node that knew the removals of the same origin up to the one before. */
  private static SetChange set(long time, String key, String value, long lifeMillis) {
    VersionVector known = new VersionVector(Map.of(ORIGIN, time - 1));
    return new SetChange(
        "g", key, value.getBytes(UTF_8), lifeMillis, new Stamp(time, ORIGIN), known);
  }

  private Reply remove(Removal... removed) throws Exception {
    return served.change(List.of(), removed);
  }

  private SetResult set(SetChange set) throws Exception {
    return resultOf(served.change(List.of(set))).sets().get(0);
  }

  private SetResult set(long time, String value, long lifeMillis) throws Exception {
    return set(set(time, "Tom", value, lifeMillis));
  }

  private static ChangesResult resultOf(Reply reply) throws Exception {
    assertThat(reply.code()).isEqualTo(200);
    return ChangesCodec.readResult(0, reply.body().toByteArray());
  }

  private Reply meet() throws Exception {
    return served.meet(new Meeting("http://b:2", Standing.UNTOLD, 0, false, List.of()));
  }

  private long entries() {
    return group.stats().entries();
  }

  @Test
  void aChangeRemovesItsKeys() throws Exception {
    Reply reply = remove(removal(1, "Tom"), removal(2, "not there"));
    assertThat(reply.code()).isEqualTo(200);
    assertThat(reply.headers())
        .containsEntry("Content-Type", "application/vnd.geecache.cluster.v1+protobuf")
        .containsEntry("Geecache-Status", "ok");
    assertThat(served.isHit("Jack")).isTrue();
    served.get("Tom");
    assertThat(loaded).containsExactly("Tom");
  }

  /** One leaves and one joins while the change comes in. */
  @Test
  void aChangeIsAcknowledgedWithTheNodesBeforeIt() throws Exception {
    served.pool.set(List.of(ServedNode.SELF, "http://127.0.0.1:1"));
    byte[] body =
        ChangesCodec.changes(
            new Changes(served.pool.id(), 0, List.of(), null, List.of(removal(1, "Tom"))));
    Request request =
        new Request(
            "POST",
            "/_cluster/changes",
            "/changes",
            "/changes",
            null,
            Request.Mapping.NODES,
            name -> name.equals("Authorization") ? "Bearer " + ServedNode.FIRST : null,
            true,
            () -> {
              served.pool.set(List.of(ServedNode.SELF, "http://127.0.0.1:2"));
              return new ByteArrayInputStream(body);
            });
    assertThat(resultOf(result(served.pool.handle(request))).members())
        .containsExactly("http://127.0.0.1:1", "http://127.0.0.1:2", ServedNode.SELF);
  }

  @Test
  void aChangeThatIsKnownIsSkipped() throws Exception {
    remove(removal(1, "Tom"));
    served.get("Tom");
    ChangesResult result = resultOf(remove(removal(1, "Tom")));
    assertThat(served.isHit("Tom")).isTrue();
    assertThat(result.known().upTo()).containsExactly(Map.entry(ORIGIN, 1L));
  }

  /** The one before it is still on its way. */
  @Test
  void aChangeBeforeItsTurnIsCarriedOutAndNotKnownYet() throws Exception {
    ChangesResult early = resultOf(remove(removal(2, "Tom")));
    assertThat(served.isHit("Tom")).isFalse();
    assertThat(early.known().upTo()).containsExactly(Map.entry(ORIGIN, 0L));
    ChangesResult both = resultOf(remove(removal(1, "Jack")));
    assertThat(both.known().upTo()).containsExactly(Map.entry(ORIGIN, 2L));
    assertThat(served.isHit("Tom")).isTrue();
  }

  @Test
  void changesForAnotherNodeAreRefused() throws Exception {
    Changes changes =
        new Changes(served.pool.id() + 1, 0, List.of(), null, List.of(removal(1, "Tom")));
    Reply reply = served.tell("/_cluster/changes", ChangesCodec.changes(changes));
    assertThat(reply.code()).isEqualTo(403);
    assertThat(reply.headers()).containsEntry("Geecache-Status", "forbidden");
    assertThat(reply.body()).hasToString("these changes are for another node\n");
    assertThat(served.isHit("Tom")).isTrue();
  }

  /** Times are milliseconds, and then 16 bits of a counter. */
  @Test
  void aSenderWhoseClockIsFarAheadIsRefused() throws Exception {
    long ahead = (System.currentTimeMillis() + Duration.ofHours(1).toMillis()) << 16;
    Changes changes =
        new Changes(served.pool.id(), ahead, List.of(), null, List.of(removal(1, "Tom")));
    for (Reply reply :
        List.of(
            served.tell("/_cluster/changes", ChangesCodec.changes(changes)),
            served.meet(new Meeting("http://b:2", Standing.UNTOLD, ahead, false, List.of())))) {
      assertThat(reply.code()).isEqualTo(400);
      assertThat(reply.headers()).containsEntry("Geecache-Status", "bad-request");
      assertThat(reply.body())
          .hasToString("the sender's clock is more than a minute ahead of this node's\n");
    }
    assertThat(served.isHit("Tom")).isTrue();
  }

  @Test
  void anAnswerTellsTheTimeOfTheClockThatItHasSeen() throws Exception {
    long later = (System.currentTimeMillis() + Duration.ofSeconds(30).toMillis()) << 16;
    Changes changes = new Changes(served.pool.id(), later, List.of(), null, List.of());
    Reply reply = served.tell("/_cluster/changes", ChangesCodec.changes(changes));
    assertThat(resultOf(reply).clock()).isGreaterThanOrEqualTo(later);
    Reply met = meet();
    assertThat(ClusterCodec.readAcknowledgement(met.body().toByteArray()).clock())
        .isGreaterThanOrEqualTo(later);
  }

  @Test
  void aBaselineClearsAllButValuesThatWereSetLater() throws Exception {
    set(9, "630", -1);
    Baseline baseline = new Baseline(new VersionVector(Map.of(ORIGIN, 5L)), new Stamp(5, ORIGIN));
    Changes changes = new Changes(served.pool.id(), 5, List.of(), baseline, List.of());
    byte[] body = ChangesCodec.changes(changes);
    assertThat(resultOf(served.tell("/_cluster/changes", body)).known().upTo())
        .containsExactly(Map.entry(ORIGIN, 5L));
    assertThat(served.get("Tom").body()).hasToString("630");
    assertThat(entries()).isEqualTo(1);
    assertThat(other.stats().entries()).isZero();
    other.get("Tom");
    served.tell("/_cluster/changes", body);
    assertThat(other.stats().entries()).as("it is known now").isEqualTo(1);
  }

  /** It may be older than a removal that nobody remembers. */
  @Test
  void aValueFromBeforeTheBaselineIsRefused() throws Exception {
    Baseline baseline = new Baseline(new VersionVector(Map.of(ORIGIN, 5L)), new Stamp(5, ORIGIN));
    Changes changes = new Changes(served.pool.id(), 5, List.of(), baseline, List.of());
    served.tell("/_cluster/changes", ChangesCodec.changes(changes));
    assertThat(set(4, "630", -1)).isEqualTo(SetResult.OVERTAKEN);
    assertThat(set(6, "630", -1)).isEqualTo(SetResult.STORED);
  }

  @Test
  void aChangeClearsItsGroupAlone() throws Exception {
    remove(removal(1, null));
    assertThat(entries()).isZero();
    assertThat(other.stats().entries()).isEqualTo(1);
  }

  /** A group that comes later has nothing that could be old. */
  @Test
  void aChangeOfAnUnknownGroupIsAcknowledged() throws Exception {
    Reply reply = remove(new Removal(ORIGIN, 1, 1, "nope", "Tom"));
    assertThat(reply.code()).isEqualTo(200);
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aChangeSetsAValue() throws Exception {
    assertThat(set(1, "630", -1)).isEqualTo(SetResult.STORED);
    assertThat(served.get("Tom").body()).hasToString("630");
    assertThat(loaded).isEmpty();
  }

  @Test
  void aValueThatIsSetHasItsTimeToLive() throws Exception {
    set(1, "630", 1500);
    assertThat(served.get("Tom").headers()).containsEntry("Geecache-Life", "0 1500");
    ticker.advance(Duration.ofMillis(1500));
    assertThat(served.get("Tom").body()).hasToString("loaded");
  }

  @ParameterizedTest
  @CsvSource({"0, false", "9223372036854775807, true"})
  void anyTimeToLiveIsTaken(long millis, boolean kept) throws Exception {
    assertThat(set(1, "630", millis)).isEqualTo(SetResult.STORED);
    assertThat(served.isHit("Tom")).isEqualTo(kept);
  }

  /** A value bears its stamp, so that a later owner knows its place among the removals. */
  @Test
  void aValueThatIsReadBearsTheStampOfItsSet() throws Exception {
    assertThat(served.get("Tom").headers()).doesNotContainKey("Geecache-Stamp");
    set(9, "630", -1);
    assertThat(served.get("Tom").headers()).containsEntry("Geecache-Stamp", "0000000000000abc.9");
    assertThat(served.with(PeerHeaders.SENDER, null).get("Tom").headers())
        .doesNotContainKey("Geecache-Stamp");
  }

  @Test
  void aValueThatWasSetOutlivesItsOwnRemoval() throws Exception {
    set(1, "630", -1);
    served.with(PeerHeaders.REMOVED, PeerHeaders.of(new Sender(ORIGIN, 1)));
    served.with(PeerHeaders.REMOVED_TIMES, "1");
    assertThat(served.get("Tom").body()).hasToString("630");
    remove(removal(1, "Tom"), removal(2, "Jack"));
    assertThat(served.get("Tom").body()).hasToString("630");
  }

  @Test
  void aRemovalTellsTheStampOfAValueThatWasSetLater() throws Exception {
    set(9, "630", -1);
    ChangesResult result = resultOf(remove(removal(1, "Tom"), removal(2, "Jack")));
    assertThat(result.stayed())
        .containsExactly(Map.entry(new Removal.Id(ORIGIN, 1), new Stamp(9, ORIGIN)));
    assertThat(served.get("Tom").body()).hasToString("630");
  }

  @Test
  void aValueIsRefusedAfterALaterRemoval() throws Exception {
    remove(removal(7, "Tom"));
    assertThat(set(6, "630", -1)).isEqualTo(SetResult.OVERTAKEN);
    assertThat(served.get("Tom").body()).hasToString("loaded");
    assertThat(set(8, "630", -1)).isEqualTo(SetResult.STORED);
    assertThat(served.get("Tom").body()).hasToString("630");
  }

  @Test
  void aValueForAKeyOfAnotherNodeIsRefused() throws Exception {
    served.pool.set(List.of("http://127.0.0.1:1"));
    assertThat(set(1, "630", -1)).isEqualTo(SetResult.NOT_OWNER);
  }

  @Test
  void aValueForAKeyThatNoGroupTakesIsRefused() throws Exception {
    String longest = "k".repeat(2048);
    assertThat(set(set(1, longest, "630", -1))).isEqualTo(SetResult.STORED);
    for (String key : new String[] {"", longest + "k"}) {
      assertThat(set(set(2, key, "630", -1))).isEqualTo(SetResult.REFUSED);
    }
  }

  @Test
  void aValueThatItsGroupDoesNotTakeIsRefused() throws Exception {
    served.node.group("small").maxValueBytes(2).register(key -> key.getBytes(UTF_8));
    assertThat(set(ofThreeBytes("small"))).isEqualTo(SetResult.TOO_LARGE);
    assertThat(set(ofThreeBytes("nope"))).isEqualTo(SetResult.NO_SUCH_GROUP);
  }

  private static SetChange ofThreeBytes(String group) {
    return new SetChange(group, "Tom", new byte[3], -1, new Stamp(1, ORIGIN), VersionVector.EMPTY);
  }

  /** The message may be longer than a value of this group, since there are larger ones. */
  @Test
  void eachValueHasItsOwnOutcome() throws Exception {
    remove(removal(7, "Jack"));
    List<SetChange> sets =
        List.of(set(8, "Tom", "630", -1), set(6, "Jack", "589", -1), set(9, "", "0", -1));
    assertThat(resultOf(served.change(sets, removal(8, "Tom"))).sets())
        .containsExactly(SetResult.STORED, SetResult.OVERTAKEN, SetResult.REFUSED);
    assertThat(served.get("Tom").body()).hasToString("630");
  }

  @Test
  void nodesThatMeetChangeNothingIfNothingWasRemoved() throws Exception {
    assertThat(meet().code()).isEqualTo(200);
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aMeetingIsAnsweredWithAllThatTheNodeKnows() throws Exception {
    Acknowledgement nothing = ClusterCodec.readAcknowledgement(meet().body().toByteArray());
    assertThat(nothing.known()).isEqualTo(VersionVector.EMPTY);
    remove(removal(1, "Tom"), removal(2, "nobody"), new Removal(-1, 1, 1, "other", null));
    Acknowledgement some = ClusterCodec.readAcknowledgement(meet().body().toByteArray());
    assertThat(some.known()).isEqualTo(new VersionVector(Map.of(ORIGIN, 2L, -1L, 1L)));
  }

  @Test
  void aPeersNameForgesNoLogLine() throws Exception {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.INFO)) {
      served.meet(new Meeting("b\r\nSEVERE all is lost", Standing.UNTOLD, 0, true, List.of()));
      assertThat(log.messages()).singleElement().asString().doesNotContain("\n", "\r");
    }
  }

  @Test
  void anAcknowledgementNamesAllNodes() throws Exception {
    assertThat(ClusterCodec.readAcknowledgement(meet().body().toByteArray()).members()).isEmpty();
    served.pool.set(List.of(ServedNode.SELF + "/"));
    assertThat(resultOf(remove(removal(1, "Tom"))).members()).containsExactly(ServedNode.SELF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/_cluster/meet", "/_cluster/changes", "/_cluster/change?group=g"})
  void aMalformedMessageIsRefused(String path) throws Exception {
    for (String hex : new String[] {"00", "0aff", "0a05 61", "0a01ff 1a01ff"}) {
      Reply reply = served.tell(path, Bytes.of(hex));
      assertThat(reply.code()).as(hex).isEqualTo(400);
      assertThat(reply.headers()).containsEntry("Geecache-Status", "bad-request");
      assertThat(reply.body().toString()).startsWith("malformed message: ");
    }
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aMessageIsReadWholeOrNotCarriedOut() throws Exception {
    List<Removal> removed = List.of(removal(1, "Tom"), removal(2, "Jack"));
    byte[] changes =
        ChangesCodec.changes(new Changes(served.pool.id(), 0, List.of(), null, removed));
    Reply reply = served.tell("/_cluster/changes", Bytes.first(changes, changes.length - 1));
    assertThat(reply.code()).isEqualTo(400);
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aMessageThatIsTooLongIsRefused() throws Exception {
    served.node.group("small").maxValueBytes(1).register(key -> key.getBytes(UTF_8));
    int most = 4 << 20;
    int largest = group.maxValueBytes();
    assertLongest("/_cluster/meet", most);
    assertLongest("/_cluster/changes", 2 * most + largest);
    assertLongest("/_cluster/change", most);
    assertLongest("/_cluster/change?group=g", most + largest);
    assertLongest("/_cluster/change?group=small", most + 1);
  }

  /** Zeros are no message of any kind. */
  private void assertLongest(String path, int most) throws Exception {
    assertThat(served.tell(path, new byte[most]).code()).as(path).isEqualTo(400);
    assertThat(served.tell(path, new byte[most + 1]).code()).as(path).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/_cluster", "/_cluster/", "/_cluster/nope", "/_cluster/meet/"})
  void otherPathsAreUnknown(String path) throws Exception {
    Reply reply = served.tell(path, new byte[0]);
    assertThat(reply.code()).isEqualTo(404);
    assertThat(reply.body()).hasToString("no such path below /_cluster\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "PUT", "DELETE", "post"})
  void otherMethodsAreNotAllowed(String method) throws Exception {
    Reply reply = served.ask(method, "/_cluster/meet");
    assertThat(reply.code()).isEqualTo(405);
    assertThat(reply.headers()).containsEntry("Allow", "POST");
  }
}
