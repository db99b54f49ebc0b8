package geecache;

import geecache.Tracing.Span;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One question to a peer as a step of a trace; it ends with the answer to its last key. */
final class FetchSpan {
  private final Span span;
  private final @Nullable String traceparent;
  private final AtomicInteger open;

  /** What failed first. A late reader tells of no failure, where several keys have one. */
  private volatile @Nullable Throwable failed;

  FetchSpan(Span span, int keys) {
    this.span = span;
    this.traceparent = span.traceparent();
    this.open = new AtomicInteger(keys);
  }

  /** Returns the trace that the peer goes on with; null if there is none. */
  @Nullable String traceparent() {
    return traceparent;
  }

  /** Notes that one key is answered, or has failed. */
  void answered(@Nullable Throwable failure) {
    if (failure != null && !(failure instanceof KeyNotFoundException && failed != null)) {
      failed = failure;
    }
    if (open.decrementAndGet() == 0) {
      span.end(failed);
    }
  }
}
