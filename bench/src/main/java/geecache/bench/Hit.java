package geecache.bench;

import geecache.GroupBuilder;
import geecache.bench.HitCaches.Sides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * {@code bench/run hit}: {@code Group.get} on hits beside {@code getIfPresent} of raw Caffeine; or
 * {@code Cached.get} of a group that keeps objects, beside {@code Group.get}; or that of a node
 * with metrics beside one without.
 *
 * <p>What the JIT compiler makes of the same code differs from JVM to JVM. So many JVMs are taken,
 * four for a round, and few pairs from each.
 */
final class Hit {
  private static final double GOAL = 0.8;
  private static final double GOAL_OF_TYPED = 0.9;
  private static final double GOAL_OF_METERED = 0.98;
  private static final int WARM_UP_PAIRS = 2;
  private static final int PAIRS = 3;

  /** As many as an interval needs. */
  private static final int LEAST_ROUNDS = 2;

  /**
   * One pair: hits for a second of processor time of each side, in millions, and bytes that each
   * allocated for a hit.
   */
  private record Pair(double raw, double group, double rawBytes, double bytes) {
    static Pair parse(String line) {
      double[] words = List.of(line.split(" ")).stream().mapToDouble(Double::parseDouble).toArray();
      return new Pair(
          words[0] / words[1] * 1e3,
          words[2] / words[3] * 1e3,
          words[4] / words[0],
          words[5] / words[2]);
    }

    double ratio() {
      return group / raw;
    }
  }

  /** A group without or with a time to live, and the threads that use it. */
  private record Setup(boolean times, int threads) {
    @Override
    public String toString() {
      return threads + " threads" + (times ? ", with a time to live" : "");
    }
  }

  private final List<Setup> setups;
  private final Sides sides;
  private final boolean pool;
  private final GroupBuilder.Store store;
  private final int pairMillis;
  private final Map<Setup, List<Pair>> pairs = new LinkedHashMap<>();

  private Hit(
      List<Integer> threads, Sides sides, boolean pool, GroupBuilder.Store store, int pairMillis) {
    this.sides = sides;
    this.setups =
        (sides == Sides.TYPED ? Stream.of(false) : Stream.of(false, true))
            .flatMap(times -> threads.stream().map(count -> new Setup(times, count)))
            .toList();
    this.pool = pool;
    this.store = store;
    this.pairMillis = pairMillis;
  }

  public static void main(String[] arguments) throws IOException, RunnerException {
    Arguments options =
        Arguments.of(
            arguments,
            List.of("--typed", "--metrics"),
            "--raw-executor",
            "--rounds",
            "--store",
            "--threads");
    Sides sides =
        options.flag("--typed")
            ? Sides.TYPED
            : options.flag("--metrics") ? Sides.METERED : Sides.RAW;
    boolean pool = options.choice("--raw-executor", "caller", "pool").equals("pool");
    String store = options.choice("--store", "caffeine", "lru", "value");
    GroupBuilder.Store which = GroupBuilder.Store.valueOf(store.toUpperCase(Locale.ROOT));
    List<Integer> threads =
        Stream.of(options.text("--threads", "1,2").split(",")).map(Integer::valueOf).toList();
    if (options.quick()) {
      int rounds = options.rounds(LEAST_ROUNDS, 3);
      new Hit(threads, sides, pool, which, 1000).run(rounds, rounds);
    } else {
      int rounds = options.rounds(LEAST_ROUNDS, 8);
      new Hit(threads, sides, pool, which, 2000).run(rounds, 2 * rounds);
    }
  }

  private void run(int rounds, int mostRounds) throws IOException, RunnerException {
    System.out.printf(
        Locale.ROOT,
        "goal: %s%n"
            + "the group's store: %s%n"
            + "%d entries, keys by Zipf 0.99; raw Caffeine's executor: %s%n"
            + "%d to %d rounds of %d pairs; a pair takes %d ms, in turns of 10 ms; hits are for a"
            + " second of processor time%n",
        goal(),
        store,
        HitCaches.ENTRIES,
        pool ? "common pool" : "the caller, as in geecache",
        rounds,
        mostRounds,
        PAIRS,
        pairMillis);
    for (int round = 1; round <= mostRounds && !(round > rounds && isNarrow()); round++) {
      for (Setup setup : setups) {
        List<Pair> measured = measure(setup);
        pairs.computeIfAbsent(setup, s -> new ArrayList<>()).addAll(measured);
        System.out.printf("round %d, %s:", round, setup);
        measured.forEach(
            pair ->
                System.out.printf(
                    Locale.ROOT, " %.1f/%.1f=%.3f", pair.group, pair.raw, pair.ratio()));
        System.out.println();
      }
    }
    report();
  }

  private String goal() {
    return switch (sides) {
      case RAW ->
          String.format(
              Locale.ROOT,
              "geecache / raw Caffeine at least %.1f in throughput at any number of threads, 0"
                  + " bytes a hit; with a time to live there is no goal but 0 bytes",
              GOAL);
      case TYPED ->
          String.format(
              Locale.ROOT,
              "hits that give a kept object / hits that give bytes at least %.1f in throughput at"
                  + " any number of threads, 0 bytes a hit; raw is the untyped group here",
              GOAL_OF_TYPED);
      case METERED ->
          String.format(
              Locale.ROOT,
              "hits with metrics and a history / hits without at least %.2f in throughput at any"
                  + " number of threads, 0 bytes a hit; raw is the group without here",
              GOAL_OF_METERED);
    };
  }

  /** Whether {@code ratio}, of hits with or without a time to live, is what it is to be. */
  private boolean isMet(Interval ratio, boolean times) {
    return switch (sides) {
      case RAW -> times || (ratio.high() >= GOAL && ratio.isNarrow());
      case TYPED -> ratio.high() >= GOAL_OF_TYPED && ratio.isNarrow();
      case METERED -> ratio.high() >= GOAL_OF_METERED && ratio.isNarrow();
    };
  }

  private List<Pair> measure(Setup setup) throws IOException, RunnerException {
    Path report = Files.createTempFile(Path.of("target"), "hit", ".txt");
    Options options =
        new OptionsBuilder()
            .include(HitBenchmark.class.getName())
            .threads(setup.threads)
            .forks(1)
            .warmupIterations(WARM_UP_PAIRS)
            .measurementIterations(PAIRS)
            .jvmArgs(
                "-Xms512m",
                "-Xmx512m",
                "-D" + HitCaches.POOL + "=" + pool,
                "-D" + HitCaches.STORE + "=" + store,
                "-D" + HitCaches.MEASURED + "=" + sides,
                "-D" + HitCaches.TIMES + "=" + setup.times,
                "-D" + HitBenchmark.PAIR_MILLIS + "=" + pairMillis,
                "-D" + HitBenchmark.REPORT + "=" + report)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    new Runner(options).runSingle();
    List<Pair> measured = Files.readAllLines(report).stream().map(Pair::parse).toList();
    Files.delete(report);
    return measured.subList(measured.size() - PAIRS, measured.size());
  }

  private Interval ratio(Setup setup) {
    return Interval.of(pairs.get(setup).stream().map(Pair::ratio).toList());
  }

  private boolean isNarrow() {
    return pairs.keySet().stream().allMatch(setup -> ratio(setup).isNarrow());
  }

  private void report() {
    double worst = Double.MAX_VALUE;
    double worstWithTimes = Double.MAX_VALUE;
    boolean met = true;
    double bytes = 0;
    double excess = 0;
    for (Map.Entry<Setup, List<Pair>> entry : pairs.entrySet()) {
      Interval ratio = ratio(entry.getKey());
      System.out.printf(
          "%s: raw %s, geecache %s million hits; ratio %s%n",
          entry.getKey(),
          range(entry.getValue().stream().map(Pair::raw).toList()),
          range(entry.getValue().stream().map(Pair::group).toList()),
          ratio);
      if (entry.getKey().times) {
        worstWithTimes = Math.min(worstWithTimes, ratio.median());
      } else {
        worst = Math.min(worst, ratio.median());
      }
      met &= isMet(ratio, entry.getKey().times);
      List<Double> allocated = entry.getValue().stream().map(Pair::bytes).toList();
      List<Double> rawAllocated = entry.getValue().stream().map(Pair::rawBytes).toList();
      System.out.printf(
          Locale.ROOT,
          "%s: bytes a hit, median and most: raw %.4f %.4f, geecache %.4f %.4f%n",
          entry.getKey(),
          Interval.of(rawAllocated).median(),
          Collections.max(rawAllocated),
          Interval.of(allocated).median(),
          Collections.max(allocated));
      bytes = Math.max(bytes, Interval.of(allocated).median());
      // Caffeine allocates a little as it adapts, on both sides: a hit of ours is to add nothing.
      excess =
          Math.max(excess, Interval.of(allocated).median() - Interval.of(rawAllocated).median());
    }
    met &= bytes < 0.005 && excess < 0.0005;
    System.out.println(Interval.EXPLANATION + " Goal " + (met ? "met." : "missed."));
    if (sides == Sides.TYPED) {
      System.out.printf(Locale.ROOT, "RESULT hit typed_ratio=%.3f bytes=%.2f%n", worst, bytes);
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "RESULT hit %1$sratio=%2$.3f %1$sttl_ratio=%3$.3f bytes=%4$.2f%n",
        sides == Sides.METERED ? "metered_" : "",
        worst,
        worstWithTimes,
        bytes);
  }

  /** The median, the least and the most. */
  private static String range(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "%.1f (%.1f to %.1f)",
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1]);
  }
}
