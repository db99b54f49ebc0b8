package geecache;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tracing of which nothing that it throws reaches a get: samplers, processors and exporters are
 * the user's. The first failure is logged. Safe for use by many threads.
 */
final class GuardedTracing implements Tracing {
  private static final Logger log = LoggerFactory.getLogger(GuardedTracing.class);

  private final Tracing tracing;
  private final AtomicBoolean told = new AtomicBoolean();

  private GuardedTracing(Tracing tracing) {
    this.tracing = tracing;
  }

  /** Returns {@code tracing} with a guard, unless it needs none. */
  static Tracing of(Tracing tracing) {
    return tracing == NONE ? NONE : new GuardedTracing(tracing);
  }

  @Override
  public Span begin(Step step, String group, int keys, @Nullable String peer) {
    Span none = NONE.begin(step, group, keys, peer);
    Span begun = guarded(() -> tracing.begin(step, group, keys, peer), none);
    return begun == none ? none : new GuardedSpan(begun);
  }

  @Override
  public Scope resume(@Nullable String traceparent) {
    return closedSafely(guarded(() -> tracing.resume(traceparent), NONE.resume(null)));
  }

  @Override
  public Scope resumeIfNone(@Nullable String traceparent) {
    return closedSafely(guarded(() -> tracing.resumeIfNone(traceparent), NONE.resume(null)));
  }

  @Override
  public Supplier<Scope> captured() {
    Supplier<Scope> captured = guarded(tracing::captured, NONE.captured());
    return captured == NONE.captured()
        ? captured
        : () -> closedSafely(guarded(captured, NONE.resume(null)));
  }

  private Scope closedSafely(Scope scope) {
    return scope == NONE.resume(null) ? scope : () -> run(scope::close);
  }

  private void run(Runnable step) {
    guarded(
        () -> {
          step.run();
          return step;
        },
        step);
  }

  private <T> T guarded(Supplier<T> step, T otherwise) {
    try {
      return step.get();
    } catch (Throwable broken) {
      tell(broken);
      return otherwise;
    }
  }

  private void tell(Throwable broken) {
    if (!told.getAndSet(true)) {
      try {
        log.warn("tracing failed; gets go on without, and further failures are not told", broken);
      } catch (RuntimeException | Error alsoBroken) {
        return; // The logger is the user's too.
      }
    }
  }

  /** A span of which nothing that it throws reaches a get. */
  private final class GuardedSpan implements Span {
    private final Span span;

    GuardedSpan(Span span) {
      this.span = span;
    }

    @Override
    public Scope enter() {
      return closedSafely(guarded(span::enter, NONE.resume(null)));
    }

    @Override
    public @Nullable String traceparent() {
      String[] text = {null};
      run(
          () -> {
            text[0] = span.traceparent();
          });
      return text[0];
    }

    @Override
    public void end(@Nullable Throwable failure) {
      run(() -> span.end(failure));
    }
  }
}
