package geecache.internal;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.HashMap;
import java.util.Map;

/**
 * The headers of W3C Trace Context that a request of this thread is to bear, {@code traceparent}
 * and {@code tracestate}. Holds no state.
 */
public final class TraceHeaders {
  private static final boolean PRESENT = isPresent();

  private TraceHeaders() {}

  private static boolean isPresent() {
    try {
      Propagation.current();
      return true;
    } catch (LinkageError absent) {
      return false;
    }
  }

  /** Returns those of the current trace; empty if there is none, or no OpenTelemetry API. */
  public static Map<String, String> current() {
    return PRESENT ? Propagation.current() : Map.of();
  }

  /** Loaded only if the library is there. */
  private static final class Propagation {
    private Propagation() {}

    static Map<String, String> current() {
      Context context = Context.current();
      if (context == Context.root()) {
        return Map.of();
      }
      Map<String, String> headers = new HashMap<>();
      W3CTraceContextPropagator.getInstance().inject(context, headers, Map::put);
      return headers;
    }
  }
}
