package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.LogCapture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

class HTTPPoolTest {
  private final List<String> loaded = new ArrayList<>();
  private final Geecache node = new Geecache();
  private final HTTPPool pool = new HTTPPool(node, "http://localhost:9999");

  @BeforeEach
  void registerEcho() {
    node.newGroup(
        "echo",
        1 << 20,
        key -> {
          loaded.add(key);
          switch (key) {
            case "failed" -> throw new LoadException("failed\r\n[Server evil]");
            case "absent" -> throw new KeyNotFoundException("absent not exist");
            case "broken" -> throw new IllegalStateException("jdbc:secret");
            default -> {
              return key.getBytes(UTF_8);
            }
          }
        });
  }

  /** As a container that passes on what it is sent, decoded as we decode it. */
  private Reply get(String target) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    return ask("GET", path, PercentCoding.decode(path, false), query(target, question), false);
  }

  private static @Nullable String query(String target, int question) {
    return question < 0 ? null : target.substring(question + 1);
  }

  private Reply ask(
      String method, String path, @Nullable String info, @Nullable String query, boolean body) {
    return pool.handle(
            FakeRequests.of(
                method,
                "/_geecache" + path,
                path,
                info,
                query,
                Map.of(),
                body ? new byte[1] : null))
        .join();
  }

  @Test
  void answersTheBytesOfAKey() {
    Reply reply = get("/echo/Tom");
    assertThat(reply.code()).isEqualTo(200);
    assertThat(reply.body()).hasToString("Tom");
    assertThat(reply.headers())
        .containsEntry("Content-Type", "application/octet-stream")
        .containsEntry("Geecache-Status", "ok");
  }

  @ParameterizedTest
  @CsvSource({
    "/echo/a/b/c, a/b/c",
    "/echo/a%20b, a b",
    "/echo/a+b, a+b",
    "/echo/a%2Fb, a/b",
    "/echo?key=a+b, a b",
    "/echo?key=a%2Bb, a+b",
    "/echo?key=a/../b, a/../b",
    "/echo?key=a=b, a=b",
    "/echo?k%65y=Tom, Tom",
    "/echo?other=%zz&key=Tom&, Tom",
    "/echo?key=a%26b;c, a&b;c",
    "/e%63ho/Tom, Tom",
  })
  void bothFormsCarryTheKey(String target, String key) {
    assertThat(get(target).body()).hasToString(key);
    assertThat(loaded).containsExactly(key);
  }

  @ParameterizedTest
  @CsvSource({
    "/echo, 400, bad-request, bad request",
    "'', 400, bad-request, bad request",
    "/, 400, bad-request, bad request",
    "/nope, 400, bad-request, bad request",
    "/echo/a?key=a, 400, bad-request, there is a key in the path and one in the query",
    "/echo/?key=a, 400, bad-request, there is a key in the path and one in the query",
    "/echo?key=a&key=a, 400, bad-request, the query has more than one key",
    "/echo/, 400, bad-request, key is required",
    "/echo?key=, 400, bad-request, key is required",
    "/echo?key, 400, bad-request, key is required",
    "/echo/%FF, 400, bad-request, key is not percent-encoded UTF-8",
    "/echo?key=%zz, 400, bad-request, key is not percent-encoded UTF-8",
    "/%zz?key=a, 400, bad-request, group is not percent-encoded UTF-8",
    "/nope/x, 404, no-such-group, no such group: nope",
    "/nope/, 404, no-such-group, no such group: nope",
    "/nope?key=%zz, 404, no-such-group, no such group: nope",
    "/e%2Fcho/x, 404, no-such-group, no such group: e/cho",
    "//x, 404, no-such-group, 'no such group: '",
    "/?key=x, 404, no-such-group, 'no such group: '",
    "/%0D%0A[Server%20evil]/x, 404, no-such-group, no such group: \\r\\n[Server evil]",
    "/echo/absent, 404, no-such-key, absent not exist",
    "/echo/failed, 500, load-failed, failed\\r\\n[Server evil]",
  })
  void refusesInOneLine(String target, int code, String status, String line) {
    Reply reply = get(target);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.body()).hasToString(line + "\n");
    assertThat(reply.headers())
        .containsEntry("Content-Type", "text/plain; charset=utf-8")
        .containsEntry("X-Content-Type-Options", "nosniff")
        .containsEntry("Geecache-Status", status);
  }

  @Test
  void anyOtherFailureOfAGetterStaysInTheLog() {
    Reply reply = get("/echo/broken");
    assertThat(reply.code()).isEqualTo(500);
    assertThat(reply.body().toString()).matches("load failed: [0-9a-f]{8}\n");
  }

  @Test
  void aKeyMayHave2048Bytes() {
    assertThat(get("/echo/" + "x".repeat(2048)).code()).isEqualTo(200);
    Reply reply = get("/echo?key=" + "%E4%B8%AD".repeat(683));
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("key is too long: 2049 bytes of UTF-8, at most 2048\n");
    assertThat(loaded).hasSize(1);
  }

  /** What containers make of awkward paths: the raw path, and the path info they give for it. */
  @ParameterizedTest
  @CsvSource({
    "/echo/a;b=c, /echo/a, a%3Bb%3Dc",
    "/echo/a%3Bb, /echo/a, a%3Bb",
    "/echo/a//b, /echo/a/b, a%2F%2Fb",
    "/echo/a/../b, /echo/b, a%2F..%2Fb",
    "/echo/a+b, /echo/a b, a%2Bb",
    "/echo/a%2Fb, /echo/a%2Fb, a%2Fb",
    "/echo/a, , a",
  })
  void neverTheWrongKey(String rawPath, @Nullable String pathInfo, String pointer) {
    Reply reply = ask("GET", rawPath, pathInfo, null, false);
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body())
        .hasToString(
            "the path cannot carry this key, ask for /_geecache/echo?key=" + pointer + "\n");
    assertThat(loaded).isEmpty();
  }

  @Test
  void thePointerNamesThePathThatTheClientUsed() {
    Reply reply =
        pool.handle(FakeRequests.of("GET", "/shop/c/echo/a;b", "/echo/a;b", "/echo/a", null))
            .join();
    assertThat(reply.body())
        .hasToString("the path cannot carry this key, ask for /shop/c/echo?key=a%3Bb\n");
  }

  @Test
  void knowsUnderWhichUrlPeersFindIt() {
    assertThat(pool.baseUrl()).isEqualTo("http://localhost:9999/_geecache/");
    assertThat(new HTTPPool(node, "/", "/c/", null, PeerOptions.defaults()).baseUrl())
        .isEqualTo("/c/");
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPTIONS", "PATCH", "BREW", "get", "\r\n"})
  void otherMethodsAreNotAllowed(String method) {
    Reply reply = ask(method, "/echo/Tom", "/echo/Tom", null, false);
    assertThat(reply.code()).isEqualTo(405);
    assertThat(reply.body()).hasToString("method not allowed\n");
    assertThat(reply.headers())
        .containsEntry("Allow", "GET, HEAD, POST, PUT, DELETE")
        .containsEntry("Geecache-Status", "method-not-allowed");
    assertThat(loaded).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE"})
  void changesAreForbiddenWithoutASecret(String method) {
    Reply reply = ask(method, "/echo/Tom", "/echo/Tom", null, true);
    assertThat(reply.code()).isEqualTo(403);
    assertThat(reply.body())
        .hasToString("changes need a secret: set geecache.secret on all nodes\n");
    assertThat(reply.headers()).containsEntry("Geecache-Status", "forbidden");
  }

  @Test
  void postOfAKeyIsRefused() {
    Reply reply = ask("POST", "/echo/Tom", "/echo/Tom", null, true);
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("POST reads many keys of a group, named in its body\n");
    assertThat(loaded).isEmpty();
  }

  @Test
  void headAnswersAsGetDoes() {
    get("/echo/Tom");
    assertThat(ask("HEAD", "/echo/Tom", "/echo/Tom", null, false)).isEqualTo(get("/echo/Tom"));
  }

  @Test
  void aBodyIsRefused() {
    Reply reply = ask("GET", "/echo/Tom", "/echo/Tom", null, true);
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("GET takes no body\n");
    assertThat(loaded).isEmpty();
  }

  @Test
  void aClosedNodeHasNoGroups() {
    node.close();
    assertThat(get("/echo/Tom").code()).isEqualTo(404);
  }

  @Test
  void aFaultOfOurOwnIsAnAnswerToo() {
    Reply reply = ask("GET", "no slash", null, "%", false);
    assertThat(reply.code()).isBetween(400, 500);
    assertThat(reply.headers()).containsKey("Geecache-Status");
  }

  @Test
  void logsEachRequestAsTheSeedDoes() {
    try (LogCapture log = new LogCapture("geecache.http", java.util.logging.Level.FINE)) {
      get("/echo/Tom");
      get("/echo?key=a%0Ab");
      ask("GET\n", "/echo/\u001b[0m", null, null, false);
      assertThat(log.messages())
          .containsExactly(
              "FINE [Server http://localhost:9999] GET /_geecache/echo/Tom",
              "FINE [Server http://localhost:9999] GET /_geecache/echo?key=a%0Ab",
              "FINE [Server http://localhost:9999] GET\\n /_geecache/echo/\\u001b[0m");
    }
  }

  @Test
  void logsRequestsAtTheLevelAskedForOrNotAtAll() {
    Request request = FakeRequests.of("GET", "/_geecache/echo/Tom", "/echo/Tom", null, null);
    try (LogCapture log = new LogCapture("geecache.http", java.util.logging.Level.ALL)) {
      new HTTPPool(node, "a", "/_geecache/", Level.INFO, PeerOptions.defaults()).handle(request);
      new HTTPPool(node, "b", "/_geecache/", null, PeerOptions.defaults()).handle(request);
      assertThat(log.messages()).containsExactly("INFO [Server a] GET /_geecache/echo/Tom");
    }
  }

  @Test
  void refusesABasePathWithoutSlashes() {
    assertThatThrownBy(() -> new HTTPPool(node, "self", "_geecache", null, PeerOptions.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("base path must start and end with a slash: _geecache");
  }
}
