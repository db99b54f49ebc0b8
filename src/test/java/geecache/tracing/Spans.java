package geecache.tracing;

import static org.awaitility.Awaitility.await;

import geecache.Tracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import java.util.function.Predicate;

/** Keeps the spans that end. */
public final class Spans implements AutoCloseable {
  private final InMemorySpanExporter ended = InMemorySpanExporter.create();

  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(ended))
                  .build())
          .build();

  /** Makes one without spans. */
  public Spans() {}

  /** Returns a tracing whose spans are kept here. */
  public Tracing tracing() {
    return OpenTelemetryTracing.of(sdk);
  }

  /** What may throw. */
  public interface Body {
    /** Runs. */
    void run() throws Exception;
  }

  /** Runs {@code body} within a span of a caller, and returns that span's trace. */
  public String traced(Body body) throws Exception {
    Span caller = sdk.getTracer("test").spanBuilder("caller").startSpan();
    Scope scope = caller.makeCurrent();
    try {
      body.run();
    } finally {
      scope.close();
      caller.end();
    }
    return caller.getSpanContext().getTraceId();
  }

  /** Returns the spans with this name that have ended. */
  public List<SpanData> named(String name) {
    return all().stream().filter(span -> span.getName().equals(name)).toList();
  }

  /** Returns the one span with this name that has ended, or will: that may be after an answer. */
  public SpanData only(String name) {
    await().until(() -> !named(name).isEmpty());
    List<SpanData> found = named(name);
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " spans " + name + ": " + found);
    }
    return found.get(0);
  }

  /** Whether {@code span} ended as the child of one of those with this name. */
  public Predicate<SpanData> isChildOf(String name) {
    await().until(() -> !named(name).isEmpty());
    List<String> parents = named(name).stream().map(SpanData::getSpanId).toList();
    return span -> parents.contains(span.getParentSpanId());
  }

  /** Returns all spans that have ended. */
  public List<SpanData> all() {
    return ended.getFinishedSpanItems();
  }

  @Override
  public void close() {
    sdk.close();
  }
}
