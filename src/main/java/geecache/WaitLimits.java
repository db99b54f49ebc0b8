package geecache;

import geecache.internal.Waiting;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for outcomes, blocking or not. Each caller has a limit of its own. */
final class WaitLimits {
  private final LoaderThreads loaders;
  private final Waiting waiting;
  private final Counters counters;

  WaitLimits(NodeParts node, Counters counters) {
    this.loaders = node.loaders();
    this.waiting = node.waiting();
    this.counters = counters;
  }

  /**
   * Waits for {@code outcome}.
   *
   * @param what names the outcome in messages
   * @param left the rest of {@code wait}
   * @param wait the full wait, for the message
   */
  LoadOutcome await(
      CompletableFuture<LoadOutcome> outcome, Object what, Duration left, Duration wait)
      throws LoadTimeoutException {
    try {
      return counted(waiting.get(outcome, TimeUnit.NANOSECONDS.convert(left)));
    } catch (TimeoutException tooLate) {
      throw gaveUp(what, wait);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new LoadTimeoutException("interrupted while waiting for " + what, interrupt);
    } catch (ExecutionException impossible) {
      throw new AssertionError("an outcome never fails", impossible);
    }
  }

  /**
   * Returns a future for one caller, which fails when {@code left} is over. On a loader thread it
   * is done: a key that has to be loaded next is loaded on that thread, because it may be the last
   * one.
   */
  CompletableFuture<LoadOutcome> awaitAsync(
      CompletableFuture<LoadOutcome> outcome, Object what, Duration left, Duration wait)
      throws LoadTimeoutException {
    if (loaders.currentFlight() != null) {
      return CompletableFuture.completedFuture(await(outcome, what, left, wait));
    }
    CompletableFuture<LoadOutcome> own = new CompletableFuture<>();
    try {
      Future<?> deadline = loaders.after(left, () -> own.completeExceptionally(gaveUp(what, wait)));
      own.whenComplete((ended, failure) -> deadline.cancel(false));
    } catch (RejectedExecutionException closed) {
      // The node is being closed, and ends all attempts itself.
    }
    outcome.thenAccept(ended -> own.complete(counted(ended)));
    return own;
  }

  private LoadOutcome counted(LoadOutcome outcome) {
    if (outcome.stale()) {
      counters.staleServed.increment();
    }
    return outcome;
  }

  private static LoadTimeoutException gaveUp(Object what, Duration wait) {
    return new LoadTimeoutException(
        "gave up waiting for " + what + " after " + wait.toMillis() + " ms", null);
  }
}
