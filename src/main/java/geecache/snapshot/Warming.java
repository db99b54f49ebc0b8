package geecache.snapshot;

import geecache.CachedValue;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LocalGroup;
import geecache.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gets keys one by one, at a set rate and with a bound of those that are under way, so that their
 * owners have them in memory. When loads fail one after the other, it tries one key at a time, with
 * growing pauses. Safe for use by many threads.
 */
final class Warming {
  /** No more than what this time allows begins at once, however late a step comes. */
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** A key whose gets fail so often is given up: others may be fine. */
  private static final int MOST_FAILURES = 3;

  /** So much longer than the rate needs it may take; then whatever is left is given up. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private record Pending(String key, int failures) {}

  private final Group group;
  private final LocalGroup local;
  private final int all;
  private final int atOnce;
  private final long nanosEach;
  private final Ticker ticker;
  private final long made;
  private final long longestNanos;

  /** Those that are not under way. Guarded by this, as all below; no get begins under it. */
  private final Queue<Pending> waiting = new ArrayDeque<>();

  /** Those that have failed wait for the next step. */
  private final List<Pending> failed = new ArrayList<>();

  private final List<String> givenUp = new ArrayList<>();

  /** When the rate allows the next get. */
  private long nextAt;

  /** When the pause is over, if there is one. */
  private long resumeAt;

  private int begun;
  private final Set<String> underWay = new LinkedHashSet<>();
  private int warm;
  private int absent;

  /** How many loads have failed since one succeeded; those of one pause count once. */
  private int failuresInARow;

  private @Nullable Throwable lastFailure;
  private boolean ended;

  /**
   * Makes one that has begun no get.
   *
   * @param local {@code group} on this node alone
   * @param keys those that are worth most first
   * @param atOnce how many gets are under way at once, at most
   */
  Warming(
      Group group,
      LocalGroup local,
      List<String> keys,
      int keysPerSecond,
      int atOnce,
      Ticker ticker) {
    this.group = group;
    this.local = local;
    this.all = keys.size();
    this.atOnce = atOnce;
    this.nanosEach = TimeUnit.SECONDS.toNanos(1) / keysPerSecond;
    this.ticker = ticker;
    this.longestNanos = LONGEST.toNanos() + nanosEach * all;
    this.made = ticker.nanos();
    this.nextAt = made;
    keys.forEach(key -> waiting.add(new Pending(key, 0)));
  }

  /** Begins as many gets as may begin now, each key once. Blocks nowhere. */
  void step() {
    waitAgain();
    LocalGroup.Burst burst = local.beginBurst(); // A getter for many keys is called with many.
    try {
      for (Pending next = take(); next != null; next = take()) {
        begin(next);
      }
    } finally {
      burst.end();
    }
  }

  private synchronized void waitAgain() {
    waiting.addAll(failed);
    failed.clear();
  }

  private synchronized @Nullable Pending take() {
    long now = ticker.nanos();
    if (ended
        || underWay.size() >= (failuresInARow > 1 ? 1 : atOnce)
        || isPausing(now)
        || now - nextAt < 0) {
      return null;
    }
    Pending next = waiting.poll();
    if (next != null) {
      begun++;
      underWay.add(next.key());
      nextAt = (now - nextAt > BURST_NANOS ? now - BURST_NANOS : nextAt) + nanosEach;
    }
    return next;
  }

  private void begin(Pending key) {
    CompletableFuture<CachedValue> got;
    try {
      got = group.answer(key.key());
    } catch (RuntimeException refused) { // A key that the rules of today refuse.
      got = CompletableFuture.failedFuture(refused);
    }
    got.whenComplete((value, failure) -> end(key, value, failure));
  }

  private synchronized void end(
      Pending key, @Nullable CachedValue value, @Nullable Throwable failure) {
    underWay.remove(key.key());
    Throwable why = failure instanceof CompletionException ? failure.getCause() : failure;
    if (value != null) {
      warm++;
      if (value.origin() != CachedValue.Origin.HIT
          && value.origin() != CachedValue.Origin.STALE) { // These say nothing of the source.
        failuresInARow = 0;
      }
    } else if (why instanceof KeyNotFoundException || why instanceof IllegalArgumentException) {
      absent++;
    } else {
      lastFailure = why;
      retryLater(key);
    }
  }

  private void retryLater(Pending key) {
    if (key.failures() + 1 < MOST_FAILURES) {
      failed.add(new Pending(key.key(), key.failures() + 1));
    } else {
      givenUp.add(key.key());
    }
    long now = ticker.nanos();
    if (isPausing(now)) {
      return; // A get that was under way with this one has failed: one pause for all of them.
    }
    failuresInARow++;
    resumeAt = now + pause().toNanos();
  }

  /** None after a single failure, which may be that of its key. */
  private Duration pause() {
    if (failuresInARow < 2) {
      return Duration.ZERO;
    }
    Duration pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(failuresInARow - 2, 5));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  private boolean isPausing(long now) {
    return failuresInARow > 1 && now - resumeAt < 0;
  }

  /** Begins no more gets. Those that are under way go on. */
  synchronized void end() {
    ended = true;
  }

  /** Whether all keys have been dealt with, or it has taken too long. */
  synchronized boolean isOver() {
    return waiting.isEmpty() && failed.isEmpty() && underWay.isEmpty()
        || ticker.nanos() - made >= longestNanos;
  }

  /** Returns how many gets it has begun. */
  synchronized int begun() {
    return begun;
  }

  synchronized boolean isUnderWay() {
    return !underWay.isEmpty();
  }

  /**
   * Returns the keys that are not in memory yet, and may not be absent; those last that failed,
   * unless the source has answered since: then they are at fault.
   */
  synchronized List<String> left() {
    List<String> left = new ArrayList<>(underWay);
    waiting.forEach(pending -> left.add(pending.key()));
    failed.forEach(pending -> left.add(pending.key()));
    if (failuresInARow > 0) {
      left.addAll(givenUp);
    }
    return left;
  }

  synchronized WarmingProgress progress() {
    return new WarmingProgress(group.name(), all, warm, absent, givenUp.size(), lastFailure);
  }
}
