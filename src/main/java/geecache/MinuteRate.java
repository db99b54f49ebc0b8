package geecache;

import java.util.concurrent.TimeUnit;

/** Lets one event a minute be told, with the number of those before it that were not. */
final class MinuteRate {
  private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

  private final Ticker ticker;

  /** Guarded by this, as all below. */
  private boolean told;

  private long lastTold;
  private long untold;

  MinuteRate(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Returns how many were not told since the last time, or -1 if this one is not to be told. */
  long othersIfDue() {
    long now = ticker.nanos(); // Not under the lock: a simulated clock may let others run.
    synchronized (this) {
      if (told && now - lastTold < PAUSE) {
        untold++;
        return -1;
      }
      long others = untold;
      told = true;
      lastTold = now;
      untold = 0;
      return others;
    }
  }
}
