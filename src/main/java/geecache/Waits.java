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
final class Waits {
  private final Loaders loaders;
  private final Waiting waiting;
  private final Counters counters;

  Waits(NodeParts node, Counters counters) {
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
  Landing await(CompletableFuture<Landing> landing, Object what, Duration left, Duration wait)
      throws LoadTimeoutException {
    try {
      return counted(waiting.get(landing, TimeUnit.NANOSECONDS.convert(left)));
    } catch (TimeoutException tooLate) {
      throw gaveUp(what, wait);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new LoadTimeoutException("interrupted while waiting for " + what, interrupt);
    } catch (ExecutionException impossible) {
      throw new AssertionError("a landing never fails", impossible);
    }
  }

  /**
   * Returns a future of the caller's own, which fails when {@code left} is over. On a loader thread
   * it is done: what then has to be loaded is loaded there, where the last thread may be.
   */
  CompletableFuture<Landing> awaitAsync(
      CompletableFuture<Landing> landing, Object what, Duration left, Duration wait)
      throws LoadTimeoutException {
    if (loaders.current() != null) {
      return CompletableFuture.completedFuture(await(landing, what, left, wait));
    }
    CompletableFuture<Landing> own = new CompletableFuture<>();
    try {
      Future<?> deadline = loaders.after(left, () -> own.completeExceptionally(gaveUp(what, wait)));
      own.whenComplete((landed, failure) -> deadline.cancel(false));
    } catch (RejectedExecutionException closed) {
      // The node closes, and lands everything itself.
    }
    landing.thenAccept(landed -> own.complete(counted(landed)));
    return own;
  }

  private Landing counted(Landing landing) {
    if (landing.stale()) {
      counters.staleServed.increment();
    }
    return landing;
  }

  private static LoadTimeoutException gaveUp(Object what, Duration wait) {
    return new LoadTimeoutException(
        "gave up waiting for " + what + " after " + wait.toMillis() + " ms", null);
  }
}
