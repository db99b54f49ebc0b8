package geecache.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import geecache.ByteView;
import geecache.Geecache;
import geecache.Getter;
import geecache.Group;
import geecache.GroupBuilder;
import geecache.KeyNotFoundException;
import java.time.Duration;
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

  /** The name of the group's store. */
  static final String STORE = "geecache.bench.store";

  /** Whether the group has a time to live. */
  static final String TIMES = "geecache.bench.times";

  static final Group GROUP;
  static final Cache<String, ByteView> RAW;
  static final String[] PICKED;

  static {
    String[] keys =
        IntStream.range(0, ENTRIES).mapToObj(i -> "customer/" + i).toArray(String[]::new);
    Geecache node = new Geecache();
    Source source = new Source();
    Group measure = group(node, "measure").maxBytes(0).register(source);
    for (String key : keys) {
      measure.getAsync(key).join();
    }
    long budget = measure.stats().bytes() / 4 * 5;
    measure.clearAsync().join();
    GROUP = group(node, "hits").maxBytes(budget).register(source);
    RAW =
        Caffeine.newBuilder()
            .executor(executor())
            .maximumWeight(budget)
            .<String, ByteView>weigher((key, value) -> (int) (budget / 5 * 4 / ENTRIES))
            .build();
    for (String key : keys) {
      RAW.put(key, GROUP.getAsync(key).join());
    }
    source.close();
    PICKED = pick(keys);
  }

  private HitCaches() {}

  private static GroupBuilder group(Geecache node, String name) {
    return node.group(name)
        .store(GroupBuilder.Store.valueOf(System.getProperty(STORE, "CAFFEINE")))
        .timeToLive(Boolean.getBoolean(TIMES) ? Duration.ofDays(1) : Duration.ZERO);
  }

  private static Executor executor() {
    return Boolean.getBoolean(POOL) ? ForkJoinPool.commonPool() : Runnable::run;
  }

  /**
   * Has values until it is closed: nothing is loaded while hits are measured. A class of its own,
   * because loader threads would wait for the initializer of this one, and it for them.
   */
  private static final class Source implements Getter {
    private volatile boolean closed;

    @Override
    public byte[] get(String key) throws KeyNotFoundException {
      if (closed) {
        throw new KeyNotFoundException("not a hit: " + key);
      }
      return ("value of " + key).getBytes(UTF_8);
    }

    void close() {
      closed = true;
    }
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
