package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Callers;
import geecache.cluster.KeyRead;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What strangers can make a node read. */
@Timeout(60)
class BodyLimitsTest {
  private final Callers callers = new Callers();
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void close() {
    goOn.countDown();
    callers.close();
  }

  private static ServedNode served(PeerOptions.Builder options) {
    ServedNode served = new ServedNode(options.build());
    served.group().register(key -> new byte[1]);
    return served;
  }

  private static byte[] body(int keys) throws IOException {
    return BatchCodec.request(
        new BatchRead(
            false,
            IntStream.range(0, keys)
                .mapToObj(i -> new KeyRead("key" + i, List.of(), false))
                .toList(),
            VersionVector.EMPTY));
  }

  private static Reply post(ServedNode served, InputStream body) throws Exception {
    return post(served, body, Map.of());
  }

  private static Reply post(ServedNode served, InputStream body, Map<String, String> more)
      throws Exception {
    Map<String, String> headers = new HashMap<>(more);
    headers.put("Content-Type", BatchCodec.CONTENT_TYPE);
    return result(
        served.pool.handle(
            new Request(
                "POST",
                "/_geecache/g",
                "/g",
                "/g",
                null,
                Request.Mapping.KEYS,
                headers::get,
                true,
                () -> body)));
  }

  /** All of {@code bytes} come but the last one, which is held back. */
  private InputStream heldBack(byte[] bytes) {
    return new SequenceInputStream(
        new ByteArrayInputStream(bytes, 0, bytes.length - 1),
        new InputStream() {
          private boolean over;

          @Override
          public int read() throws IOException {
            held.countDown();
            try {
              goOn.await();
            } catch (InterruptedException interrupt) {
              throw new IOException(interrupt);
            }
            int last = over ? -1 : bytes[bytes.length - 1] & 0xff;
            over = true;
            return last;
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            int octet = read();
            into[offset] = (byte) octet;
            return octet < 0 ? -1 : 1;
          }
        });
  }

  private static void assertOverloaded(Reply reply, String why) {
    assertThat(reply.code()).isEqualTo(503);
    assertThat(reply.headers()).containsEntry("Retry-After", "1");
    assertThat(reply.headers()).containsEntry(Reply.STATUS_HEADER, "overloaded");
    assertThat(reply.body()).hasToString(why + "\n");
  }

  @Test
  void soManyBodiesAreReadAndNoMore() throws Exception {
    try (ServedNode served = served(PeerOptions.builder().maxBodies(1))) {
      CompletableFuture<Reply> slow = callers.call(() -> post(served, heldBack(body(2))));
      held.await();
      assertOverloaded(
          post(served, new ByteArrayInputStream(body(2))),
          "overloaded: 1 bodies of requests are being read");
      assertThat(served.get("Tom").code()).isEqualTo(200);
      goOn.countDown();
      assertThat(result(slow).code()).isEqualTo(200);
      assertThat(post(served, new ByteArrayInputStream(body(2))).code()).isEqualTo(200);
      assertThat(served.pool.stats().bodiesRefused()).isEqualTo(1);
    }
  }

  /** Whether they hold bodies back or have many, nodes can still ask each other. */
  @Test
  void bodiesOfStrangersTakeNothingOfWhatNodesHave() throws Exception {
    Map<String, String> node = Map.of(PeerHeaders.SENDER, ServedNode.MARK);
    try (ServedNode served = served(PeerOptions.builder().maxBodies(1).maxBodyBytes(1))) {
      CompletableFuture<Reply> slow = callers.call(() -> post(served, heldBack(body(500))));
      held.await();
      assertThat(post(served, new ByteArrayInputStream(body(2))).code()).isEqualTo(503);
      assertThat(post(served, new ByteArrayInputStream(body(2)), node).code()).isEqualTo(200);
      goOn.countDown();
      assertThat(result(slow).code()).isEqualTo(200);
    }
  }

  @Test
  void noMoreIsReadThanTheFirstKeyTooMany() throws Exception {
    byte[] body = body(100_000);
    ByteArrayInputStream in = new ByteArrayInputStream(body);
    try (ServedNode served = served(PeerOptions.builder())) {
      Reply reply = post(served, in);
      assertThat(reply.code()).isEqualTo(400);
      assertThat(reply.body()).hasToString("malformed request: more than 1024 keys\n");
      assertThat(body.length - in.available()).isLessThan(body(1025).length + 8192);
    }
  }

  @Test
  void bodiesTakeNoMoreBytesTogetherThanMayBe() throws Exception {
    byte[] body = body(500);
    try (ServedNode served = served(PeerOptions.builder().maxBodyBytes(body.length + 10))) {
      CompletableFuture<Reply> slow = callers.call(() -> post(served, heldBack(body)));
      held.await();
      assertOverloaded(
          post(served, new ByteArrayInputStream(body)),
          "overloaded: bodies of requests take " + (body.length + 10) + " bytes");
      goOn.countDown();
      assertThat(result(slow).code()).isEqualTo(200);
      assertThat(post(served, new ByteArrayInputStream(body)).code()).isEqualTo(200);
    }
  }

  @Test
  void aBodyThatIsTheOnlyOneMayBeLonger() throws Exception {
    try (ServedNode served = served(PeerOptions.builder().maxBodyBytes(1))) {
      assertThat(post(served, new ByteArrayInputStream(body(500))).code()).isEqualTo(200);
    }
  }

  /** A byte now and then keeps no thread for ever. */
  @Test
  void aBodyThatDripsIsGivenUpWhenItsTimeIsOver() throws Exception {
    AtomicLong now = new AtomicLong();
    PeerOptions options = PeerOptions.builder().bodyTimeout(Duration.ofMillis(50)).build();
    InputStream drip =
        new InputStream() {
          @Override
          public int read() {
            now.addAndGet(Duration.ofMillis(10).toNanos());
            return 0;
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            into[offset] = (byte) read();
            return 1;
          }
        };
    try (BodyLimits.Share share = new BodyLimits(options, now::get, () -> {}).share()) {
      InputStream limited = share.limited(() -> drip).open();
      assertThatThrownBy(() -> limited.readNBytes(1000))
          .isInstanceOfSatisfying(
              BodyLimits.Refused.class,
              refused -> {
                assertThat(refused.reply.code()).isEqualTo(400);
                assertThat(refused.reply.body())
                    .hasToString("the body did not come within 50 ms\n");
              });
    }
    assertThat(now).hasValue(Duration.ofMillis(60).toNanos());
  }
}
