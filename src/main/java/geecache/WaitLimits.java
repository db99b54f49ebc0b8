package geecache;

import geecache.internal.Waiting;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How long a get waits for a landing: each for itself, blocking or not. */
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
   * Waits for {@code landing} for {@code left}, the rest of {@code wait}, which is what a failure
   * tells.
   *
   * @param what is waited for, in messages
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
      throw new AssertionError("a outcome never fails", impossible);
    }
  }

  /**
   * Returns a future of the caller's own, which fails when {@code left} is over. On a loader thread
   * it is done: what then has to be loaded is loaded there, where the last thread may be.
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
      own.whenComplete((landed, failure) -> deadline.cancel(false));
    } catch (RejectedExecutionException closed) {
      // The node closes, and lands everything itself.
    }
    outcome.thenAccept(landed -> own.complete(counted(landed)));
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
