package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.FakeTicker;
import geecache.Group;
import geecache.LogCapture;
import geecache.cluster.Acknowledgement;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.VersionVector;
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

/** What a node of version 1 tells this node. It knows no stamps: a change counts as called now. */
class VersionOneRequestsTest {
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
    return new Removal(ORIGIN, number, 0, "g", key);
  }

  private Reply change(byte[] change) throws Exception {
    return served.tell("/_cluster/change?group=g", change);
  }

  private Reply set(Removal removal, String value, long lifeMillis) throws Exception {
    return change(VersionOne.set(removal, value, lifeMillis));
  }

  private Reply meet(boolean clear, Removal... removed) throws Exception {
    return served.tell("/_cluster/meet", VersionOne.meeting("http://b:2", clear, removed));
  }

  private long entries() {
    return group.stats().entries();
  }

  @Test
  void aChangeRemovesItsKeys() throws Exception {
    Reply reply = change(VersionOne.change(removal(1, "Tom"), removal(2, "not there")));
    assertThat(reply.code()).isEqualTo(200);
    assertThat(reply.headers())
        .containsEntry("Content-Type", "application/vnd.geecache.cluster.v1+protobuf")
        .containsEntry("Geecache-Status", "ok");
    assertThat(served.isHit("Jack")).isTrue();
    served.get("Tom");
    assertThat(loaded).containsExactly("Tom");
  }

  /** A read has named it before, and the load after that was of the new value. */
  @Test
  void aChangeThatIsKnownIsSkipped() throws Exception {
    change(VersionOne.change(removal(1, "Tom")));
    served.get("Tom");
    change(VersionOne.change(removal(1, "Tom")));
    assertThat(served.isHit("Tom")).isTrue();
  }

  @Test
  void aChangeClearsItsGroupAlone() throws Exception {
    change(VersionOne.change(removal(1, null)));
    assertThat(entries()).isZero();
    assertThat(other.stats().entries()).isEqualTo(1);
  }

  @Test
  void aChangeOfAnUnknownGroupIsAcknowledged() throws Exception {
    Reply reply = change(VersionOne.change(new Removal(ORIGIN, 1, 0, "nope", "Tom")));
    assertThat(reply.code()).isEqualTo(200);
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aChangeIsAcknowledgedWithTheNodes() throws Exception {
    served.pool.set(List.of(ServedNode.SELF));
    byte[] answer = change(VersionOne.change(removal(1, "Tom"))).body().toByteArray();
    assertThat(ClusterCodec.readAcknowledgement(answer).members()).containsExactly(ServedNode.SELF);
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
  void aValueIsSetThoughAReadNamedItsRemovalBefore() throws Exception {
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
  void aRemovalComesAfterAllThatWasSetBefore() throws Exception {
    group.set("Tom", ByteView.of("630"), null);
    change(VersionOne.change(removal(1, "Tom")));
    assertThat(served.get("Tom").body()).hasToString("loaded");
    group.set("Tom", ByteView.of("631"), null);
    served.with(PeerHeaders.REMOVED, PeerHeaders.of(new Sender(ORIGIN, 2)));
    assertThat(served.get("Tom").body()).hasToString("loaded");
  }

  /** This node was started later than that one, and so heard its removals from any number on. */
  @Test
  void whatIsForgottenOfItStandsInTheWayOfNoSet() throws Exception {
    try (ServedNode forgetful =
        new ServedNode(ServedNode.secret().removalLogSize(2).build()).asNode()) {
      Group small = forgetful.group().register(key -> "loaded".getBytes(UTF_8));
      for (int i = 500; i < 510; i++) {
        forgetful.tell("/_cluster/change?group=g", VersionOne.change(removal(i, "k" + i)));
      }
      small.set("Tom", ByteView.of("630"), null);
      assertThat(small.get("Tom")).hasToString("630");
    }
  }

  @Test
  void aValueForAKeyThatNoGroupTakesIsRefused() throws Exception {
    String longest = "k".repeat(2048);
    assertThat(set(removal(1, longest), "630", -1).code()).isEqualTo(200);
    for (String key : new String[] {"", longest + "k"}) {
      Reply reply = set(removal(2, key), "630", -1);
      assertThat(reply.code()).isEqualTo(400);
      assertThat(reply.headers()).containsEntry("Geecache-Status", "bad-request");
      assertThat(reply.body())
          .hasToString("this node does not take this key or value for this group\n");
    }
  }

  @Test
  void aValueForAnUnknownGroupIsRefused() throws Exception {
    for (String query : new String[] {"", "?group=nope", "?x=1&group=g"}) {
      Reply reply =
          served.tell("/_cluster/change" + query, VersionOne.set(removal(1, "Tom"), "", -1));
      assertThat(reply.code()).isEqualTo(404);
      assertThat(reply.headers()).containsEntry("Geecache-Status", "no-such-group");
    }
  }

  @Test
  void aMeetingTellsWhatWasRemoved() throws Exception {
    meet(false, removal(1, "Tom"), new Removal(ORIGIN, 2, 0, "other", null));
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

  /** It cannot say which changes it knew, so that an old value could come back. */
  @Test
  void itHandsNothingOver() throws Exception {
    Reply stranger = served.tell("/_cluster/handoff?group=g", VersionOne.handoff("Sam", "567"));
    assertThat(stranger.code()).isEqualTo(403);
    assertThat(stranger.body())
        .hasToString("only a node that was in contact may hand entries over\n");
    assertThat(served.isHit("Sam")).isFalse();
  }

  @Test
  void itsAcknowledgementSaysThatItKnowsNoStamps() throws Exception {
    Acknowledgement read =
        ClusterCodec.readAcknowledgement(VersionOne.acknowledgement("http://a:1", "http://b:2"));
    assertThat(read.members()).containsExactly("http://a:1", "http://b:2");
    assertThat(read.standing().warmMillis()).isEqualTo(1);
    assertThat(read.known()).isNull();
    assertThat(read.clock()).isZero();
  }

  /** Version 1 reads no more of it than the nodes. */
  @Test
  void anAcknowledgementOfThisNodeSaysThatItDoes() throws Exception {
    byte[] answer = meet(false).body().toByteArray();
    assertThat(ClusterCodec.readAcknowledgement(answer).known()).isEqualTo(VersionVector.EMPTY);
  }
}
