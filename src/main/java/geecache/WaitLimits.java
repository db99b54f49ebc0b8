package geecache;

import geecache.internal.Durations;
import geecache.internal.Waiting;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits for outcomes, blocking or not. Each caller has a limit of its own. */
final class WaitLimits {
  /** The time after which a get begins an attempt that nothing was begun for, in nanoseconds. */
  static final long PATIENCE = 100_000_000;

  /** What gets do about an attempt of one kind that keeps them waiting. */
  interface Remedy<A extends Attempt> {
    /** Begins an attempt that has stalled. */
    void begin(A attempt);

    /** Returns the outcome for a get, if {@code attempt} still waits for a place; else null. */
    @Nullable LoadOutcome withoutPlace(A attempt);

    /** Returns the failure of a get that gave up, with what it says where {@code attempt} is. */
    LoadTimeoutException gaveUp(A attempt, String message);
  }

  private final LoaderThreads loaders;
  private final Waiting waiting;
  private final Ticker waitTicker;
  private final Counters counters;

  WaitLimits(NodeParts node, Counters counters) {
    this.loaders = node.loaders();
    this.waiting = node.waiting();
    this.waitTicker = node.waitTicker();
    this.counters = counters;
  }

  /**
   * Waits until {@code attempt} lands. On a loader thread, the load that needs the outcome gives
   * its place to another load meanwhile.
   */
  <A extends Attempt> LoadOutcome await(A attempt, WaitTime wait, Remedy<A> remedy)
      throws LoadTimeoutException {
    return await(attempt, null, wait, remedy);
  }

  /**
   * As {@link #await(Attempt, WaitTime, Remedy)}.
   *
   * @param own of a get that may be given the lease of the key; null for any other
   */
  <A extends Attempt> LoadOutcome await(
      A attempt, @Nullable CompletableFuture<LoadOutcome> own, WaitTime wait, Remedy<A> remedy)
      throws LoadTimeoutException {
    Flight current = loaders.currentFlight();
    LoadPlace place = current == null ? null : current.place;
    Durations heard = heardOrNull(attempt);
    long begun = heard == null ? 0 : waitTicker.nanos();
    boolean paused = place != null && !attempt.hasLanded() && place.pause();
    try {
      return own == null
          ? waitFor(attempt, attempt.future(), wait, remedy)
          : waitForOwn(attempt, own, wait, remedy);
    } finally {
      if (paused) {
        place.resume();
      }
      if (heard != null) {
        heard.tell(waitTicker.nanos() - begun);
      }
    }
  }

  /** Returns the durations that a wait for {@code attempt} counts to; null if nobody listens. */
  private @Nullable Durations heardOrNull(Attempt attempt) {
    GroupDurations all = counters.durations;
    Durations waits = attempt instanceof Flight ? all.loadWaits() : all.peerWaits();
    return waits.isHeard() ? waits : null;
  }

  /** What comes when the get gives up is passed on if it is a lease. */
  private <A extends Attempt> LoadOutcome waitForOwn(
      A attempt, CompletableFuture<LoadOutcome> own, WaitTime wait, Remedy<A> remedy)
      throws LoadTimeoutException {
    Consumer<LoadOutcome> landed = own::complete;
    attempt.tell(landed);
    boolean answered = false;
    try {
      LoadOutcome outcome = waitFor(attempt, own, wait, remedy);
      answered = !own.isCompletedExceptionally() && own.getNow(null) == outcome;
      return outcome; // If it came from elsewhere, the get has given up.
    } finally {
      attempt.forget(landed);
      if (!answered) {
        abandon(own);
      }
    }
  }

  /**
   * Notes that no get waits for {@code own} any more: it is given no lease, or gives it back. Later
   * calls do nothing.
   */
  static void abandon(CompletableFuture<LoadOutcome> own) {
    if (!own.cancel(false)) {
      giveBack(own);
    }
  }

  private static void giveBack(CompletableFuture<LoadOutcome> own) {
    LoadOutcome late = own.isCompletedExceptionally() ? null : own.getNow(null);
    Grant grant = late == null ? null : late.grant();
    if (grant != null) {
      grant.giveBack();
    }
  }

  private <A extends Attempt> LoadOutcome waitFor(
      A attempt, CompletableFuture<LoadOutcome> future, WaitTime wait, Remedy<A> remedy)
      throws LoadTimeoutException {
    try {
      long rest = TimeUnit.NANOSECONDS.convert(wait.left());
      if (rest > PATIENCE && attempt.isStalled()) {
        LoadOutcome soon = soonOrNull(future);
        if (soon != null) {
          return counted(soon);
        }
        if (attempt.isStalled()) {
          remedy.begin(attempt);
        }
        rest -= PATIENCE;
      }
      return counted(waiting.get(future, rest));
    } catch (TimeoutException tooLate) {
      LoadOutcome withoutPlace = remedy.withoutPlace(attempt);
      if (withoutPlace != null) {
        return counted(withoutPlace);
      }
      throw gaveUp(attempt, wait, remedy);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new LoadTimeoutException("interrupted while waiting for " + attempt, interrupt);
    } catch (ExecutionException impossible) {
      throw new AssertionError("an outcome never fails", impossible);
    }
  }

  private @Nullable LoadOutcome soonOrNull(CompletableFuture<LoadOutcome> future)
      throws InterruptedException, ExecutionException {
    try {
      return waiting.get(future, PATIENCE);
    } catch (TimeoutException notSoon) {
      return null;
    }
  }

  /**
   * Returns a future for one caller, which fails when its time is over. To cancel it takes the
   * caller off {@code attempt}. On a loader thread it is done: a key that has to be loaded next is
   * loaded on that thread, because it may be the last one.
   */
  <A extends Attempt> CompletableFuture<LoadOutcome> awaitAsync(
      A attempt, WaitTime wait, Remedy<A> remedy) throws LoadTimeoutException {
    return awaitAsync(attempt, null, wait, remedy);
  }

  /** As {@link #awaitAsync(Attempt, WaitTime, Remedy)}; see {@link #await}. */
  <A extends Attempt> CompletableFuture<LoadOutcome> awaitAsync(
      A attempt, @Nullable CompletableFuture<LoadOutcome> given, WaitTime wait, Remedy<A> remedy)
      throws LoadTimeoutException {
    if (loaders.currentFlight() != null) {
      return CompletableFuture.completedFuture(await(attempt, given, wait, remedy));
    }
    CompletableFuture<LoadOutcome> own = given == null ? new CompletableFuture<>() : given;
    if (own.isDone()) {
      return own;
    }
    Durations heard = heardOrNull(attempt);
    if (heard != null) {
      long begun = waitTicker.nanos();
      own.whenComplete((ended, failure) -> heard.tell(waitTicker.nanos() - begun));
    }
    Consumer<LoadOutcome> landed = outcome -> own.complete(counted(outcome));
    if (!attempt.hasLanded()) {
      own.whenComplete((ended, failure) -> attempt.forget(landed));
      Duration left = wait.left();
      Runnable giveUp = () -> giveUp(own, attempt, wait, remedy);
      if (TimeUnit.NANOSECONDS.convert(left) > PATIENCE && attempt.isStalled()) {
        after(
            Duration.ofNanos(PATIENCE),
            own,
            () -> {
              after(left.minusNanos(PATIENCE), own, giveUp);
              if (attempt.isStalled()) {
                remedy.begin(attempt);
              }
            });
      } else {
        after(left, own, giveUp);
      }
      if (wait.forPlace().compareTo(left) < 0) {
        after(wait.forPlace(), own, () -> endWithoutPlace(own, attempt, remedy));
      }
    }
    attempt.tell(landed);
    return own;
  }

  private <A extends Attempt> void giveUp(
      CompletableFuture<LoadOutcome> own, A attempt, WaitTime wait, Remedy<A> remedy) {
    try {
      endWithoutPlace(own, attempt, remedy);
    } finally {
      own.completeExceptionally(gaveUp(attempt, wait, remedy)); // Unless it has ended.
    }
  }

  private <A extends Attempt> void endWithoutPlace(
      CompletableFuture<LoadOutcome> own, A attempt, Remedy<A> remedy) {
    LoadOutcome withoutPlace = remedy.withoutPlace(attempt);
    if (withoutPlace != null) {
      own.complete(counted(withoutPlace));
    }
  }

  /** Runs {@code step} when {@code delay} is over, unless {@code own} is done by then. */
  private void after(Duration delay, CompletableFuture<?> own, Runnable step) {
    try {
      Future<?> timer = loaders.after(delay, step);
      own.whenComplete((ended, failure) -> timer.cancel(false));
    } catch (RejectedExecutionException closed) {
      // The node is being closed, and ends all attempts itself.
    }
  }

  /** Counts what a get is given. */
  LoadOutcome counted(LoadOutcome outcome) {
    if (outcome.stale()) {
      counters.staleServed.increment();
    }
    return outcome;
  }

  private static <A extends Attempt> LoadTimeoutException gaveUp(
      A attempt, WaitTime wait, Remedy<A> remedy) {
    return remedy.gaveUp(
        attempt, "gave up waiting for " + attempt + " after " + wait.whole().toMillis() + " ms");
  }
}
