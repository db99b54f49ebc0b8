package geecache.bench;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.sun.management.ThreadMXBean;
import geecache.cache.Cache;
import geecache.cache.ValueCache;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** One side of {@link Evict}, in a JVM of its own. */
final class EvictSide {
  static final String RAW = "raw";
  static final String STORE = "store";
  static final int KEYS = 1 << 17;
  static final double EXPONENT = 0.9;

  /** There is room for one key in so many. */
  static final int ONE_IN = 8;

  private static final int PICKS = 1 << 20;
  private static final int BYTES = 1 << 10;
  private static final long BUDGET = (long) KEYS / ONE_IN * BYTES;
  private static final int WARM_UP_MILLIS = 2_000;
  private static final int BATCH = 256;

  /** Inserts that took longer count as this long, in tenths of a microsecond. */
  private static final int LONGEST = 1_000_000;

  private static final ThreadMXBean ACCOUNTS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String[] picked = picked();
  private final Predicate<String> holds;
  private final Consumer<String> insert;
  private final LongAdder operations = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  private EvictSide(Predicate<String> holds, Consumer<String> insert) {
    this.holds = holds;
    this.insert = insert;
  }

  public static void main(String[] arguments) throws InterruptedException {
    EvictSide side = arguments[0].equals(RAW) ? raw() : store();
    int threads = Integer.parseInt(arguments[1]);
    int millis = Integer.parseInt(arguments[2]);
    side.run(threads, WARM_UP_MILLIS);
    side.operations.reset();
    side.hits.reset();
    side.nanos.reset();
    side.run(threads, millis);
    System.out.printf(
        Locale.ROOT,
        "%.3f %.2f %.1f%n",
        side.operations.sum() * 1e3 / side.nanos.sum(),
        100.0 * side.hits.sum() / side.operations.sum(),
        side.insertMicros());
  }

  private static EvictSide raw() {
    com.github.benmanes.caffeine.cache.Cache<String, Integer> raw =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(BUDGET)
            .<String, Integer>weigher((key, value) -> BYTES)
            .build();
    return new EvictSide(key -> raw.getIfPresent(key) != null, key -> raw.put(key, BYTES));
  }

  private static EvictSide store() {
    Cache<Integer> store = new ValueCache<>(BUDGET, (key, value) -> BYTES, (key, value) -> {});
    return new EvictSide(
        key -> store.get(key) != null, key -> store.compute(key, 0, present -> BYTES));
  }

  private static String[] picked() {
    Random random = new Random(42);
    double[] sums = new double[KEYS];
    double sum = 0;
    for (int i = 0; i < KEYS; i++) {
      sum += Math.pow(i + 1, -EXPONENT);
      sums[i] = sum;
    }
    String[] keys = IntStream.range(0, KEYS).mapToObj(i -> "customer/" + i).toArray(String[]::new);
    String[] picked = new String[PICKS];
    for (int i = 0; i < PICKS; i++) {
      int at = Arrays.binarySearch(sums, random.nextDouble() * sum);
      picked[i] = keys[at < 0 ? -at - 1 : at];
    }
    return picked;
  }

  private void run(int threads, int millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    Thread[] all = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      all[i] = new Thread(() -> work(end));
      all[i].start();
    }
    for (Thread thread : all) {
      thread.join();
    }
  }

  private void work(long end) {
    int next = ThreadLocalRandom.current().nextInt(PICKS);
    long before = ACCOUNTS.getCurrentThreadCpuTime();
    long done = 0;
    long found = 0;
    while (System.nanoTime() - end < 0) {
      for (int i = 0; i < BATCH; i++) {
        String key = picked[next++ & PICKS - 1];
        if (holds.test(key)) {
          found++;
        } else {
          insert.accept(key);
        }
      }
      done += BATCH;
    }
    nanos.add(ACCOUNTS.getCurrentThreadCpuTime() - before);
    operations.add(done);
    hits.add(found);
  }

  /** Returns the time that 99.9 % of inserts take at most, each timed, on one thread. */
  private double insertMicros() {
    int[] counts = new int[LONGEST + 1];
    int inserts = 0;
    for (String key : picked) {
      if (!holds.test(key)) {
        long begin = System.nanoTime();
        insert.accept(key);
        long took = System.nanoTime() - begin;
        counts[(int) Math.min(LONGEST, took / 100)]++;
        inserts++;
      }
    }
    int longer = inserts / 1000;
    int tenths = LONGEST;
    for (int passed = counts[LONGEST]; passed <= longer && tenths > 0; passed += counts[tenths]) {
      tenths--;
    }
    return tenths / 10.0;
  }
}
