package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.GatedGetter;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.Stamp;
import geecache.cluster.KeyRead;
import geecache.cluster.Removal;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@code POST} that asks for many keys: what is said of each, and what is refused. */
class BatchReadTest extends BatchFixture {
  @Test
  void hitsAreAnsweredAtOnce() throws Exception {
    served.group().register(source);
    load("a");
    load("b");
    Reply reply = served.batch(asked(true, "b", "a"));
    assertThat(reply.code()).isEqualTo(200);
    assertThat(reply.headers())
        .containsEntry("Content-Type", "application/vnd.geecache.batch.v1+protobuf")
        .containsEntry("Geecache-Status", "ok");
    assertThat(texts(reply)).containsExactly("0 VALUE value of b", "1 VALUE value of a");
    assertThat(reply.rest()).isNull();
  }

  @Test
  void anEmptyRequestHasAnEmptyAnswer() throws Exception {
    served.group().register(source);
    Reply reply = served.batch(asked(true));
    assertThat(reply.code()).isEqualTo(200);
    assertThat(reply.body().length()).isZero();
    assertThat(reply.rest()).isNull();
  }

  @Test
  void timesAreToldToTheMillisecond() throws Exception {
    served.group().timeToLive(Duration.ofMillis(2500)).register(source);
    load("a");
    ticker.advance(Duration.ofMillis(700));
    Frame frame = read(served.batch(asked(true, "a"))).get(0);
    assertThat(frame.ageMillis()).isEqualTo(700);
    assertThat(frame.lifeMillis()).isEqualTo(1800);
  }

  @Test
  void aNodeIsToldHowOftenNodesAskForAKey() throws Exception {
    served.group().register(source);
    load("a");
    load("b");
    KeyRead often = new KeyRead("a", List.of(), false, null, 3, 296);
    KeyRead rarely = new KeyRead("b", List.of(), false);
    BatchRead asked = new BatchRead(true, List.of(often, rarely), VersionVector.EMPTY);
    List<Integer> rates = read(served.batch(asked)).stream().map(Frame::rate).toList();
    assertThat(rates.get(0)).isEqualTo(299);
    assertThat(rates.get(1)).isZero();
    served.with(PeerHeaders.SENDER, null);
    assertThat(read(served.batch(asked))).extracting(Frame::rate).containsExactly(0, 0);
  }

  @Test
  void aValueWithoutAnEndHasNoTimes() throws Exception {
    served.group().register(source);
    load("a");
    Frame frame = read(served.batch(asked(true, "a"))).get(0);
    assertThat(frame.ageMillis()).isEqualTo(-1);
    assertThat(frame.lifeMillis()).isEqualTo(-1);
  }

  @Test
  void failuresAreAnswersOfTheirKeys() throws Exception {
    served
        .group()
        .maxValueBytes(4)
        .register(
            key -> {
              switch (key) {
                case "absent" -> throw new KeyNotFoundException("no absent");
                case "failed" -> throw new LoadException("down");
                default -> {
                  return key.getBytes(UTF_8);
                }
              }
            });
    Reply reply = served.batch(asked(true, "absent", "failed", "", "x".repeat(2049), "a", "large"));
    assertThat(soonerOrLater(reply))
        .containsExactlyInAnyOrder(
            "0 NO_SUCH_KEY no absent",
            "1 LOAD_FAILED down",
            "2 BAD_KEY key is required",
            "3 BAD_KEY key is too long: 2049 bytes of UTF-8, at most 2048",
            "4 VALUE a",
            "5 LOAD_FAILED value is too large: 5 bytes, at most 4");
  }

  @Test
  void overloadedIsAnAnswerToo() throws Exception {
    served.group().maxLoads(1).maxWaitingLoads(0).register(source);
    Reply reply = served.batch(asked(false, "a", "b"));
    assertThat(texts(reply).get(0)).startsWith("1 OVERLOADED overloaded: 1 loads of group g ");
    assertThat(texts(reply).get(1)).isEqualTo("0 PENDING ");
    source.next().answer("1");
  }

  /** Else two such requests would take all places of a group's loads. */
  @Test
  void strangersWhoAskForManyKeysLeaveHalfOfThePlacesToOthers() throws Exception {
    served.close();
    served = new ServedNode(ServedNode.OPEN);
    served.group().maxLoads(1).maxWaitingLoads(3).register(source);
    Reply reply = served.batch(asked(false, "a", "b", "c", "d"));
    assertThat(texts(reply))
        .filteredOn(text -> text.contains("OVERLOADED"))
        .allMatch(text -> text.endsWith("overloaded: 2 gets of group g wait for strangers"))
        .hasSize(2);
    CompletableFuture<Reply> other = served.send("GET", "/_geecache/g/Tom");
    assertThat(other).isNotDone();
    source.next().answer("1");
    source.next().answer("630");
    assertThat(result(other).code()).isEqualTo(200);
  }

  /** Anybody can say that it is a node, where there is no secret. */
  @Test
  void nodesThatProveNothingLeaveHalfOfThePlacesToOthersToo() throws Exception {
    served.close();
    served = new ServedNode(ServedNode.OPEN).with(PeerHeaders.SENDER, ServedNode.MARK);
    Group group = served.group().maxLoads(1).maxWaitingLoads(3).register(source);
    assertThat(texts(served.batch(asked(false, "a", "b", "c", "d"))))
        .filteredOn(text -> text.contains("OVERLOADED"))
        .allMatch(text -> text.endsWith("overloaded: 2 gets of group g wait for strangers"))
        .hasSize(2);
    CompletableFuture<ByteView> other = group.getAsync("Tom");
    GatedGetter.Call call;
    do {
      call = source.next();
      call.answer("630");
    } while (!call.key().equals("Tom"));
    assertThat(result(other)).hasToString("630");
  }

  @Test
  void outOfTimeIsAnAnswerToo() throws Exception {
    served.group().loadTimeout(Duration.ofMillis(5)).register(source);
    assertThat(soonerOrLater(served.batch(asked(true, "a"))))
        .containsExactly("0 LOAD_TIMEOUT load of g/a ran out of time after 5 ms");
  }

  @Test
  void aStaleValueIsMarked() throws Exception {
    served
        .group()
        .timeToLive(Duration.ofSeconds(1))
        .staleIfError(Duration.ofSeconds(60))
        .register(source);
    load("a");
    ticker.advance(Duration.ofSeconds(2));
    Reply reply = served.batch(asked(true, "a"));
    source.next().fail(new IOException("down"));
    FrameReader late = follow(reply);
    Frame frame = ServedNode.next(late);
    while (frame.kind() == Kind.KEEP_ALIVE) {
      frame = ServedNode.next(late);
    }
    assertThat(text(frame)).isEqualTo("0 STALE_VALUE value of a");
    assertThat(frame.ageMillis()).isEqualTo(2000);
    assertThat(frame.lifeMillis()).isZero();
  }

  @Test
  void removalsAreCarriedOutForTheirKeysFirstAndOnce() throws Exception {
    Group group = served.group().register(source);
    load("a");
    load("b");
    Removal.Named removal = new Removal.Named(new Removal.Id(0xabc, 1), 1, false);
    BatchRead asked =
        new BatchRead(
            false,
            List.of(new KeyRead("a", List.of(removal), false), new KeyRead("b", List.of(), false)),
            VersionVector.EMPTY);
    assertThat(texts(served.batch(asked))).containsExactly("1 VALUE value of b", "0 PENDING ");
    CompletableFuture<?> ofA = group.getAsync("a");
    source.next().answer("new");
    result(ofA);
    assertThat(texts(served.batch(asked))).containsExactly("0 VALUE new", "1 VALUE value of b");
  }

  @Test
  void aClearingIsCarriedOutFirstAndOnce() throws Exception {
    Group group = served.group().register(source);
    load("a");
    load("b");
    Removal.Named clearing = new Removal.Named(new Removal.Id(0xabc, 1), 1, true);
    BatchRead asked =
        new BatchRead(
            false,
            List.of(new KeyRead("a", List.of(), false), new KeyRead("b", List.of(clearing), false)),
            VersionVector.EMPTY);
    assertThat(texts(served.batch(asked))).containsExactly("0 VALUE value of a", "1 PENDING ");
    assertThat(group.stats().entries()).isZero();
    CompletableFuture<?> ofB = group.getAsync("b");
    source.next().answer("new");
    result(ofB);
    assertThat(
            texts(
                served.batch(
                    new BatchRead(false, asked.keys().subList(1, 2), VersionVector.EMPTY))))
        .containsExactly("0 VALUE new");
  }

  /** What it knew before, so that the asking node can tell what the values may lack. */
  @Test
  void aReadOfMemoryAloneIsAnsweredWithWhatTheNodeKnows() throws Exception {
    served.group().register(source);
    load("a");
    served.change(List.of(), new Removal(0xabc, 1, 1, "g", "x"));
    BatchRead asked =
        new BatchRead(
            false,
            List.of(new KeyRead("a", List.of(), true), new KeyRead("b", List.of(), true)),
            VersionVector.EMPTY);
    List<Frame> frames = read(served.batch(asked));
    assertThat(frames)
        .extracting(BatchFixture::text)
        .containsExactly("0 VALUE value of a", "1 NOT_CACHED ");
    assertThat(frames)
        .extracting(Frame::known)
        .containsExactly(new VersionVector(Map.of(0xabcL, 1L)), null);
  }

  @Test
  void allOtherReadsAreNotToldWhatTheNodeKnows() throws Exception {
    served.group().register(source);
    load("a");
    BatchRead asked =
        new BatchRead(false, List.of(new KeyRead("a", List.of(), false)), VersionVector.EMPTY);
    assertThat(read(served.batch(asked)).get(0).known()).isNull();
    served.with(PeerHeaders.SENDER, null);
    BatchRead ofStranger =
        new BatchRead(false, List.of(new KeyRead("a", List.of(), true)), VersionVector.EMPTY);
    assertThat(read(served.batch(ofStranger)).get(0).known()).isNull();
  }

  @Test
  void aValueThatWasSetBearsItsStamp() throws Exception {
    served.group().register(source);
    Stamp stamp = new Stamp(9, 0xabc);
    served.change(List.of(ServedNode.set("a", "630", stamp)));
    BatchRead asked =
        new BatchRead(false, List.of(new KeyRead("a", List.of(), false)), VersionVector.EMPTY);
    assertThat(read(served.batch(asked)).get(0).change()).isEqualTo(stamp);
  }

  @Test
  void removalsThatClientsNameAreNone() throws Exception {
    served.group().register(source);
    load("a");
    served.with(PeerHeaders.SENDER, null);
    Removal.Named removal = new Removal.Named(new Removal.Id(0xabc, 1), 1, false);
    assertThat(
            texts(
                served.batch(
                    new BatchRead(
                        false,
                        List.of(new KeyRead("a", List.of(removal), false)),
                        VersionVector.EMPTY))))
        .containsExactly("0 VALUE value of a");
  }

  @Test
  void itHasAtMost1024Keys() throws Exception {
    served.group().register(key -> key.getBytes(UTF_8));
    KeyRead ask = new KeyRead("k", List.of(), false);
    assertThat(
            served
                .batch(new BatchRead(true, Collections.nCopies(1024, ask), VersionVector.EMPTY))
                .code())
        .isEqualTo(200);
    Reply reply =
        served.batch(new BatchRead(true, Collections.nCopies(1025, ask), VersionVector.EMPTY));
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("malformed request: more than 1024 keys\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "12ff", "1205 0a0561", "1203 0a01ff"})
  void aMalformedBodyIsRefused(String hex) throws Exception {
    served.group().register(source);
    Reply reply = served.batch(BatchCodec.CONTENT_TYPE, Bytes.of(hex));
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.headers()).containsEntry("Geecache-Status", "bad-request");
    assertThat(reply.body().toString()).startsWith("malformed request: ");
    assertThat(source.keys()).isEmpty();
  }

  @Test
  void aBodyThatIsTooLongIsRefused() throws Exception {
    served.group().register(source);
    byte[] unknown = Arrays.copyOf(Bytes.of("fa01" + "80808002"), (4 << 20) + 1); // Of 4 MiB.
    Reply reply = served.batch(BatchCodec.CONTENT_TYPE, unknown);
    assertThat(reply.code()).isEqualTo(413);
    assertThat(reply.body()).hasToString("a request may have at most 4194304 bytes\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "application/json",
        "application/vnd.geecache.batch.v2+protobuf",
        "application/vnd.geecache.cluster.v1+protobuf",
      })
  void anotherFormOrVersionIsUnsupported(String type) throws Exception {
    served.group().register(source);
    Reply reply = served.batch(type, BatchCodec.request(asked(true, "a")));
    assertThat(reply.code()).isEqualTo(415);
    assertThat(reply.headers()).containsEntry("Geecache-Status", "unsupported");
    assertThat(reply.body())
        .hasToString("the body has to be of type application/vnd.geecache.batch.v1+protobuf\n");
    assertThat(source.keys()).isEmpty();
  }

  @Test
  void anUnknownGroupComesBeforeAnyForm() throws Exception {
    Reply reply = served.batch("", new byte[0]);
    assertThat(reply.code()).isEqualTo(404);
    assertThat(reply.headers()).containsEntry("Geecache-Status", "no-such-group");
  }

  @Test
  void theLongestMessageOfAFailureIsOneThatPeersTake() throws Exception {
    served
        .group()
        .maxValueBytes(1)
        .register(
            key -> {
              throw new LoadException("\u4e2d".repeat(100_000));
            });
    Reply reply = served.batch(asked(true, "a"));
    Frame frame;
    if (reply.rest() instanceof Reply.Later) {
      FrameReader late = follow(reply);
      do {
        frame = late.read(1);
      } while (frame.kind() == Kind.KEEP_ALIVE);
    } else {
      frame = read(reply).get(0);
    }
    assertThat(frame.kind()).isEqualTo(Kind.LOAD_FAILED);
    assertThat(frame.bytes().length()).isBetween(1_000, 64 << 10);
    assertThat(served.get("a").body().length()).isBetween(1_000, 64 << 10);
  }
}
