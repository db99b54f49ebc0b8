package geecache.bench;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long a cache line takes from one processor to another and back. Under a virtual machine whose
 * processors are moved about, this is now some 100 ns and now four times that, and with it all that
 * threads of different processors do together, such as waking each other.
 */
public final class LineTransfer {
  private static final int ROUND_TRIPS = 20_000;
  private static final int RUNS = 9;

  private LineTransfer() {}

  /** Returns the median of some runs, in nanoseconds; 0 where there is but one processor. */
  public static long nanos() throws InterruptedException {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      return 0;
    }
    long[] runs = new long[RUNS];
    for (int i = 0; i < RUNS; i++) {
      runs[i] = run() / ROUND_TRIPS;
    }
    Arrays.sort(runs);
    return runs[RUNS / 2];
  }

  private static long run() throws InterruptedException {
    AtomicInteger line = new AtomicInteger();
    CountDownLatch ready = new CountDownLatch(1);
    Thread other =
        new Thread(
            () -> {
              ready.countDown();
              for (int i = 0; i < ROUND_TRIPS; i++) {
                passOn(line, 2 * i + 1);
              }
            });
    other.start();
    ready.await();
    long start = System.nanoTime();
    for (int i = 0; i < ROUND_TRIPS; i++) {
      passOn(line, 2 * i);
    }
    long nanos = System.nanoTime() - start;
    other.join();
    return nanos;
  }

  private static void passOn(AtomicInteger line, int when) {
    while (line.get() != when) {
      Thread.onSpinWait();
    }
    line.set(when + 1);
  }
}
