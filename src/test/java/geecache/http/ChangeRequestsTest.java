package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.Group;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
    assertThat(reply.body()).hasToString("a value of this group may have at most 8 bytes\n");
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

  @Test
  void aKeyIsDeletedAloneWhateverElseIsSaid() throws Exception {
    put("/_geecache/g/Tom", null, "630");
    put("/_geecache/g/Jack", null, "589");
    assertThat(served.ask("DELETE", "/_geecache/g?all=true&key=Tom").code()).isEqualTo(204);
    assertThat(served.get("Jack").body()).hasToString("589");
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /_geecache/g, 400, bad-request, bad request",
    "PUT, /_geecache/g?all=true, 400, bad-request, bad request",
    "PUT, /_geecache/g/, 400, bad-request, key is required",
    "DELETE, /_geecache/g/, 400, bad-request, key is required",
    "DELETE, /_geecache/g/?all=true, 400, bad-request, key is required",
    "DELETE, /_geecache/g?key=a&key=b, 400, bad-request, bad request",
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
