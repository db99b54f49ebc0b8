package geecache.snapshot;

import geecache.ByteView;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gets keys one by one, at a set rate and with a bound of those that are under way, so that their
 * owners have them in memory. While gets fail, it tries one after the other with growing pauses: a
 * source that is down for a while costs no key. Safe for use by many threads.
 */
final class Warming {
  /** No more than what this time allows begins at once, however late a step comes. */
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** A key whose gets fail so often is given up: others may be fine. */
  private static final int MOST_FAILURES = 3;

  private record Pending(String key, int failures) {}

  private final Group group;
  private final int all;
  private final int atOnce;
  private final long nanosEach;
  private final Ticker ticker;

  /** Those that are not under way. Guarded by this, as all below; no get begins under it. */
  private final Queue<Pending> waiting = new ArrayDeque<>();

  /** When the rate allows the next get. */
  private long nextAt;

  /** When the pause is over, if there is one. */
  private long resumeAt;

  private int underWay;
  private int warm;
  private int absent;
  private int failed;

  /** The pause after the last failure; zero while gets succeed. */
  private Duration pause = Duration.ZERO;

  private @Nullable Throwable lastFailure;
  private boolean ended;

  /**
   * Makes one that has begun no get.
   *
   * @param keys those that are worth most first
   * @param atOnce how many gets are under way at once, at most
   */
  Warming(Group group, List<String> keys, int keysPerSecond, int atOnce, Ticker ticker) {
    this.group = group;
    this.all = keys.size();
    this.atOnce = atOnce;
    this.nanosEach = TimeUnit.SECONDS.toNanos(1) / keysPerSecond;
    this.ticker = ticker;
    this.nextAt = ticker.nanos();
    keys.forEach(key -> waiting.add(new Pending(key, 0)));
  }

  /** Begins as many gets as may begin now. Blocks nowhere. */
  void step() {
    for (Pending next = take(); next != null; next = take()) {
      begin(next);
    }
  }

  private synchronized @Nullable Pending take() {
    long now = ticker.nanos();
    if (ended || underWay >= (pause.isZero() ? atOnce : 1) || isPausing(now) || now - nextAt < 0) {
      return null;
    }
    Pending next = waiting.poll();
    if (next != null) {
      underWay++;
      nextAt = (now - nextAt > BURST_NANOS ? now - BURST_NANOS : nextAt) + nanosEach;
    }
    return next;
  }

  private void begin(Pending key) {
    CompletableFuture<ByteView> got;
    try {
      got = group.getAsync(key.key());
    } catch (RuntimeException refused) { // A key that the rules of today refuse.
      got = CompletableFuture.failedFuture(refused);
    }
    got.whenComplete((value, failure) -> end(key, failure));
  }

  private synchronized void end(Pending key, @Nullable Throwable failure) {
    underWay--;
    Throwable why = failure instanceof CompletionException ? failure.getCause() : failure;
    if (why == null) {
      warm++;
      pause = Duration.ZERO;
    } else if (why instanceof KeyNotFoundException) {
      absent++;
      pause = Duration.ZERO;
    } else {
      lastFailure = why;
      wait(key);
    }
  }

  private void wait(Pending key) {
    if (key.failures() + 1 < MOST_FAILURES) {
      waiting.add(new Pending(key.key(), key.failures() + 1));
    } else {
      failed++;
    }
    long now = ticker.nanos();
    if (isPausing(now)) {
      return; // A get that was under way with this one has failed: one pause for all of them.
    }
    Duration longer = pause.multipliedBy(2);
    pause =
        pause.isZero()
            ? SHORTEST_PAUSE
            : longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    resumeAt = now + pause.toNanos();
  }

  private boolean isPausing(long now) {
    return !pause.isZero() && now - resumeAt < 0;
  }

  /** Begins no more gets. Those that are under way go on. */
  synchronized void end() {
    ended = true;
  }

  /** Whether all keys have been dealt with. */
  synchronized boolean isOver() {
    return waiting.isEmpty() && underWay == 0;
  }

  synchronized boolean isUnderWay() {
    return underWay > 0;
  }

  synchronized WarmingProgress progress() {
    return new WarmingProgress(group.name(), all, warm, absent, failed, lastFailure);
  }
}
