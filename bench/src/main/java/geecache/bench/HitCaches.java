package geecache.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import geecache.ByteView;
import geecache.Cached;
import geecache.Geecache;
import geecache.Getter;
import geecache.Group;
import geecache.GroupBuilder;
import geecache.KeyNotFoundException;
import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import geecache.internal.DaemonThreads;
import geecache.metrics.GeecacheMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The caches of {@link HitBenchmark}, and the order in which keys are asked for. Both are four
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

  /** What is measured, beside what. */
  enum Sides {
    /** A group beside raw Caffeine. */
    RAW,
    /** A typed group beside an untyped one. */
    TYPED,
    /** A group of a node with metrics and a history beside one of a node without. */
    METERED
  }

  /** The name of the {@link Sides}. */
  static final String MEASURED = "geecache.bench.sides";

  static final Sides SIDES = Sides.valueOf(System.getProperty(MEASURED, "RAW"));

  static final Group GROUP;

  /**
   * A group as the other one, of a node whose metrics are read each second, with a history; the
   * other one itself unless it is measured.
   */
  static final Group METERED_GROUP;

  /** Keeps the objects beside the bytes, and has room for all; empty unless it is measured. */
  static final Cached<String, String> TYPED_GROUP;

  static final Cache<String, ByteView> RAW;
  static final String[] PICKED;

  /** How many hits the measured group had before. */
  static final long HITS_BEFORE;

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
    METERED_GROUP =
        SIDES == Sides.METERED
            ? group(meteredNode(), "hits").maxBytes(budget).register(source)
            : GROUP;
    RAW =
        Caffeine.newBuilder()
            .executor(executor())
            .maximumWeight(budget)
            .<String, ByteView>weigher((key, value) -> (int) (budget / 5 * 4 / ENTRIES))
            .build();
    for (String key : keys) {
      RAW.put(key, GROUP.getAsync(key).join());
      if (SIDES == Sides.METERED) {
        METERED_GROUP.getAsync(key).join();
      }
    }
    TYPED_GROUP =
        group(node, "typed")
            .maxBytes(2 * budget)
            .typed(KeyCodec.text(), Codec.text())
            .keepDecoded()
            .register(source::text);
    if (SIDES == Sides.TYPED) {
      for (String key : keys) {
        TYPED_GROUP.get(key);
        requireKept(TYPED_GROUP.get(key), TYPED_GROUP.get(key));
      }
    }
    HITS_BEFORE = measured().stats().mainHits();
    source.close();
    PICKED = pick(keys);
    System.gc(); // Else the objects of each side lie among the garbage of its own loads.
  }

  private HitCaches() {}

  /** Returns the group whose hits are compared with the others. */
  static Group measured() {
    return switch (SIDES) {
      case RAW -> GROUP;
      case TYPED -> TYPED_GROUP.group();
      case METERED -> METERED_GROUP;
    };
  }

  private static Geecache meteredNode() {
    Geecache node = new Geecache();
    node.local().keepHistory();
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new GeecacheMetrics(node).bindTo(registry);
    Executors.newSingleThreadScheduledExecutor(new DaemonThreads("scrape-"))
        .scheduleAtFixedRate(registry::scrape, 1, 1, TimeUnit.SECONDS);
    return node;
  }

  private static void requireKept(String one, String other) {
    if (one != other) {
      throw new AssertionError("decoded anew: " + one);
    }
  }

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

    String text(String key) throws KeyNotFoundException {
      return new String(get(key), UTF_8);
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
