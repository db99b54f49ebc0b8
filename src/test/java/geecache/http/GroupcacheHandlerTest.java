package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.FakeTicker;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.LogCapture;
import geecache.ring.HashRing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Go nodes are answered. Nobody listens at the other URL. */
class GroupcacheHandlerTest {
  private static final String GO = "http://127.0.0.1:1";
  private static final PeerOptions OPEN =
      PeerOptions.builder().groupcache(true).groupcachePeers(List.of(GO)).build();

  private final FakeTicker ticker = new FakeTicker();
  private ServedNode served = new ServedNode(OPEN, ticker);

  private void serve(PeerOptions options) {
    served.close();
    served = new ServedNode(options, ticker);
  }

  private void register() {
    served.group().register(GroupcacheHandlerTest::load);
  }

  private static byte[] load(String key) throws Exception {
    switch (key) {
      case "absent" -> throw new KeyNotFoundException("no row");
      case "fails" -> throw new LoadException("kkk not exist");
      default -> {
        return key.getBytes(UTF_8);
      }
    }
  }

  @AfterEach
  void close() {
    served.close();
  }

  private Reply ask(String rest) throws Exception {
    return served.ask("GET", "/_groupcache/" + rest);
  }

  private static String valueOf(Reply reply) throws IOException {
    return new String(GroupcacheCodec.decode(reply.body().toByteArray()), UTF_8);
  }

  @Test
  void aValueIsAMessageAsGoSendsIt() throws Exception {
    register();
    Reply reply = ask("g/630");
    assertThat(reply.code()).isEqualTo(200);
    assertThat(reply.headers()).containsEntry("Content-Type", "application/x-protobuf");
    assertThat(reply.body().toByteArray()).asHexString().isEqualTo("0A03363330");
  }

  /** As {@code url.QueryEscape} of Go 1.19 writes them. */
  @ParameterizedTest
  @CsvSource({
    "a+b, 'a b'",
    "a%2Bb, a+b",
    "a%20b, 'a b'",
    "a%2Fb, a/b",
    "a%2F%2Fb, a//b",
    "a%252Fb, a%2Fb",
    "%E4%B8%AD, 中",
    "a%3Bb%3Dc, a;b=c",
    "-_.~, -_.~",
  })
  void readsKeysAsGoEscapesThem(String escaped, String key) throws Exception {
    register();
    assertThat(valueOf(ask("g/" + escaped))).isEqualTo(key);
  }

  /** What Go would have escaped, somebody else wrote, or somebody else took apart. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "g",
        "g/",
        "g/a/b",
        "g//a",
        "/g/a",
        "g/a;b",
        "g/a:b",
        "g/%FF",
        "g/%zz",
        "g/a%2",
        "g/a?key=b",
        "g/.",
        "g/..",
        "g/%2E%2E",
        "../k"
      })
  void refusesWhatGoCannotHaveWritten(String path) throws Exception {
    register();
    Reply reply = ask(path);
    assertThat(reply.code()).isIn(400, 404);
    assertThat(reply.headers().get(Reply.STATUS_HEADER)).isIn("bad-request", "no-such-group");
  }

  @Test
  void failuresAreNoAnswersToGo() throws Exception {
    register();
    assertThat(ask("g/absent").code()).isEqualTo(404);
    assertThat(ask("g/fails").code()).isEqualTo(500);
    assertThat(ask("g/fails").body()).hasToString("kkk not exist\n");
    assertThat(ask("nope/k").code()).isEqualTo(404);
    assertThat(ask("nope/k").body()).hasToString("no such group: nope\n");
    assertThat(ask("").body()).hasToString("bad request\n");
  }

  @Test
  void nothingIsChangedByIt() throws Exception {
    register();
    for (String method : List.of("PUT", "POST", "DELETE", "OPTIONS")) {
      Reply reply = served.ask(method, "/_groupcache/g/k");
      assertThat(reply.code()).isEqualTo(405);
      assertThat(reply.headers()).containsEntry("Allow", "GET, HEAD");
    }
  }

  @Test
  void isClosedUnlessSwitchedOn() throws Exception {
    serve(ServedNode.OPEN);
    register();
    assertThat(ask("g/k").code()).isEqualTo(404);
    assertThat(ask("g/k").body()).hasToString("geecache.groupcache is not true on this node\n");
  }

  @Test
  void needsTheSecretAndTellsOnceThatGoNodesLackIt() throws Exception {
    serve(ServedNode.secret().groupcache(true).build());
    register();
    try (LogCapture log = new LogCapture("geecache.http", Level.WARNING)) {
      assertThat(ask("g/k").code()).isEqualTo(401);
      assertThat(ask("g/k").code()).isEqualTo(401);
      assertThat(log.messages())
          .singleElement()
          .asString()
          .contains("give the HTTPPool of all Go nodes a Transport that sends it");
    }
    assertThat(valueOf(served.asOwner().ask("GET", "/_groupcache/g/k"))).isEqualTo("k");
  }

  @Test
  void saysNothingOfGoNodesIfThereAreNone() throws Exception {
    serve(ServedNode.SECRET);
    try (LogCapture log = new LogCapture("geecache.http", Level.WARNING)) {
      assertThat(ask("g/k").code()).isEqualTo(401);
      assertThat(log.messages()).isEmpty();
    }
  }

  @Test
  void needsNoSecretWhereReadsArePublic() throws Exception {
    serve(ServedNode.secret().publicReads(true).groupcache(true).build());
    register();
    assertThat(valueOf(ask("g/k"))).isEqualTo("k");
  }

  /** A key of a Go node's that is asked for here is loaded here, although the ring has another. */
  @Test
  void isAnsweredHereAndNeverForwardedAndADifferentRingIsTold() throws Exception {
    register();
    served.pool.set(List.of(ServedNode.SELF));
    HashRing ring = HashRing.compatible(List.of(GO, ServedNode.SELF), 50);
    String others = firstKeyOf(ring, GO);
    String own = firstKeyOf(ring, ServedNode.SELF);
    served.with("Host", "LOCALHOST:9999");
    try (LogCapture log = new LogCapture("geecache.http", Level.WARNING)) {
      assertThat(valueOf(ask("g/" + own))).isEqualTo(own);
      assertThat(log.messages()).isEmpty();
      assertThat(valueOf(ask("g/" + others))).isEqualTo(others);
      assertThat(valueOf(ask("g/" + others))).isEqualTo(others);
      assertThat(log.messages())
          .singleElement()
          .asString()
          .contains(ServedNode.SELF + ", by the name LOCALHOST:9999 for a key of another owner");
    }
    assertThat(served.pool.stats().viewDifferences()).isEqualTo(2);
    assertThat(served.pool.stats().failures()).isZero();
  }

  private static String firstKeyOf(HashRing ring, String owner) {
    int i = 0;
    while (!owner.equals(ring.owner("k" + i))) {
      i++;
    }
    return "k" + i;
  }

  @Test
  void noStaleValueIsGivenAwayForGood() throws Exception {
    AtomicBoolean fails = new AtomicBoolean();
    served
        .group()
        .timeToLive(Duration.ofSeconds(1))
        .staleIfError(Duration.ofHours(1))
        .register(
            key -> {
              if (fails.get()) {
                throw new LoadException("down");
              }
              return load(key);
            });
    assertThat(valueOf(ask("g/k"))).isEqualTo("k");
    fails.set(true);
    ticker.advance(Duration.ofSeconds(2));
    assertThat(served.get("k").code()).isEqualTo(200);
    assertThat(ask("g/k").code()).isEqualTo(500);
  }

  @Test
  void urlsAreOnTheRingAsTheyAreWrittenOrRefused() {
    assertThatThrownBy(() -> served.pool.set(List.of("http://LOCALHOST:9999/")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "write it as all nodes do: http://localhost:9999 and not http://LOCALHOST:9999/");
    served.pool.set(List.of(ServedNode.SELF));
    assertThat(served.pool.nodes()).containsExactly(GO, ServedNode.SELF);
    HashRing ring = HashRing.compatible(List.of(GO, ServedNode.SELF), 50);
    for (int i = 0; i < 100; i++) {
      assertThat(served.pool.owns("k" + i)).isEqualTo(ServedNode.SELF.equals(ring.owner("k" + i)));
    }
  }

  @Test
  void aRequestWithABodyIsRefused() throws Exception {
    register();
    Reply reply = result(served.send("GET", "/_groupcache/g/k", Map.of(), new byte[1]));
    assertThat(reply.code()).isEqualTo(400);
  }
}
