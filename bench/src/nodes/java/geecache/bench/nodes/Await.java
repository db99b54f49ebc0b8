package geecache.bench.nodes;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what says neither when it happens nor that it did. */
public final class Await {
  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private Await() {}

  /**
   * @param what completes "waited too long for"
   */
  public static void until(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + LIMIT_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("waited too long for " + what);
      }
      Thread.sleep(20);
    }
  }
}
