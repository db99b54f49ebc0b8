package geecache;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a get that no thread waits for. To cancel it takes the get off the attempt that it
 * waits for, so that it costs nothing any more.
 */
final class PendingGet extends CompletableFuture<CachedValue> {
  /** What follows when an attempt has landed. */
  interface Step {
    void take(LoadOutcome outcome) throws CacheException;
  }

  /**
   * The fence of the attempt that this waits for: a removal with a later one voids the answer for
   * later gets. Not the fence when the get began: it may join an attempt while a removal voids
   * that. Written before the get is handed out.
   */
  long fence;

  /** Written by the thread that goes on with the get; a late reader sees this done, and cancels. */
  private volatile @Nullable CompletableFuture<LoadOutcome> awaited;

  /** Goes on with {@code next} when {@code outcome} is there; fails if either does. */
  void await(CompletableFuture<LoadOutcome> outcome, Step next) {
    awaited = outcome;
    if (isDone()) {
      outcome.cancel(false);
    }
    outcome.whenComplete((landed, failure) -> go(landed, failure, next));
  }

  private void go(@Nullable LoadOutcome landed, @Nullable Throwable failure, Step next) {
    try {
      if (landed != null) {
        next.take(landed);
      } else if (!(failure instanceof CancellationException)) {
        completeExceptionally(
            failure instanceof CompletionException ? failure.getCause() : failure);
      }
    } catch (CacheException | RuntimeException | Error fault) {
      completeExceptionally(fault);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    CompletableFuture<LoadOutcome> waiting = awaited;
    if (waiting != null) {
      waiting.cancel(false);
    }
    return cancelled;
  }
}
