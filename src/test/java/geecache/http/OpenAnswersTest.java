package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.CachedValue;
import geecache.GatedGetter;
import geecache.LocalNode;
import geecache.Stamp;
import geecache.cluster.KeyRead;
import geecache.cluster.PeerCounters;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import geecache.internal.FairPlaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is loading when many keys are asked for: pending, or later in the same answer. */
class OpenAnswersTest extends BatchFixture {
  /** Returns the next frame that is no sign of life. */
  private static String nextText(FrameReader frames) throws IOException {
    Frame frame = ServedNode.next(frames);
    while (frame.kind() == Kind.KEEP_ALIVE) {
      frame = ServedNode.next(frames);
    }
    return text(frame);
  }

  /** A value of 400 KiB, asked for again and again: what is there does not all have to be held. */
  @Test
  void valuesInMemoryThatAreTooManyToHoldComeLaterToo() throws Exception {
    LocalNode.partOf(served.group().register(source))
        .set("big", ByteView.of(new byte[400 << 10]), null, new Stamp(1, 0));
    String[] keys = Stream.generate(() -> "big").limit(100).toArray(String[]::new);
    Reply reply = served.batch(asked(true, keys));
    assertThat(reply.body().length()).isLessThan(2 << 20);
    assertThat(reply.rest()).isNotNull();
    assertThat(soonerOrLater(reply)).hasSize(100);
    Reply unwilling = served.batch(asked(false, keys));
    assertThat(unwilling.length()).isLessThan(2 << 20);
    assertThat(soonerOrLater(unwilling).stream().filter(text -> text.endsWith(" PENDING ")))
        .isNotEmpty();
  }

  /** As 60 requests of 133 bytes did, which took half a gigabyte. */
  @Test
  void aLargeValueIsWrittenFromWhereItLies() throws Exception {
    LocalNode.partOf(served.group().register(source))
        .set("big", ByteView.of(new byte[1 << 20]), null, new Stamp(1, 0));
    Reply reply = served.batch(asked(false, "big"));
    assertThat(reply.length()).isGreaterThan(1 << 20);
    long allocated =
        Bytes.allocatedBy(
            () -> {
              try {
                Reply again = served.batch(asked(false, "big"));
                for (Iterator<ByteView> parts = again.parts(); parts.hasNext(); ) {
                  parts.next().writeTo(OutputStream.nullOutputStream());
                }
              } catch (Exception failure) {
                throw new AssertionError(failure);
              }
            });
    assertThat(allocated).isLessThan(512 << 10);
    assertThat(soonerOrLater(reply)).hasSize(1);
  }

  @Test
  void aLoadingKeyIsPendingIfTheNodeMayNotWait() throws Exception {
    served.group().register(source);
    load("a");
    Reply reply = served.batch(asked(false, "b", "a", "c"));
    assertThat(texts(reply)).containsExactly("1 VALUE value of a", "0 PENDING ", "2 PENDING ");
    assertThat(reply.rest()).isNull();
    assertThat(served.pool.stats().pending()).isEqualTo(1);
    source.next().answer("b");
    source.next().answer("c");
  }

  @Test
  void aLoadingKeyComesLaterIfTheNodeMayWait() throws Exception {
    served.group().register(source);
    load("a");
    Reply reply = served.batch(asked(true, "b", "a", "c"));
    assertThat(texts(reply)).containsExactly("1 VALUE value of a", "0 REST_PENDING ");
    FrameReader late = follow(reply);
    GatedGetter.Call one = source.next();
    GatedGetter.Call other = source.next();
    GatedGetter.Call ofB = one.key().equals("b") ? one : other;
    GatedGetter.Call ofC = ofB == one ? other : one;
    ofC.answer("3");
    assertThat(nextText(late)).isEqualTo("2 VALUE 3");
    ofB.answer("2");
    assertThat(nextText(late)).isEqualTo("0 VALUE 2");
    assertThat(late.isAtEnd()).isTrue();
    assertThat(served.pool.stats().pending()).isZero();
  }

  @Test
  void whileNothingComesThereAreSignsOfLife() throws Exception {
    served.group().register(source);
    FrameReader late = follow(served.batch(asked(true, "a")));
    GatedGetter.Call load = source.next();
    assertThat(text(ServedNode.next(late))).isEqualTo("0 KEEP_ALIVE ");
    assertThat(text(ServedNode.next(late))).isEqualTo("0 KEEP_ALIVE ");
    load.answer("1");
    assertThat(nextText(late)).isEqualTo("0 VALUE 1");
    assertThat(late.isAtEnd()).isTrue();
  }

  @Test
  void theRestCanBeWrittenOnAThreadOfTheNodes() throws Exception {
    served.group().register(source);
    Reply reply = served.batch(asked(true, "a"));
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    CompletableFuture<Void> over = new CompletableFuture<>();
    source.next().answer("1");
    later(reply).start(body, () -> over.complete(null));
    result(over);
    FrameReader late = new FrameReader(new ByteArrayInputStream(body.toByteArray()));
    assertThat(nextText(late)).isEqualTo("0 VALUE 1");
  }

  @Test
  void soManyAnswersStayOpenAndNoMore() throws Exception {
    served.close();
    served = new ServedNode(ServedNode.secret().maxOpenAnswers(1).build()).asNode();
    served.group().register(source);
    Reply first = served.batch(asked(true, "a"));
    assertThat(texts(first)).containsExactly("0 REST_PENDING ");
    assertThat(texts(served.batch(asked(true, "b")))).containsExactly("0 PENDING ");
    assertThat(served.pool.stats().pending()).isEqualTo(1);
    GatedGetter.Call ofA = source.next();
    GatedGetter.Call ofB = source.next();
    (ofA.key().equals("a") ? ofA : ofB).answer("1");
    later(first).writeTo(OutputStream.nullOutputStream());
    assertThat(texts(served.batch(asked(true, "b")))).containsExactly("0 REST_PENDING ");
    (ofA.key().equals("a") ? ofB : ofA).answer("2");
  }

  @Test
  void anAnswerThatNobodyReadsStaysOpenNoLonger() throws Exception {
    served.close();
    served = new ServedNode(ServedNode.secret().maxOpenAnswers(1).build()).asNode();
    served.group().register(source);
    Reply first = served.batch(asked(true, "a"));
    source.next().answer("1");
    CompletableFuture<Void> over = new CompletableFuture<>();
    later(first).start(new Broken(), () -> over.complete(null));
    result(over);
    assertThat(texts(served.batch(asked(true, "b")))).containsExactly("0 REST_PENDING ");
    source.next().answer("2");
  }

  @Test
  void anAnswerThatNeverBeganStaysOpenNoLonger() throws Exception {
    served.close();
    served = new ServedNode(ServedNode.secret().maxOpenAnswers(1).build()).asNode();
    served.group().register(source);
    later(served.batch(asked(true, "a"))).abandon();
    assertThat(texts(served.batch(asked(true, "a")))).containsExactly("0 REST_PENDING ");
    source.next().answer("1");
  }

  @Test
  void anAnswerThatGetsNoThreadStaysOpenNoLonger() throws Exception {
    FairPlaces places = new FairPlaces(1, () -> 1);
    BatchAnswer answer =
        new BatchAnswer(
            places,
            "g",
            new PeerCounters(),
            task -> {
              throw new StackOverflowError();
            });
    CompletableFuture<CachedValue> loading = new CompletableFuture<>();
    BatchAnswer.Source one =
        new BatchAnswer.Source() {
          @Override
          public geecache.LocalGroup.Burst beginBurst() {
            return geecache.LocalGroup.Burst.NONE;
          }

          @Override
          public CompletableFuture<CachedValue> get(KeyRead read) {
            return loading;
          }

          @Override
          public int rate(KeyRead read) {
            return 0;
          }

          @Override
          public boolean putOff(KeyRead read, CompletableFuture<CachedValue> pending) {
            return false;
          }
        };
    Reply reply = answer.reply(asked(true, "a"), null, one);
    assertThat(places.hasRoomFor("g")).isFalse();
    assertThatThrownBy(
            () -> ((Reply.Later) reply.rest()).start(OutputStream.nullOutputStream(), () -> {}))
        .isInstanceOf(StackOverflowError.class);
    assertThat(places.hasRoomFor("g")).isTrue();
    assertThat(loading).isCancelled();
  }

  private static final class Broken extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("the peer is gone");
    }
  }
}
