package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.cluster.KeyRead;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what: with no secret, with one, and where reads are public. */
class AccessTest {
  private static final Map<Integer, String> TOKENS =
      Map.of(
          200, "ok", 204, "ok", 401, "unauthorized", 403, "forbidden", 405, "method-not-allowed");

  private static ServedNode served(String policy, String shown) {
    ServedNode served =
        new ServedNode(
            switch (policy) {
              case "open" -> ServedNode.OPEN;
              case "secret" -> ServedNode.SECRET;
              default -> ServedNode.secret().publicReads(true).build();
            });
    return served.with(
        "Authorization",
        switch (shown) {
          case "first" -> "Bearer " + ServedNode.FIRST;
          case "second" -> "bearer " + ServedNode.SECOND;
          case "wrong" -> "Bearer wrong-secret-of-none";
          default -> null;
        });
  }

  private static Reply ask(ServedNode served, String what) throws Exception {
    return switch (what) {
      case "POST" ->
          served.batch(
              new BatchRead(
                  false, List.of(new KeyRead("Tom", List.of(), false)), VersionVector.EMPTY));
      case "PUT" -> result(served.send("PUT", "/_geecache/g/x", Map.of(), "new".getBytes(UTF_8)));
      case "DELETE" -> served.ask("DELETE", "/_geecache/g/Tom");
      case "clear" -> served.ask("DELETE", "/_geecache/g?all=true");
      case "meet" -> served.meet(new Meeting("", Standing.UNTOLD, 0, false, List.of()));
      case "meet with a removal" ->
          served.meet(new Meeting("", Standing.UNTOLD, 0, false, List.of(removal())));
      case "meet with clear" -> served.meet(new Meeting("", Standing.UNTOLD, 0, true, List.of()));
      case "changes" -> served.change(List.of(), removal());
      case "change" -> served.tell("/_cluster/change?group=g", VersionOne.change(removal()));
      case "status" -> served.ask("GET", "/_cluster/status");
      case "explain" -> served.ask("GET", "/_cluster/explain?group=g&key=Tom");
      case "GET among nodes" -> served.ask("GET", "/_cluster/meet");
      default -> served.ask(what, "/_geecache/g/Tom");
    };
  }

  private static Removal removal() {
    return new Removal(1, 1, 1, "g", "Tom");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET                 | 200 | 401 | 200 | 200 | 200
          HEAD                | 200 | 401 | 200 | 200 | 200
          POST                | 200 | 401 | 401 | 200 | 200
          PUT                 | 403 | 401 | 401 | 204 | 204
          DELETE              | 403 | 401 | 401 | 204 | 204
          clear               | 403 | 401 | 401 | 204 | 204
          meet                | 200 | 401 | 401 | 200 | 200
          meet with a removal | 403 | 401 | 401 | 200 | 200
          meet with clear     | 403 | 401 | 401 | 200 | 200
          changes             | 403 | 401 | 401 | 200 | 200
          change              | 403 | 401 | 401 | 200 | 200
          GET among nodes     | 405 | 401 | 401 | 405 | 405
          status              | 403 | 401 | 401 | 200 | 200
          explain             | 403 | 401 | 401 | 200 | 200
          OPTIONS             | 405 | 401 | 401 | 405 | 405
          """)
  void eachSecretAllowsItsRequests(
      String what, int open, int stranger, int publicly, int first, int second) throws Exception {
    assertCode(what, open, "open", "none", "wrong", "first");
    assertCode(what, stranger, "secret", "none", "wrong");
    assertCode(what, publicly, "public", "none", "wrong");
    assertCode(what, first, "secret", "first");
    assertCode(what, second, "secret", "second");
    assertCode(what, first, "public", "first", "second");
  }

  private static void assertCode(String what, int code, String policy, String... shown)
      throws Exception {
    for (String each : shown) {
      try (ServedNode served = served(policy, each)) {
        served.group().register(key -> key.getBytes(UTF_8));
        served.node.find("g").orElseThrow().get("Tom");
        Reply reply = ask(served, what);
        assertThat(reply.code()).as("%s, %s, %s", policy, each, what).isEqualTo(code);
        assertThat(reply.headers()).containsEntry("Geecache-Status", TOKENS.get(code));
        assertThat(reply.headers().get("WWW-Authenticate"))
            .isEqualTo(code == 401 ? "Bearer" : null);
        if (code >= 400) {
          assertThat(served.node.find("g").orElseThrow().stats().entries()).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void aRefusalSaysWhichSettingAllowsIt() throws Exception {
    try (ServedNode open = new ServedNode(ServedNode.OPEN)) {
      open.group().register(key -> key.getBytes(UTF_8));
      for (String what : List.of("changes", "change")) {
        assertThat(ask(open, what).body())
            .hasToString("changes need a secret: set geecache.secret on all nodes\n");
      }
    }
  }

  /** Whoever shows no secret learns nothing about groups, and no mark is read. */
  @ParameterizedTest
  @ValueSource(strings = {"/_geecache/nope/x", "/_geecache/g", "/_cluster/nope"})
  void withoutTheSecretNothingIsTold(String target) throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.SECRET)) {
      assertThat(served.ask("GET", target).body())
          .hasToString("the secret of this cluster is required\n");
    }
  }

  /** A cache between client and node that looks at nothing else must not give it to others. */
  @ParameterizedTest
  @CsvSource({
    "open, none, no-cache, max-age=60",
    "public, first, no-cache, max-age=60",
    "secret, first, 'private, no-cache', 'private, max-age=60'"
  })
  void whereReadsNeedTheSecretAnswersArePrivate(
      String policy, String shown, String endless, String timed) throws Exception {
    for (Duration life : List.of(Duration.ZERO, Duration.ofMinutes(1))) {
      try (ServedNode served = served(policy, shown)) {
        served.group().timeToLive(life).register(key -> key.getBytes(UTF_8));
        Reply reply = served.get("Tom");
        String cacheControl = reply.headers().get("Cache-Control");
        assertThat(cacheControl).isEqualTo(life.isZero() ? endless : timed);
        served.with("If-None-Match", reply.headers().get("ETag"));
        assertThat(served.get("Tom").headers()).containsEntry("Cache-Control", cacheControl);
      }
    }
  }

  @Test
  void aMarkWithoutTheSecretMakesNoNode() throws Exception {
    FakeTicker ticker = new FakeTicker();
    GatedGetter source = new GatedGetter();
    try (ServedNode served =
        new ServedNode(ServedNode.secret().publicReads(true).build(), ticker)) {
      served.group().timeToLive(Duration.ofSeconds(10)).register(source);
      served
          .with(PeerHeaders.SENDER, ServedNode.MARK)
          .with(PeerHeaders.WAIT, "0")
          .with(PeerHeaders.VIEW, "1")
          .with(PeerHeaders.REMOVED, PeerHeaders.of(new Sender(1, 1)));
      CompletableFuture<Reply> loading = served.send("GET", "/_geecache/g/Tom");
      source.next().answer("630");
      Reply reply = result(loading);
      assertThat(reply.code()).isEqualTo(200);
      assertThat(reply.headers()).doesNotContainKey(PeerHeaders.LIFE);
      assertThat(served.isHit("Tom")).isTrue();
      assertThat(served.pool.stats().viewDifferences()).isZero();
    }
  }

  @Test
  void withTheSecretTheSameMarkMakesANode() throws Exception {
    GatedGetter source = new GatedGetter();
    try (ServedNode served = new ServedNode(ServedNode.secret().publicReads(true).build())) {
      served.group().timeToLive(Duration.ofHours(1)).register(source);
      served.asNode().with(PeerHeaders.WAIT, "0").with(PeerHeaders.VIEW, "1");
      assertThat(served.get("Tom").code()).isEqualTo(202);
      source.next().answer("630");
      served.with(PeerHeaders.WAIT, null);
      assertThat(served.get("Tom").headers()).containsKey(PeerHeaders.LIFE);
      assertThat(served.pool.stats().viewDifferences()).isEqualTo(2);
    }
  }

  /** Else anybody could remove what they like, by reading it. */
  @Test
  void whereThereIsNoSecretAReadRemovesNothing() throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.OPEN)) {
      served.group().register(key -> key.getBytes(UTF_8));
      served.get("Tom");
      served.with(PeerHeaders.SENDER, ServedNode.MARK);
      Removal.Named removal = new Removal.Named(new Removal.Id(1, 1), 1, false);
      Removal.Named clearing = new Removal.Named(new Removal.Id(1, 2), 1, true);
      served.with(PeerHeaders.REMOVED, PeerHeaders.of(List.of(removal, clearing)));
      assertThat(served.isHit("Tom")).isTrue();
      served.with(PeerHeaders.REMOVED, null);
      served.batch(
          new BatchRead(
              false,
              List.of(new KeyRead("Tom", List.of(removal, clearing), false)),
              VersionVector.EMPTY));
      assertThat(served.isHit("Tom")).isTrue();
    }
  }
}
