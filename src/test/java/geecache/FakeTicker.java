package geecache;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is told to advance, and counts how often it is read. */
public final class FakeTicker implements Ticker {
  /** Close to the overflow of {@code nanoTime}, which may happen in any JVM. */
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);

  private volatile long step;

  private final AtomicLong readings = new AtomicLong();

  @Override
  public long nanos() {
    readings.incrementAndGet();
    return now.getAndAdd(step);
  }

  /** Lets {@code time} pass. */
  public void advance(Duration time) {
    now.addAndGet(time.toNanos());
  }

  /** Lets {@code time} pass after each reading from now on. */
  public void advanceWithEachReading(Duration time) {
    step = time.toNanos();
  }

  /** Returns how often anyone looked. */
  public long readings() {
    return readings.get();
  }
}
