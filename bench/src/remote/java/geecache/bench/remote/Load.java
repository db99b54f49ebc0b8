package geecache.bench.remote;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Threads that get one key after the other, or many at a time, each in an order of its own, as fast
 * as they can.
 */
final class Load {
  static final int THREADS = 64;

  /** Where many keys are got at a time. */
  static final int THREADS_OF_MANY = 16;

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
  private final int keysPerGet;
  private final CountDownLatch failed = new CountDownLatch(1);

  /** Written by the thread that runs this, read by the others, who may be a get late to see it. */
  private volatile Phase phase = Phase.WARM_UP;

  Load(Node node, List<String> keys, int keysPerGet) {
    this.node = node;
    this.keys = keys;
    this.keysPerGet = keysPerGet;
  }

  static int threads(int keysPerGet) {
    return keysPerGet == 1 ? THREADS : THREADS_OF_MANY;
  }

  /** Measures without a pause between warm-up and measured interval. For one use. */
  Figures run(int warmUpMillis, int millis) throws Exception {
    ExecutorService threads = threads();
    List<Future<Histogram>> parts = new ArrayList<>();
    for (int seed = 0; seed < threads(keysPerGet); seed++) {
      List<String> order = new ArrayList<>(keys);
      Collections.shuffle(order, new Random(seed));
      parts.add(threads.submit(() -> latencies(gets(order))));
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
    return Figures.of(all, keysPerGet, interval);
  }

  private interface Get {
    void run() throws Exception;
  }

  private Get[] gets(List<String> order) {
    Get[] gets = new Get[order.size() / keysPerGet];
    for (int i = 0; i < gets.length; i++) {
      List<String> some = order.subList(i * keysPerGet, (i + 1) * keysPerGet);
      gets[i] = keysPerGet == 1 ? one(some.get(0)) : many(new LinkedHashSet<>(some));
    }
    return gets;
  }

  private Get one(String key) {
    return () -> Values.require(key, node.get(key));
  }

  private Get many(Set<String> some) {
    return () -> {
      int[] given = {0};
      node.getAll(
          some,
          (key, value) -> {
            Values.require(key, value);
            given[0]++;
          });
      if (given[0] != some.size()) {
        throw new IllegalStateException(given[0] + " values of " + some.size() + " keys");
      }
    };
  }

  private ExecutorService threads() throws ReflectiveOperationException {
    return Boolean.getBoolean(VIRTUAL)
        ? (ExecutorService)
            Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null)
        : Executors.newFixedThreadPool(threads(keysPerGet));
  }

  /** Counts a get by when it began: one under way at the start is left out, one at the end not. */
  private Histogram latencies(Get[] order) throws Exception {
    Histogram nanos = new Histogram(MOST_NANOS, DIGITS);
    try {
      int at = 0;
      for (Phase now = phase; now != Phase.END; now = phase) {
        Get get = order[at];
        at = at + 1 == order.length ? 0 : at + 1;
        long start = System.nanoTime();
        get.run();
        long end = System.nanoTime();
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
