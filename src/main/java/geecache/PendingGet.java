package geecache;

import geecache.JoinTable.Seat;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a get that no thread waits for. If its caller ends it, by {@code cancel}, {@code
 * orTimeout} or otherwise, the get is taken off the attempt that it waits for, so that it costs
 * nothing any more.
 */
final class PendingGet extends CompletableFuture<CachedValue> {
  /** A wait, which may fail before there is a future. To cancel the future ends the wait. */
  interface Wait {
    CompletableFuture<LoadOutcome> begin() throws CacheException;
  }

  /** What follows when an attempt has landed. */
  interface Step {
    void take(LoadOutcome outcome) throws CacheException;
  }

  /**
   * The seat in the load that this waits for; null if it waits for none, or a peer is asked first.
   * Written before a get of a node is handed out.
   */
  @Nullable Seat<Flight> seat;

  /** The lease that the asking node is given; null for none. Written before this is done. */
  volatile @Nullable Grant lease;

  /** Written by the thread that goes on with the get; a late reader sees this done, and cancels. */
  private volatile @Nullable CompletableFuture<LoadOutcome> awaited;

  PendingGet() {
    whenComplete((value, failure) -> endWait());
  }

  /**
   * Returns the load that this waits for; null if it waits for none, or a peer is asked first. A
   * removal with a later fence voids the answer for later gets. Not the fence when the get began:
   * it may join a load while a removal voids that.
   */
  @Nullable Flight flight() {
    return seat == null ? null : seat.attempt();
  }

  /** Notes that this, which is the get of another node, waits for so many callers by now. */
  void waitsFor(int callers) {
    if (seat != null) {
      seat.waitsFor(callers);
    }
  }

  private void endWait() {
    CompletableFuture<LoadOutcome> waiting = awaited;
    if (waiting != null) {
      waiting.cancel(false); // Unless it has ended, and this with it.
    }
  }

  /**
   * Begins {@code wait}, and goes on with {@code next} when its outcome is there; fails if either
   * does. The seat is given back before: callers that see an answer hold no place any more.
   */
  void await(Seat<?> seat, Wait wait, Step next) throws CacheException {
    boolean waits = false;
    try {
      CompletableFuture<LoadOutcome> outcome = wait.begin();
      awaited = outcome;
      boolean atOnce = outcome.isDone();
      outcome.whenComplete((landed, failure) -> leave(seat, landed, failure, next));
      waits = !atOnce; // A stack that ended in there told nobody.
      if (isDone()) {
        outcome.cancel(false);
      }
    } finally {
      if (!waits) {
        seat.leave();
      }
    }
  }

  private void leave(
      Seat<?> seat, @Nullable LoadOutcome landed, @Nullable Throwable failure, Step next) {
    try {
      seat.leave();
    } finally {
      go(landed, failure, next);
    }
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
}
