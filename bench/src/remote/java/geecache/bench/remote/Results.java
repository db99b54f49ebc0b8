package geecache.bench.remote;

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
  static final double GOAL = 2.0;

  private static final String NOT_MEASURED = "n/a";

  /** By round. */
  private final Map<RemoteSystem, List<Figures>> measured = new EnumMap<>(RemoteSystem.class);

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
    System.out.printf(
        "Ratios are medians of those of each round. Goal beside Hazelcast %s, beside Redis %s.%n",
        verdict(RemoteSystem.HAZELCAST), verdict(RemoteSystem.REDIS));
    System.out.printf(
        "RESULT remote-get over_hazelcast=%s over_infinispan=%s over_redis=%s get_per_s=%s%n",
        over(RemoteSystem.HAZELCAST),
        over(RemoteSystem.INFINISPAN),
        over(RemoteSystem.REDIS),
        measured.containsKey(RemoteSystem.GEECACHE)
            ? String.format(Locale.ROOT, "%.0f", median(RemoteSystem.GEECACHE, Figures::rate))
            : NOT_MEASURED);
  }

  private String verdict(RemoteSystem other) {
    if (!comparable(other)) {
      return "not measured";
    }
    return ratio(other) >= GOAL ? "met" : "missed";
  }

  private String over(RemoteSystem other) {
    return comparable(other) ? String.format(Locale.ROOT, "%.2f", ratio(other)) : NOT_MEASURED;
  }

  private boolean comparable(RemoteSystem other) {
    return measured.keySet().containsAll(List.of(RemoteSystem.GEECACHE, other));
  }

  private double ratio(RemoteSystem other) {
    List<Figures> ours = measured.get(RemoteSystem.GEECACHE);
    List<Figures> others = measured.get(other);
    return median(
        IntStream.range(0, ours.size())
            .mapToDouble(i -> ours.get(i).rate() / others.get(i).rate()));
  }

  private double median(RemoteSystem system, ToDoubleFunction<Figures> figure) {
    return median(measured.get(system).stream().mapToDouble(figure));
  }

  private static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
