package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.Group;
import geecache.LogCapture;
import geecache.cluster.Change;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.Standing;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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

  private static Removal removal(long number, @Nullable String key) {
    return new Removal(ORIGIN, number, "g", key);
  }

  private Reply remove(Removal... removed) throws Exception {
    return served.change(new Change(List.of(removed), null, -1));
  }

  private Reply set(Removal removal, String value, long lifeMillis) throws Exception {
    return served.change(new Change(List.of(removal), value.getBytes(UTF_8), lifeMillis));
  }

  private Reply meet(boolean clear, Removal... removed) throws Exception {
    return served.meet(new Meeting("http://b:2", clear, List.of(removed), Standing.UNTOLD));
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
    byte[] body = ClusterCodec.change(new Change(List.of(removal(1, "Tom")), null, -1));
    Request request =
        new Request(
            "POST",
            "/_cluster/change",
            "/change",
            "/change",
            "group=g",
            Request.Mapping.NODES,
            name -> name.equals("Authorization") ? "Bearer " + ServedNode.FIRST : null,
            true,
            () -> {
              served.pool.set(List.of(ServedNode.SELF, "http://127.0.0.1:2"));
              return new ByteArrayInputStream(body);
            });
    byte[] answer = result(served.pool.handle(request)).body().toByteArray();
    assertThat(ClusterCodec.readAcknowledgement(answer).members())
        .containsExactly("http://127.0.0.1:1", "http://127.0.0.1:2", ServedNode.SELF);
  }

  @Test
  void aChangeIsCarriedOutThoughItIsKnown() throws Exception {
    remove(removal(1, "Tom"));
    served.get("Tom");
    remove(removal(1, "Tom"));
    assertThat(served.isHit("Tom")).isFalse();
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
    Reply reply = remove(new Removal(ORIGIN, 1, "nope", "Tom"));
    assertThat(reply.code()).isEqualTo(200);
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aChangeSetsAValue() throws Exception {
    assertThat(set(removal(1, "Tom"), "630", -1).code()).isEqualTo(200);
    assertThat(served.get("Tom").body()).hasToString("630");
    assertThat(loaded).isEmpty();
  }

  @Test
  void aValueThatIsSetHasItsTimeToLive() throws Exception {
    set(removal(1, "Tom"), "630", 1500);
    assertThat(served.get("Tom").headers()).containsEntry("Geecache-Life", "0 1500");
    ticker.advance(Duration.ofMillis(1500));
    assertThat(served.get("Tom").body()).hasToString("loaded");
  }

  @ParameterizedTest
  @CsvSource({"0, false", "9223372036854775807, true"})
  void anyTimeToLiveIsTaken(long millis, boolean kept) throws Exception {
    assertThat(set(removal(1, "Tom"), "630", millis).code()).isEqualTo(200);
    assertThat(served.isHit("Tom")).isEqualTo(kept);
  }

  @Test
  void aValueIsSetThoughAReadCarriedItsRemovalBefore() throws Exception {
    served.with(PeerHeaders.REMOVED, PeerHeaders.of(new Sender(ORIGIN, 1)));
    served.get("Tom");
    served.with(PeerHeaders.REMOVED, null);
    set(removal(1, "Tom"), "630", -1);
    assertThat(served.get("Tom").body()).hasToString("630");
  }

  @Test
  void aValueThatWasSetOutlivesItsOwnRemoval() throws Exception {
    set(removal(1, "Tom"), "630", -1);
    served.with(PeerHeaders.REMOVED, PeerHeaders.of(new Sender(ORIGIN, 1)));
    assertThat(served.get("Tom").body()).hasToString("630");
    meet(false, removal(1, "Tom"));
    assertThat(served.get("Tom").body()).hasToString("630");
  }

  @Test
  void aValueForAKeyThatNoGroupTakesIsRefused() throws Exception {
    String longest = "k".repeat(2048);
    assertThat(set(removal(1, longest), "630", -1).code()).isEqualTo(200);
    for (String key : new String[] {"", longest + "k"}) {
      Reply reply = set(removal(2, key), "630", -1);
      assertThat(reply.code()).isEqualTo(400);
      assertThat(reply.headers()).containsEntry("Geecache-Status", "bad-request");
    }
    Reply other = set(new Removal(ORIGIN, 3, "other", "Tom"), "630", -1);
    assertThat(other.body()).hasToString("the change is of another group: other\n");
  }

  @Test
  void aValueForAnUnknownGroupIsRefused() throws Exception {
    Change change = new Change(List.of(removal(1, "Tom")), new byte[0], -1);
    for (String query : new String[] {"", "?group=nope", "?x=1&group=g"}) {
      Reply reply = served.tell("/_cluster/change" + query, ClusterCodec.change(change));
      assertThat(reply.code()).isEqualTo(404);
      assertThat(reply.headers()).containsEntry("Geecache-Status", "no-such-group");
    }
  }

  @Test
  void nodesThatMeetChangeNothingIfNothingWasRemoved() throws Exception {
    assertThat(meet(false).code()).isEqualTo(200);
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aMeetingTellsWhatWasRemoved() throws Exception {
    meet(false, removal(1, "Tom"), new Removal(ORIGIN, 2, "other", null));
    assertThat(served.isHit("Jack")).isTrue();
    assertThat(served.isHit("Tom")).isFalse();
    assertThat(other.stats().entries()).isZero();
  }

  @Test
  void aMeetingThatTellsTheSameAgainRemovesNothing() throws Exception {
    meet(false, removal(1, "Tom"));
    served.get("Tom");
    meet(false, removal(1, "Tom"));
    assertThat(served.isHit("Tom")).isTrue();
  }

  @Test
  void aMeetingThatDoesNotRememberClearsAll() throws Exception {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.INFO)) {
      meet(true);
      assertThat(log.messages())
          .containsExactly(
              "INFO cleared all groups: http://b:2 removed more keys while out of contact than it"
                  + " remembers");
    }
    assertThat(entries()).isZero();
    assertThat(other.stats().entries()).isZero();
  }

  @Test
  void aPeersNameForgesNoLogLine() throws Exception {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.INFO)) {
      served.meet(new Meeting("b\r\nSEVERE all is lost", true, List.of(), Standing.UNTOLD));
      assertThat(log.messages()).singleElement().asString().doesNotContain("\n", "\r");
    }
  }

  @Test
  void anAcknowledgementNamesAllNodes() throws Exception {
    assertThat(ClusterCodec.readAcknowledgement(meet(false).body().toByteArray()).members())
        .isEmpty();
    served.pool.set(List.of(ServedNode.SELF + "/"));
    Reply reply = remove(removal(1, "Tom"));
    assertThat(ClusterCodec.readAcknowledgement(reply.body().toByteArray()).members())
        .containsExactly(ServedNode.SELF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/_cluster/meet", "/_cluster/change?group=g", "/_cluster/change"})
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
    byte[] change =
        ClusterCodec.change(new Change(List.of(removal(1, "Tom"), removal(2, "Jack")), null, -1));
    Reply reply = served.tell("/_cluster/change", Bytes.first(change, change.length - 1));
    assertThat(reply.code()).isEqualTo(400);
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aMessageThatIsTooLongIsRefused() throws Exception {
    byte[] tooLong = new byte[(4 << 20) + 1];
    assertThat(served.tell("/_cluster/meet", tooLong).code()).isEqualTo(413);
    assertThat(served.tell("/_cluster/change", tooLong).code()).isEqualTo(413);
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
