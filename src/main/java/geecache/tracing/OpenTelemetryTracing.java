package geecache.tracing;

import geecache.KeyNotFoundException;
import geecache.Tracing;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans of the OpenTelemetry API. They name the group, and never a key or a value. A get may
 * begin a trace; all else becomes a span only as part of one, so that the renewal of a value begins
 * none. Safe for use by many threads.
 */
public final class OpenTelemetryTracing implements Tracing {
  private static final String TRACEPARENT = "traceparent";

  private static final AttributeKey<String> GROUP = AttributeKey.stringKey("geecache.group");
  private static final AttributeKey<Long> KEYS = AttributeKey.longKey("geecache.keys");
  private static final AttributeKey<String> PEER = AttributeKey.stringKey("geecache.peer");
  private static final AttributeKey<Boolean> ABSENT = AttributeKey.booleanKey("geecache.absent");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  private static final TextMapGetter<String> TEXT =
      new TextMapGetter<>() {
        @Override
        @SuppressWarnings("deprecation") // Older versions ask for it.
        public Iterable<String> keys(String traceparent) {
          return List.of(TRACEPARENT);
        }

        @Override
        public @Nullable String get(@Nullable String traceparent, String key) {
          return key.equals(TRACEPARENT) ? traceparent : null;
        }
      };

  private final Supplier<OpenTelemetry> openTelemetry;

  private OpenTelemetryTracing(Supplier<OpenTelemetry> openTelemetry) {
    this.openTelemetry = openTelemetry;
  }

  /** Returns one that makes its spans by {@code openTelemetry}. */
  public static Tracing of(OpenTelemetry openTelemetry) {
    return new OpenTelemetryTracing(() -> openTelemetry);
  }

  /**
   * Returns one that makes its spans by {@link GlobalOpenTelemetry}, which may be set later, as an
   * agent or an SDK sets it. Never sets it itself.
   *
   * @throws NoSuchMethodError if the API is older than 1.57
   * @throws NoClassDefFoundError if there is none
   */
  public static Tracing global() {
    GlobalOpenTelemetry.isSet(); // Fails here, and not at the first miss.
    return new OpenTelemetryTracing(GlobalOpenTelemetry::getOrNoop);
  }

  @Override
  public Span begin(Step step, String group, int keys, @Nullable String peer) {
    Context parent = Context.current();
    if (step != Step.GET && !isTraced(parent)) {
      return NONE.begin(step, group, keys, peer);
    }
    SpanBuilder builder =
        openTelemetry
            .get()
            .getTracer("geecache")
            .spanBuilder(step.text())
            .setSpanKind(step == Step.FETCH ? SpanKind.CLIENT : SpanKind.INTERNAL)
            .setParent(parent)
            .setAttribute(GROUP, group)
            .setAttribute(KEYS, (long) keys);
    if (peer != null) {
      builder.setAttribute(PEER, peer);
    }
    return new OpenSpan(parent.with(builder.startSpan()));
  }

  private static boolean isTraced(Context context) {
    return io.opentelemetry.api.trace.Span.fromContext(context).getSpanContext().isValid();
  }

  @Override
  public Scope resume(@Nullable String traceparent) {
    if (traceparent == null) {
      return NONE.resume(null);
    }
    Context resumed =
        W3CTraceContextPropagator.getInstance().extract(Context.root(), traceparent, TEXT);
    return isTraced(resumed) ? resumed.makeCurrent()::close : NONE.resume(null);
  }

  @Override
  public Scope resumeIfNone(@Nullable String traceparent) {
    return isTraced(Context.current()) ? NONE.resume(null) : resume(traceparent);
  }

  @Override
  public Supplier<Scope> captured() {
    Context current = Context.current(); // The root too: pools may hand on another one.
    return () -> current.makeCurrent()::close;
  }

  /** A step as a span. */
  private static final class OpenSpan implements Span {
    private final Context context;

    OpenSpan(Context context) {
      this.context = context;
    }

    @Override
    public Scope enter() {
      return context.makeCurrent()::close;
    }

    @Override
    public @Nullable String traceparent() {
      String[] text = {null};
      W3CTraceContextPropagator.getInstance()
          .inject(
              context,
              text,
              (carrier, name, value) -> {
                if (name.equals(TRACEPARENT)) {
                  carrier[0] = value;
                }
              });
      return text[0];
    }

    @Override
    public void end(@Nullable Throwable failure) {
      io.opentelemetry.api.trace.Span span = io.opentelemetry.api.trace.Span.fromContext(context);
      if (failure instanceof KeyNotFoundException) {
        span.setAttribute(ABSENT, true);
      } else if (failure != null) {
        span.setStatus(StatusCode.ERROR);
        span.setAttribute(ERROR, failure.getClass().getName());
      }
      span.end();
    }
  }
}
