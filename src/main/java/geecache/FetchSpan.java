package geecache;

import geecache.Tracing.Span;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One question to a peer as a step of a trace; it ends with the answer to its last key. Safe for
 * use by many threads.
 */
final class FetchSpan {
  private final Span span;
  private final @Nullable String traceparent;
  private final int keys;
  private final AtomicInteger open;
  private final AtomicInteger absent = new AtomicInteger();

  /** The first failure of a key. */
  private final AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();

  FetchSpan(Span span, int keys) {
    this.span = span;
    this.traceparent = span.traceparent();
    this.keys = keys;
    this.open = new AtomicInteger(keys);
  }

  /** Returns the trace that the peer goes on with; null if there is none. */
  @Nullable String traceparent() {
    return traceparent;
  }

  /** Notes that one key is answered, or has failed. It is absent only if all keys are. */
  void answered(@Nullable Throwable failure) {
    if (failure != null
        && (!(failure instanceof KeyNotFoundException) || absent.incrementAndGet() == keys)) {
      failed.compareAndSet(null, failure);
    }
    if (open.decrementAndGet() == 0) {
      span.end(failed.get());
    }
  }
}
