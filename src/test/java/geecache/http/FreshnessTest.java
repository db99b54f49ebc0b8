package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.Geecache;
import geecache.KeyNotFoundException;
import geecache.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Validators, freshness and {@code Cache-Status} of replies, and the answers to no value. */
class FreshnessTest {
  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 0);
  private final HTTPPool pool = new HTTPPool(node, "self");
  private final GatedGetter source = new GatedGetter();

  @AfterEach
  void close() {
    node.close();
  }

  private CompletableFuture<Reply> get(@Nullable String ifNoneMatch) {
    return pool.handle(
        FakeRequests.of(
            "GET",
            "/_geecache/g/Tom",
            "/g/Tom",
            "/g/Tom",
            null,
            ifNoneMatch == null ? Map.of() : Map.of("If-None-Match", ifNoneMatch),
            null));
  }

  private Reply load(String value) throws Exception {
    CompletableFuture<Reply> reply = get(null);
    source.next().answer(value);
    return result(reply);
  }

  @Test
  void aValueWithoutAnEndIsToBeRevalidated() throws Exception {
    node.group("g").register(source);
    Reply miss = load("630");
    assertThat(miss.headers())
        .containsEntry("Cache-Control", "no-cache")
        .containsEntry("Cache-Status", "geecache; fwd=miss; stored")
        .doesNotContainKey("Age");
    assertThat(miss.headers().get("ETag")).matches("\"[0-9a-f]{16}\"");
    Reply hit = result(get(null));
    assertThat(hit.headers())
        .containsEntry("Cache-Status", "geecache; hit")
        .containsEntry("ETag", miss.headers().get("ETag"));
  }

  @Test
  void aMatchingValidatorSavesTheBody() throws Exception {
    node.group("g").register(source);
    String etag = load("630").headers().get("ETag");
    Reply notModified = result(get("\"other\", W/" + etag));
    assertThat(notModified.code()).isEqualTo(304);
    assertThat(notModified.body().length()).isZero();
    assertThat(notModified.headers())
        .containsEntry("ETag", etag)
        .containsEntry("Cache-Control", "no-cache")
        .containsEntry("Geecache-Status", "ok")
        .doesNotContainKey("Content-Type");
    assertThat(result(get("\"other\"")).code()).isEqualTo(200);
  }

  @Test
  void aValueHasTheContentTypeOfItsGroup() throws Exception {
    node.group("g").contentType("text/plain; charset=utf-8").register(source);
    assertThat(load("630").headers())
        .containsEntry("Content-Type", "text/plain; charset=utf-8")
        .containsEntry("X-Content-Type-Options", "nosniff");
    assertThat(result(get(null)).headers())
        .containsEntry("Content-Type", "text/plain; charset=utf-8");
  }

  @Test
  void aValueIsBytesUnlessItsGroupSaysMore() throws Exception {
    node.group("g").register(source);
    assertThat(load("630").headers())
        .containsEntry("Content-Type", "application/octet-stream")
        .containsEntry("X-Content-Type-Options", "nosniff");
  }

  /** Errors are text, whatever the values are. */
  @Test
  void aFailureHasATypeOfItsOwn() throws Exception {
    node.group("g").contentType("application/json").register(source);
    CompletableFuture<Reply> reply = get(null);
    source.next().fail(new KeyNotFoundException("none"));
    assertThat(result(reply).headers().get("Content-Type")).startsWith("text/plain");
  }

  @Test
  void theValidatorChangesWithTheValue() throws Exception {
    node.group("g").register(source);
    String etag = load("630").headers().get("ETag");
    node.find("g").orElseThrow().remove("Tom");
    assertThat(load("631").headers().get("ETag")).isNotEqualTo(etag);
    node.find("g").orElseThrow().remove("Tom");
    assertThat(load("630").headers().get("ETag")).isEqualTo(etag);
  }

  /** A client holds it for max-age less Age: 10 s in all, 6 s from now. */
  @Test
  void freshnessIsTheWholeLifeAndTheAge() throws Exception {
    node.group("g").timeToLive(Duration.ofSeconds(10)).register(source);
    assertThat(load("630").headers())
        .containsEntry("Cache-Control", "max-age=10")
        .containsEntry("Age", "0")
        .containsEntry("Cache-Status", "geecache; fwd=miss; ttl=10; stored");
    ticker.advance(Duration.ofSeconds(4));
    assertThat(result(get(null)).headers())
        .containsEntry("Cache-Control", "max-age=10")
        .containsEntry("Age", "4")
        .containsEntry("Cache-Status", "geecache; hit; ttl=6");
    ticker.advance(Duration.ofSeconds(6));
    assertThat(load("631").headers())
        .containsEntry("Cache-Status", "geecache; fwd=stale; ttl=10; stored");
  }

  @Test
  void aStaleValueIsMarked() throws Exception {
    node.group("g")
        .timeToLive(Duration.ofSeconds(10))
        .staleIfError(Duration.ofSeconds(60))
        .register(source);
    load("630");
    ticker.advance(Duration.ofSeconds(15));
    CompletableFuture<Reply> reply = get(null);
    source.next().fail(new IOException("down"));
    assertThat(result(reply).code()).isEqualTo(200);
    assertThat(result(reply).body()).hasToString("630");
    assertThat(result(reply).headers())
        .containsEntry("Cache-Control", "max-age=10")
        .containsEntry("Age", "15")
        .containsEntry("Cache-Status", "geecache; fwd=stale; ttl=-5; detail=stale-if-error");
  }

  @Test
  void aGetThatJoinsALoadIsToldSo() throws Exception {
    node.group("g").register(source);
    CompletableFuture<Reply> first = get(null);
    CompletableFuture<Reply> second = get(null);
    assertThat(second).isNotDone();
    source.next().answer("630");
    assertThat(result(first).headers()).containsEntry("Cache-Status", "geecache; fwd=miss; stored");
    assertThat(result(second).headers())
        .containsEntry("Cache-Status", "geecache; fwd=miss; stored; collapsed");
  }

  @Test
  void aValueThatIsNotKeptIsNotCalledStored() throws Exception {
    node.group("g").maxBytes(1).register(key -> "630".getBytes(UTF_8));
    assertThat(result(get(null)).headers()).containsEntry("Cache-Status", "geecache; fwd=miss");
  }

  @Test
  void overloadedIs503AndSaysWhenToComeBack() throws Exception {
    node.group("g").maxLoads(1).maxWaitingLoads(0).register(source);
    CompletableFuture<?> running = node.find("g").orElseThrow().getAsync("other");
    Reply refused = result(get(null));
    assertThat(refused.code()).isEqualTo(503);
    assertThat(refused.headers())
        .containsEntry("Retry-After", "1")
        .containsEntry("Cache-Control", "no-store")
        .containsEntry("Geecache-Status", "overloaded");
    assertThat(refused.body().toString()).startsWith("overloaded: 1 loads of group g ");
    source.next().answer("x");
    result(running);
  }

  @Test
  void aLoadOrWaitOutOfTimeIs504() throws Exception {
    node.group("g").loadTimeout(Duration.ofMillis(5)).register(source);
    Reply late = result(get(null));
    assertThat(late.code()).isEqualTo(504);
    assertThat(late.headers()).containsEntry("Geecache-Status", "load-timeout");
    assertThat(late.body()).hasToString("load of g/Tom ran out of time after 5 ms\n");
    try (Geecache impatient = new Geecache(Ticker.system(), 0)) {
      impatient.group("g").waitTimeout(Duration.ofMillis(5)).register(source);
      Reply gaveUp =
          result(
              new HTTPPool(impatient, "self")
                  .handle(FakeRequests.of("GET", "/g/Tom", "/g/Tom", "/g/Tom", null)));
      assertThat(gaveUp.code()).isEqualTo(504);
      assertThat(gaveUp.body().toString())
          .matches(
              "gave up waiting for g/Tom after 5 ms; the load has (been running|not begun) for \\d+"
                  + " ms\n");
    }
  }

  @Test
  void aValueOverTheLimitFailsAndIsNotStored() throws Exception {
    node.group("g").maxValueBytes(2).register(source);
    Reply refused = load("630");
    assertThat(refused.code()).isEqualTo(500);
    assertThat(refused.body()).hasToString("value is too large: 3 bytes, at most 2\n");
    assertThat(node.find("g").orElseThrow().stats().entries()).isZero();
  }
}
