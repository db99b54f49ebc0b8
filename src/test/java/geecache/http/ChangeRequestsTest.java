package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.Group;
import geecache.LogCapture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code PUT} and {@code DELETE}, by whoever has the secret. */
class ChangeRequestsTest {
  private final FakeTicker ticker = new FakeTicker();
  private final ServedNode served = new ServedNode(ServedNode.SECRET, ticker).asOwner();
  private final Set<String> loaded = ConcurrentHashMap.newKeySet();
  private final Group group =
      served
          .group()
          .maxValueBytes(8)
          .timeToLive(Duration.ofHours(1))
          .register(
              key -> {
                loaded.add(key);
                return "loaded".getBytes(UTF_8);
              });

  @AfterEach
  void close() {
    served.close();
  }

  private Reply put(String target, @Nullable String cacheControl, String value) throws Exception {
    Map<String, String> headers =
        cacheControl == null ? Map.of() : Map.of("Cache-Control", cacheControl);
    return result(served.send("PUT", target, headers, value.getBytes(UTF_8)));
  }

  @Test
  void aValueThatIsPutIsServed() throws Exception {
    Reply reply = put("/_geecache/g/Tom", null, "630");
    assertThat(reply.code()).isEqualTo(204);
    assertThat(reply.headers()).containsExactly(Map.entry("Geecache-Status", "ok"));
    assertThat(reply.body().length()).isZero();
    assertThat(served.get("Tom").body()).hasToString("630");
    assertThat(loaded).isEmpty();
  }

  @Test
  void aValueThatIsPutTakesThePlaceOfAnother() throws Exception {
    served.get("Tom");
    put("/_geecache/g/Tom", null, "630");
    assertThat(served.get("Tom").body()).hasToString("630");
  }

  @Test
  void theQueryNamesTheKeyToo() throws Exception {
    put("/_geecache/g?key=a/../b", null, "");
    assertThat(served.ask("GET", "/_geecache/g?key=a/../b").body()).hasToString("");
    assertThat(loaded).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "max-age=10, 10",
    "max-age=000000000000010, 10",
    "max-age=99999999999, 2147483647",
    "'private, max-age=10', 10",
    "'MAX-AGE=10, must-revalidate', 10",
    "'max-age=\"10\"', 10",
    "'s-maxage=5,max-age=10', 10",
    "no-cache, 3600",
    "s-max-age=10, 3600",
    "max-age=-1, 3600",
    "max-age=ten, 3600",
    ", 3600",
  })
  void maxAgeIsItsTimeToLive(@Nullable String cacheControl, long seconds) throws Exception {
    put("/_geecache/g/Tom", cacheControl, "630");
    assertThat(served.get("Tom").headers())
        .containsEntry("Cache-Status", "geecache; hit; ttl=" + seconds);
    ticker.advance(Duration.ofSeconds(seconds));
    assertThat(served.get("Tom").body()).hasToString("loaded");
  }

  @Test
  void theLongestMaxAgeIsTakenForACentury() throws Exception {
    assertThat(put("/_geecache/g/Tom", "max-age=9999999999", "630").code()).isEqualTo(204);
    assertThat(served.isHit("Tom")).isTrue();
  }

  @Test
  void aValueWithoutTimeToLiveIsNotKept() throws Exception {
    served.get("Tom");
    assertThat(put("/_geecache/g/Tom", "max-age=0", "630").code()).isEqualTo(204);
    assertThat(group.stats().entries()).isZero();
  }

  @Test
  void aValueOverTheLimitIsRefusedAndNothingChanges() throws Exception {
    assertThat(put("/_geecache/g/Tom", null, "8 bytes.").code()).isEqualTo(204);
    Reply reply = put("/_geecache/g/Tom", null, "9 bytes..");
    assertThat(reply.code()).isEqualTo(413);
    assertThat(reply.headers()).containsEntry("Geecache-Status", "bad-request");
    assertThat(reply.body())
        .hasToString("a value of this group may have at most 8 bytes, and this one has more\n");
    assertThat(served.get("Tom").body()).hasToString("8 bytes.");
    put("/_geecache/g/Jack", null, "9 bytes..");
    assertThat(group.stats().entries()).isEqualTo(1);
  }

  @Test
  void aKeyThatIsDeletedIsLoadedAgain() throws Exception {
    put("/_geecache/g/Tom", null, "630");
    put("/_geecache/g/Jack", null, "589");
    assertThat(served.ask("DELETE", "/_geecache/g/Tom").code()).isEqualTo(204);
    assertThat(served.get("Tom").body()).hasToString("loaded");
    assertThat(served.get("Jack").body()).hasToString("589");
  }

  @Test
  void anAbsentKeyMayBeDeleted() throws Exception {
    assertThat(served.ask("DELETE", "/_geecache/g?key=Tom").code()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "?all", "?all=", "?all=false", "?all=TRUE", "?all=true1", "?x=all=true"})
  void aWholeGroupIsDeletedOnlyIfThatIsSaid(String query) throws Exception {
    put("/_geecache/g/Tom", null, "630");
    Reply reply = served.ask("DELETE", "/_geecache/g" + query);
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("DELETE of a whole group needs ?all=true\n");
    assertThat(served.get("Tom").body()).hasToString("630");
  }

  @Test
  void aWholeGroupIsDeleted() throws Exception {
    put("/_geecache/g/Tom", null, "630");
    put("/_geecache/g/Jack", null, "589");
    assertThat(served.ask("DELETE", "/_geecache/g?x=1&all=true").code()).isEqualTo(204);
    assertThat(group.stats().entries()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"?all=true&key=Tom", "/Tom?all=true", "/?all=true"})
  void eitherAKeyIsDeletedOrAll(String target) throws Exception {
    put("/_geecache/g/Tom", null, "630");
    put("/_geecache/g/Jack", null, "589");
    Reply reply = served.ask("DELETE", "/_geecache/g" + target);
    assertThat(reply.code()).isEqualTo(400);
    assertThat(reply.body()).hasToString("all=true is for a whole group, and a key is named too\n");
    assertThat(group.stats().entries()).isEqualTo(2);
  }

  @Test
  void aValueThatTheGroupHasNoRoomForIsRefusedWithBothSizes() throws Exception {
    served.node.group("small").maxBytes(1000).register(key -> "loaded".getBytes(UTF_8));
    assertThat(put("/_geecache/small/Tom", null, "630").code()).isEqualTo(204);
    Reply reply = put("/_geecache/small/Tom", null, "x".repeat(1000));
    assertThat(reply.code()).isEqualTo(413);
    assertThat(reply.body().toString())
        .matches(
            "value is too large: it takes 1\\d{3} bytes of heap, and the group has room for 1000\n");
    assertThat(served.ask("GET", "/_geecache/small/Tom").body()).hasToString("630");
  }

  @Test
  void theSizeOfAValueOverTheLimitIsToldIfTheRequestSaysIt() throws Exception {
    Map<String, String> length = Map.of("Content-Length", "9");
    Reply reply =
        result(served.send("PUT", "/_geecache/g/Tom", length, "9 bytes..".getBytes(UTF_8)));
    assertThat(reply.body())
        .hasToString("a value of this group may have at most 8 bytes, and this one has 9\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE"})
  void aNodeThatIsBeingClosedRefusesChanges(String method) throws Exception {
    served.pool.set(List.of(ServedNode.SELF, "http://127.0.0.1:9"));
    served.pool.close();
    try (LogCapture log = new LogCapture("geecache.http", Level.SEVERE)) {
      Reply reply = result(served.send(method, "/_geecache/g/Tom", Map.of(), new byte[1]));
      assertThat(reply.code()).isEqualTo(503);
      assertThat(reply.headers())
          .containsEntry("Geecache-Status", "closed")
          .containsEntry("Retry-After", "1");
      assertThat(log.messages()).isEmpty();
    }
  }

  @Test
  void aClientThatLeavesBeforeItsBodyEndsIsNoErrorOfThisNode() throws Exception {
    for (Exception how :
        List.of(new IOException("reset"), new IllegalStateException("malformed"))) {
      try (LogCapture log = new LogCapture("geecache.http", Level.INFO)) {
        Request leaving =
            new Request(
                "PUT",
                "/_geecache/g/Tom",
                "/g/Tom",
                "/g/Tom",
                null,
                Request.Mapping.KEYS,
                Map.of("Authorization", "Bearer " + ServedNode.FIRST)::get,
                true,
                () -> new SequenceInputStream(new ByteArrayInputStream(new byte[4]), failing(how)));
        assertThat(result(served.pool.handle(leaving)).code()).isEqualTo(400);
        assertThat(log.messages()).isEmpty();
      }
    }
    assertThat(served.get("Tom").body()).hasToString("loaded");
  }

  private static InputStream failing(Exception how) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        if (how instanceof RuntimeException unchecked) {
          throw unchecked;
        }
        throw (IOException) how;
      }
    };
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /_geecache/g, 400, bad-request, bad request",
    "PUT, /_geecache/g?all=true, 400, bad-request, bad request",
    "PUT, /_geecache/g/, 400, bad-request, key is required",
    "DELETE, /_geecache/g/, 400, bad-request, key is required",
    "DELETE, /_geecache/g?key=a&key=b, 400, bad-request, the query has more than one key",
    "DELETE, /_geecache/g?key=%FF, 400, bad-request, key is not percent-encoded UTF-8",
    "DELETE, /_geecache/nope?all=true, 404, no-such-group, no such group: nope",
    "DELETE, /_geecache/nope/x, 404, no-such-group, no such group: nope",
    "PUT, /_geecache/nope/x, 404, no-such-group, no such group: nope",
  })
  void aChangeThatNamesNoKeyIsRefused(
      String method, String target, int code, String status, String line) throws Exception {
    put("/_geecache/g/Tom", null, "630");
    Reply reply = served.ask(method, target);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.headers()).containsEntry("Geecache-Status", status);
    assertThat(reply.body()).hasToString(line + "\n");
    assertThat(group.stats().entries()).isEqualTo(1);
  }
}
