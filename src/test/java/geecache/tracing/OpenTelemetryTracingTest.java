package geecache.tracing;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import geecache.Getter;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one node tells of its gets and loads. */
class OpenTelemetryTracingTest {
  private static final AttributeKey<String> GROUP = AttributeKey.stringKey("geecache.group");
  private static final AttributeKey<Long> KEYS = AttributeKey.longKey("geecache.keys");
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final Spans spans = new Spans();
  private final Geecache node = new Geecache();

  OpenTelemetryTracingTest() {
    node.tracing(spans.tracing());
  }

  @AfterEach
  void close() {
    node.close();
    spans.close();
  }

  private Group group(Getter getter) {
    return node.newGroup("g", 1 << 20, getter);
  }

  @Test
  void aLoadIsPartOfTheGetThatBeganIt() throws Exception {
    CompletableFuture<String> inGetter = new CompletableFuture<>();
    Group group =
        group(
            key -> {
              inGetter.complete(Span.current().getSpanContext().getTraceId());
              return key.getBytes(UTF_8);
            });
    String trace = spans.traced(() -> group.get("Tom"));

    assertThat(result(inGetter)).isEqualTo(trace);
    SpanData get = spans.only("geecache.get");
    assertThat(get).matches(spans.isChildOf("caller"));
    assertThat(get.getAttributes().get(GROUP)).isEqualTo("g");
    assertThat(get.getAttributes().get(KEYS)).isEqualTo(1);
    assertThat(spans.only("load")).matches(spans.isChildOf("geecache.get"));
    assertThat(spans.all()).noneMatch(span -> span.toString().contains("Tom"));
  }

  @Test
  void aGetWithoutAThreadIsASpanToo() throws Exception {
    Group group = group(key -> key.getBytes(UTF_8));
    spans.traced(() -> result(group.getAsync("Tom")));
    assertThat(spans.only("geecache.get")).matches(spans.isChildOf("caller"));
    assertThat(spans.only("load")).matches(spans.isChildOf("geecache.get"));
  }

  @Test
  void aHitIsToldToNobody() throws Exception {
    Group group = group(key -> key.getBytes(UTF_8));
    group.get("Tom");
    int before = spans.all().size();
    spans.traced(
        () -> {
          group.get("Tom");
          result(group.getAsync("Tom"));
          group.getAll(List.of("Tom"));
        });
    assertThat(spans.all()).hasSize(before + 1);
  }

  @Test
  void manyKeysAreOneGet() throws Exception {
    Group group = group(key -> key.getBytes(UTF_8));
    group.get("a");
    spans.traced(() -> group.getAll(List.of("a", "b", "c")));
    assertThat(spans.named("geecache.get"))
        .filteredOn(spans.isChildOf("caller"))
        .singleElement()
        .satisfies(get -> assertThat(get.getAttributes().get(KEYS)).isEqualTo(2));
  }

  @Test
  void anAbsentKeyIsNoError() throws Exception {
    Group group =
        group(
            key -> {
              throw new KeyNotFoundException("no " + key);
            });
    spans.traced(
        () -> assertThatThrownBy(() -> group.get("k")).isInstanceOf(KeyNotFoundException.class));
    SpanData get = spans.only("geecache.get");
    assertThat(get.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(get.getAttributes().get(AttributeKey.booleanKey("geecache.absent"))).isTrue();
  }

  @Test
  void aFailureIsOneAndItsMessageStaysHere() throws Exception {
    Group group =
        group(
            key -> {
              throw new IOException("of the database");
            });
    spans.traced(() -> assertThatThrownBy(() -> group.get("k")).isInstanceOf(LoadException.class));
    for (String name : List.of("geecache.get", "load")) {
      SpanData span = spans.only(name);
      assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
      assertThat(span.toString()).doesNotContain("of the database");
    }
    assertThat(spans.only("load").getAttributes().get(AttributeKey.stringKey("error.type")))
        .isEqualTo("java.io.IOException");
  }

  @Test
  void aGetMayBeginATrace() throws Exception {
    group(key -> key.getBytes(UTF_8)).get("Tom");
    assertThat(spans.only("geecache.get").getParentSpanContext().isValid()).isFalse();
    assertThat(spans.only("load")).matches(spans.isChildOf("geecache.get"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "a-\u0000-\u4e2d-b"
      })
  void whatIsNoTraceIsNotGoneOnWith(String text) {
    var scope = spans.tracing().resume(text);
    assertThat(Span.current().getSpanContext().isValid()).isFalse();
    scope.close();
  }

  @Test
  void aTraceIsGoneOnWithUnlessThereIsOne() throws Exception {
    Tracing tracing = spans.tracing();
    String trace = PARENT.split("-")[1];
    assertThat(traceIn(tracing.resumeIfNone(PARENT))).isEqualTo(trace);
    assertThat(Span.current().getSpanContext().isValid()).isFalse();
    spans.traced(
        () -> {
          String own = Span.current().getSpanContext().getTraceId();
          assertThat(traceIn(tracing.resumeIfNone(PARENT))).isEqualTo(own);
          assertThat(traceIn(tracing.resume(PARENT))).isEqualTo(trace);
          assertThat(Span.current().getSpanContext().getTraceId()).isEqualTo(own);
        });
  }

  private static String traceIn(Tracing.Scope scope) {
    String trace = Span.current().getSpanContext().getTraceId();
    scope.close();
    return trace;
  }

  @Test
  void theGlobalOneIsNotSetByAskingForIt() throws Exception {
    try (Geecache other = new Geecache()) {
      other.tracing(OpenTelemetryTracing.global());
      other.newGroup("g", 1 << 20, key -> key.getBytes(UTF_8)).get("Tom");
    }
    assertThat(io.opentelemetry.api.GlobalOpenTelemetry.isSet()).isFalse();
  }
}
