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
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * Threads that get one key after the other, or many at a time, as fast as they can: the same keys
 * again and again, each thread in an order of its own; or keys that come but once.
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
  private final int keysPerGet;

  /** What each thread does one after the other, by its number. */
  private final IntFunction<Supplier<Get>> gets;

  private final CountDownLatch failed = new CountDownLatch(1);

  /** Written by the thread that runs this, read by the others, who may be a get late to see it. */
  private volatile Phase phase = Phase.WARM_UP;

  Load(Node node, List<String> keys, int keysPerGet) {
    this.node = node;
    this.keysPerGet = keysPerGet;
    this.gets = seed -> inOrder(keys, seed);
  }

  /**
   * Makes one whose keys come but once.
   *
   * @param keys gives one after the other to many threads
   */
  Load(Node node, Supplier<String> keys) {
    this.node = node;
    this.keysPerGet = 1;
    this.gets = thread -> () -> one(keys.get());
  }

  static int threads(int keysPerGet) {
    return keysPerGet == 1 ? THREADS : THREADS_OF_MANY;
  }

  /** Measures without a pause between warm-up and measured interval. For one use. */
  Figures run(int warmUpMillis, int millis) throws Exception {
    ExecutorService threads = threads();
    List<Future<Histogram>> parts = new ArrayList<>();
    for (int seed = 0; seed < threads(keysPerGet); seed++) {
      Supplier<Get> own = gets.apply(seed);
      parts.add(threads.submit(() -> latencies(own)));
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

  private Supplier<Get> inOrder(List<String> keys, int seed) {
    List<String> order = new ArrayList<>(keys);
    Collections.shuffle(order, new Random(seed));
    Get[] all = gets(order);
    int[] at = {0};
    return () -> {
      Get next = all[at[0]];
      at[0] = at[0] + 1 == all.length ? 0 : at[0] + 1;
      return next;
    };
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
  private Histogram latencies(Supplier<Get> gets) throws Exception {
    Histogram nanos = new Histogram(MOST_NANOS, DIGITS);
    try {
      for (Phase now = phase; now != Phase.END; now = phase) {
        Get get = gets.get();
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
