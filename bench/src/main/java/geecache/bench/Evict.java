package geecache.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * {@code bench/run evict}: a cache that is too small, so that many an insert evicts: the store by
 * value beside raw Caffeine. Each side runs in a JVM of its own, by turns; this process only starts
 * them.
 */
final class Evict {
  private static final double GOAL = 0.5;
  private static final double GOAL_MICROS = 1000;
  private static final int[] THREADS = {1, 2};

  /** Operations for a second of processor time, in millions, and what inserts took. */
  private record Measured(double operations, double hitPercent, double micros) {
    static Measured parse(String line) {
      double[] words = Stream.of(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
      return new Measured(words[0], words[1], words[2]);
    }
  }

  private record Pair(Measured raw, Measured store) {
    double ratio() {
      return store.operations / raw.operations;
    }
  }

  private final int rounds;
  private final int millis;

  private Evict(int rounds, int millis) {
    this.rounds = rounds;
    this.millis = millis;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Arguments options = Arguments.of(arguments);
    if (options.quick()) {
      new Evict(6, 1_000).run();
    } else {
      new Evict(12, 4_000).run();
    }
  }

  private void run() throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "goal: at least %.1f of raw Caffeine's operations, and 99.9 %% of inserts within %.0f"
            + " microseconds%n%d keys by Zipf %.1f, room for one in %d; what is not there is put"
            + " there; %d pairs, operations are for a second of processor time%n",
        GOAL,
        GOAL_MICROS,
        EvictSide.KEYS,
        EvictSide.EXPONENT,
        EvictSide.ONE_IN,
        rounds);
    double worst = Double.MAX_VALUE;
    double slowest = 0;
    for (int threads : THREADS) {
      List<Pair> pairs = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        boolean rawFirst = round % 2 == 0;
        Measured first = measure(rawFirst ? EvictSide.RAW : EvictSide.STORE, threads);
        Measured second = measure(rawFirst ? EvictSide.STORE : EvictSide.RAW, threads);
        pairs.add(rawFirst ? new Pair(first, second) : new Pair(second, first));
      }
      Interval ratio = Interval.of(pairs.stream().map(Pair::ratio).toList());
      double micros = median(pairs.stream().map(pair -> pair.store.micros).toList());
      System.out.printf(
          Locale.ROOT,
          "%d threads: raw %.1f, the store %.1f million operations, ratio %s; hits %.1f and %.1f %%;"
              + " 99.9 %% of inserts within %.1f and %.1f microseconds%n",
          threads,
          median(pairs.stream().map(pair -> pair.raw.operations).toList()),
          median(pairs.stream().map(pair -> pair.store.operations).toList()),
          ratio,
          median(pairs.stream().map(pair -> pair.raw.hitPercent).toList()),
          median(pairs.stream().map(pair -> pair.store.hitPercent).toList()),
          median(pairs.stream().map(pair -> pair.raw.micros).toList()),
          micros);
      worst = Math.min(worst, ratio.median());
      slowest = Math.max(slowest, micros);
    }
    boolean met = worst >= GOAL && slowest <= GOAL_MICROS;
    System.out.println(Interval.EXPLANATION + " Goal " + (met ? "met." : "missed."));
    System.out.printf(
        Locale.ROOT, "RESULT evict ratio=%.3f insert_p999_micros=%.1f%n", worst, slowest);
  }

  private static double median(List<Double> values) {
    return Interval.of(values).median();
  }

  private Measured measure(String side, int threads) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xms512m",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                EvictSide.class.getName(),
                side,
                String.valueOf(threads),
                String.valueOf(millis))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = process.inputReader()) {
      String line = lines.readLine();
      if (process.waitFor() != 0 || line == null) {
        throw new IOException(side + " with " + threads + " threads ended early");
      }
      return Measured.parse(line);
    } finally {
      process.destroyForcibly();
    }
  }
}
