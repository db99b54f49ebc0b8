package geecache.bench.remote;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Threads that get one key after the other, each in an order of its own, as fast as they can. */
final class Load {
  static final int THREADS = 64;

  /** The system property that has all systems' callers be virtual threads. */
  static final String VIRTUAL = "geecache.bench.virtual";

  /** The first JVM that has those. */
  static final int FIRST_WITH_VIRTUAL = 21;

  private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Latencies are told with an error of at most 1 %. */
  private static final int DIGITS = 2;

  private enum Phase {
    WARM_UP,
    MEASURED,
    END
  }

  private final Node node;
  private final List<String> keys;
  private final CountDownLatch failed = new CountDownLatch(1);

  /** Written by the thread that runs this, read by the others, who may be a get late to see it. */
  private volatile Phase phase = Phase.WARM_UP;

  Load(Node node, List<String> keys) {
    this.node = node;
    this.keys = keys;
  }

  /** Measures without a pause between warm-up and measured interval. For one use. */
  Figures run(int warmUpMillis, int millis) throws Exception {
    ExecutorService threads = threads();
    List<Future<Histogram>> parts = new ArrayList<>();
    for (int seed = 0; seed < THREADS; seed++) {
      List<String> order = new ArrayList<>(keys);
      Collections.shuffle(order, new Random(seed));
      parts.add(threads.submit(() -> latencies(order.toArray(String[]::new))));
    }
    threads.shutdown();

    failed.await(warmUpMillis, TimeUnit.MILLISECONDS);
    long start = System.nanoTime();
    phase = Phase.MEASURED;
    failed.await(millis, TimeUnit.MILLISECONDS);
    phase = Phase.END;
    long interval = System.nanoTime() - start;

    Histogram all = new Histogram(MOST_NANOS, DIGITS);
    for (Future<Histogram> part : parts) {
      all.add(part.get());
    }
    return Figures.of(all, interval);
  }

  private static ExecutorService threads() throws ReflectiveOperationException {
    return Boolean.getBoolean(VIRTUAL)
        ? (ExecutorService)
            Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null)
        : Executors.newFixedThreadPool(THREADS);
  }

  /** Counts a get by when it began: one under way at the start is left out, one at the end not. */
  private Histogram latencies(String[] order) throws Exception {
    Histogram nanos = new Histogram(MOST_NANOS, DIGITS);
    try {
      int at = 0;
      for (Phase now = phase; now != Phase.END; now = phase) {
        String key = order[at];
        at = at + 1 == order.length ? 0 : at + 1;
        long start = System.nanoTime();
        byte[] value = node.get(key);
        long end = System.nanoTime();
        Values.require(key, value);
        if (now == Phase.MEASURED) {
          nanos.recordValue(end - start);
        }
      }
      return nanos;
    } catch (Throwable failure) {
      failed.countDown();
      throw failure;
    }
  }
}
