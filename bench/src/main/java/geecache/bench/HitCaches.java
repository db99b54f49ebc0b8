package geecache.bench;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import geecache.ByteView;
import geecache.Geecache;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LocalNode;
import geecache.Stamp;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/**
 * The two caches of {@link HitBenchmark}, and the order in which keys are asked for. Both are four
 * fifths full, so that neither takes Caffeine's short cut for a cache which is less than half full.
 * Both are bounded by weight and so of one class: the presence of the other in the JVM costs
 * neither a devirtualised call. A key asked for is the very instance that is stored, so that
 * nothing but the caches takes time.
 */
final class HitCaches {
  static final int ENTRIES = 1 << 14;
  static final int PICKS = 1 << 16;
  static final String POOL = "geecache.bench.pool";

  private static final Stamp STAMP = new Stamp(1, 0);

  static final Group GROUP;
  static final Cache<String, ByteView> RAW;
  static final String[] PICKED;

  static {
    String[] keys =
        IntStream.range(0, ENTRIES).mapToObj(i -> "customer/" + i).toArray(String[]::new);
    Geecache node = new Geecache();
    Group measure = node.newGroup("measure", 0, HitCaches::absent);
    for (String key : keys) {
      LocalNode.partOf(measure).set(key, valueOf(key), null, STAMP);
    }
    long budget = measure.stats().bytes() / 4 * 5;
    LocalNode.partOf(measure).clear(new Stamp(2, 0));
    GROUP = node.newGroup("hits", budget, HitCaches::absent);
    RAW =
        Caffeine.newBuilder()
            .executor(executor())
            .maximumWeight(budget)
            .<String, ByteView>weigher((key, value) -> (int) (budget / 5 * 4 / ENTRIES))
            .build();
    for (String key : keys) {
      ByteView value = valueOf(key);
      LocalNode.partOf(GROUP).set(key, value, null, STAMP);
      RAW.put(key, value);
    }
    PICKED = pick(keys);
  }

  private HitCaches() {}

  private static Executor executor() {
    return Boolean.getBoolean(POOL) ? ForkJoinPool.commonPool() : Runnable::run;
  }

  private static ByteView valueOf(String key) {
    return ByteView.of("value of " + key);
  }

  private static byte[] absent(String key) throws KeyNotFoundException {
    throw new KeyNotFoundException("not a hit: " + key);
  }

  /** Zipf with exponent 0.99, the ranks dealt out at random. */
  private static String[] pick(String[] keys) {
    Random random = new Random(42);
    String[] ranked = keys.clone();
    Collections.shuffle(Arrays.asList(ranked), random);
    double[] sums = new double[ENTRIES];
    double sum = 0;
    for (int i = 0; i < ENTRIES; i++) {
      sum += Math.pow(i + 1, -0.99);
      sums[i] = sum;
    }
    String[] picked = new String[PICKS];
    for (int i = 0; i < PICKS; i++) {
      int at = Arrays.binarySearch(sums, random.nextDouble() * sum);
      picked[i] = ranked[at < 0 ? -at - 1 : at];
    }
    return picked;
  }
}
