package geecache.bench.remote;

import geecache.bench.Interval;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What was measured in all rounds. */
final class Results {
  private static final double GOAL = 2.0;

  private static final String NOT_MEASURED = "n/a";

  private static final double MANY_OVER_HAZELCAST = 5.0;
  private static final double MANY_OVER_REDIS = 0.8;

  private final int keysPerGet;

  /** By round. */
  private final Map<RemoteSystem, List<Figures>> measured = new EnumMap<>(RemoteSystem.class);

  Results(int keysPerGet) {
    this.keysPerGet = keysPerGet;
  }

  /** Returns what is to be shown. */
  static String goal(List<RemoteSystem> systems, int keysPerGet) {
    if (keysPerGet > 1) {
      return String.format(
          Locale.ROOT,
          "geecache gets at least %.1f times as many keys as Hazelcast, and %.1f times as Redis",
          MANY_OVER_HAZELCAST,
          MANY_OVER_REDIS);
    }
    return systems.contains(RemoteSystem.GEECACHE_REMOVALS)
        ? "for a minute after removals, geecache gets as much as without them"
        : String.format(
            Locale.ROOT,
            "geecache gets at least %.1f times as much as Hazelcast, and as Redis",
            GOAL);
  }

  void add(RemoteSystem system, Figures figures) {
    measured.computeIfAbsent(system, s -> new ArrayList<>()).add(figures);
  }

  void print() {
    for (RemoteSystem system : measured.keySet()) {
      Figures medians =
          new Figures(
              median(system, Figures::rate),
              median(system, Figures::p50),
              median(system, Figures::p99));
      System.out.printf("%-23s  medians: %s%n", system.title(), medians);
    }
    if (measured.containsKey(RemoteSystem.GEECACHE_REMOVALS)) {
      printRemovals();
      return;
    }
    System.out.printf(
        "Ratios are medians of those of each round. Goal beside Hazelcast %s, beside Redis %s.%n",
        verdict(RemoteSystem.HAZELCAST), verdict(RemoteSystem.REDIS));
    System.out.printf(
        "RESULT remote-get%s over_hazelcast=%s over_infinispan=%s over_redis=%s%s %s=%s%n",
        keysPerGet == 1 ? "" : " keys_per_get=" + keysPerGet,
        over(RemoteSystem.HAZELCAST),
        over(RemoteSystem.INFINISPAN),
        over(RemoteSystem.REDIS),
        keysPerGet == 1 ? " of_bare=" + over(RemoteSystem.BARE) : "",
        keysPerGet == 1 ? "get_per_s" : "keys_per_s",
        measured.containsKey(RemoteSystem.GEECACHE)
            ? String.format(Locale.ROOT, "%.0f", median(RemoteSystem.GEECACHE, Figures::rate))
            : NOT_MEASURED);
  }

  /** The goal is met if nothing says that removals cost something. */
  private void printRemovals() {
    Interval share = Interval.of(ratios(RemoteSystem.GEECACHE_REMOVALS, RemoteSystem.GEECACHE));
    System.out.printf(
        "gets after removals, beside gets without them: %s%n%s The goal is an interval that reaches"
            + " 1: %s.%n",
        share, Interval.EXPLANATION, share.high() >= 1 ? "met" : "missed");
    System.out.printf(
        Locale.ROOT,
        "RESULT remote-get removals_over_none=%.3f low=%.3f high=%.3f%n",
        share.median(),
        share.low(),
        share.high());
  }

  private String verdict(RemoteSystem other) {
    if (!comparable(other)) {
      return "not measured";
    }
    return ratio(other) >= goal(other) ? "met" : "missed";
  }

  private double goal(RemoteSystem other) {
    if (keysPerGet == 1) {
      return GOAL;
    }
    return other == RemoteSystem.REDIS ? MANY_OVER_REDIS : MANY_OVER_HAZELCAST;
  }

  private String over(RemoteSystem other) {
    return comparable(other) ? String.format(Locale.ROOT, "%.2f", ratio(other)) : NOT_MEASURED;
  }

  private boolean comparable(RemoteSystem other) {
    return measured.keySet().containsAll(List.of(RemoteSystem.GEECACHE, other));
  }

  private double ratio(RemoteSystem other) {
    return median(ratios(RemoteSystem.GEECACHE, other).stream().mapToDouble(each -> each));
  }

  /** Returns what one system gets beside another, round by round. */
  private List<Double> ratios(RemoteSystem one, RemoteSystem other) {
    List<Figures> ones = measured.get(one);
    List<Figures> others = measured.get(other);
    return IntStream.range(0, ones.size())
        .mapToObj(i -> ones.get(i).rate() / others.get(i).rate())
        .toList();
  }

  private double median(RemoteSystem system, ToDoubleFunction<Figures> figure) {
    return median(measured.get(system).stream().mapToDouble(figure));
  }

  static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
