package geecache.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * {@code bench/run hitrate}: the hit rate of each store on recorded traces, beside raw Caffeine, an
 * exact LRU and what is possible at all. Sizes are those of payloads alone, so that all sides have
 * the same room. Caffeine admits by chance what an attacker could aim at, so its figures vary from
 * run to run; those of the others do not.
 */
final class HitRate {
  private static final double GOAL_CAFFEINE = -0.5;
  private static final double GOAL_LRU = -2.5;
  private static final long MIB = 1 << 20;

  private double worstToCaffeine = Double.MAX_VALUE;
  private double worstToLru = Double.MAX_VALUE;
  private double worstToLruByBytes = Double.MAX_VALUE;
  private double widest;

  private HitRate() {}

  public static void main(String[] arguments) throws IOException {
    Arguments options = Arguments.of(arguments, "--traces");
    Path traces = Path.of(options.text("--traces", "../../shared/traces")).toAbsolutePath();
    if (!Files.isDirectory(traces)) {
      System.err.println("no traces at " + traces.normalize() + "; see bench/run --help");
      System.exit(1);
    }
    new HitRate().run(traces, 11, options.quick() ? 1 : 11);
  }

  private void run(Path traces, int pairs, int pairsOfTheLongOne) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "goal: the default store (CaffeineCache) at least %+.1f points beside raw Caffeine and"
            + " %+.1f beside LRU, and above LRU at each byte budget%n"
            + "hits in percent of all requests; medians of %d replays, of orm-busy %d%n"
            + "best = offline optimum (farthest next use; with sizes, what that greedily reaches),"
            + " bound = no cache can do better%n%n",
        GOAL_CAFFEINE,
        GOAL_LRU,
        pairs,
        pairsOfTheLongOne);
    System.out.printf(
        "%-10s %13s %7s %7s %9s %14s %7s %9s %9s %7s  %s%n",
        "trace",
        "room",
        "bound",
        "best",
        "Caffeine",
        "CaffeineCache",
        "LRU",
        "LruCache",
        "-Caffeine",
        "-LRU",
        "CaffeineCache from, to");
    Trace web = Trace.integers("web07", traces.resolve("cache2k-web07.trace.xz"));
    for (long entries : new long[] {500, 1_500, 5_000}) {
      row(web, entries, entries + " entries", pairs);
    }
    Trace sized = Trace.lines("adapt_size", traces.resolve("adapt_size-request.trace.xz"));
    for (long mib : new long[] {1, 4, 16, 64}) {
      double toLru = row(sized, mib * MIB, mib + " MiB", pairs);
      worstToLruByBytes = Math.min(worstToLruByBytes, toLru);
    }
    Trace orm = Trace.integers("orm-busy", traces.resolve("cache2k-orm-busy.trace.xz"));
    for (long entries : new long[] {1_000, 5_000, 20_000}) {
      row(orm, entries, entries + " entries", pairsOfTheLongOne);
    }
    report();
  }

  /** Returns the difference between the default store and LRU, in points. */
  private double row(Trace trace, long capacity, String room, int pairs) {
    List<Double> raw = new ArrayList<>();
    List<Double> store = new ArrayList<>();
    List<Double> differences = new ArrayList<>();
    for (int pair = 0; pair < pairs; pair++) {
      raw.add(Replay.rawCaffeine(trace, capacity));
      store.add(Replay.caffeineStore(trace, capacity));
      differences.add(store.get(pair) - raw.get(pair));
    }
    double lru = Replay.exactLru(trace, capacity);
    double toCaffeine = median(differences);
    double toLru = median(store) - lru;
    System.out.printf(
        Locale.ROOT,
        "%-10s %13s %7.1f %7.1f %9.1f %14.1f %7.1f %9.1f %+9.2f %+7.2f  %.1f, %.1f%n",
        trace.name(),
        room,
        Offline.bound(trace, capacity),
        Offline.farthestNextUse(trace, capacity),
        median(raw),
        median(store),
        lru,
        Replay.lruStore(trace, capacity),
        toCaffeine,
        toLru,
        Collections.min(store),
        Collections.max(store));
    worstToCaffeine = Math.min(worstToCaffeine, toCaffeine);
    worstToLru = Math.min(worstToLru, toLru);
    if (pairs > 5) {
      widest = Math.max(widest, Interval.of(differences).width());
    }
    return toLru;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private void report() {
    boolean met =
        worstToCaffeine >= GOAL_CAFFEINE && worstToLru >= GOAL_LRU && worstToLruByBytes > 0;
    System.out.printf(
        Locale.ROOT,
        "%nThe widest interval of a median difference to Caffeine is %.2f points. %s Goal %s.%n",
        widest,
        Interval.EXPLANATION,
        met ? "met" : "missed");
    System.out.printf(
        Locale.ROOT,
        "RESULT hitrate vs_caffeine=%+.2f vs_lru=%+.2f%n",
        worstToCaffeine,
        worstToLru);
  }
}
