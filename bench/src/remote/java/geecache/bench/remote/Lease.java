package geecache.bench.remote;

import geecache.bench.Arguments;
import geecache.bench.nodes.Child;
import geecache.bench.nodes.Ends;
import geecache.bench.nodes.Jars;
import geecache.bench.nodes.RedisServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * {@code bench/run lease}: cold keys that another process owns and callers load, by lease, beside a
 * getter at the owner, and beside a lock and a put by Redisson and by Hazelcast. A fresh pair of
 * processes for each system and round, and one pair at a time.
 */
final class Lease {
  private static final double GOAL_OVER_GETTER = 0.5;
  private static final double GOAL_OVER_LOCKS = 2.0;

  /** What a caller may take beyond what it measures. */
  private static final int REST_MILLIS = 120_000;

  private final String container;
  private final int rounds;
  private final int warmUpMillis;
  private final int millis;

  /** By round, and there by how long a load takes. */
  private final Map<RemoteSystem, List<List<Figures>>> measured = new EnumMap<>(RemoteSystem.class);

  private Lease(String container, int rounds, int warmUpMillis, int millis) {
    this.container = container;
    this.rounds = rounds;
    this.warmUpMillis = warmUpMillis;
    this.millis = millis;
  }

  public static void main(String[] arguments) throws Exception {
    Arguments options = Arguments.of(arguments, List.of(), "--container");
    String container = options.choice("--container", "jetty", "tomcat");
    if (!RedisServer.isInstalled()) {
      System.err.println("no redis-server on the PATH: apt-get install redis-server");
      System.exit(1);
    }
    if (options.quick()) {
      new Lease(container, 3, 4_000, 2_000).run();
    } else {
      new Lease(container, 5, 12_000, 8_000).run();
    }
  }

  private void run() throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "goal: by lease at least %.1f times as many keys as by a getter at the owner, and %.1f"
            + " times as many as by a lock and a put%n"
            + "%d threads in one process; each get is of a key that is in no memory, whose value of"
            + " %d bytes another process keeps, on %s%n"
            + "a load takes %s microseconds; %d rounds; in a round each system has two new"
            + " processes, %d ms of warm-up, and %d ms measured for each of the two; each JVM %s%n"
            + "%s; geecache's nodes in %s%n",
        GOAL_OVER_GETTER,
        GOAL_OVER_LOCKS,
        Load.THREADS,
        Values.LENGTH,
        Ends.HOST,
        ColdCaller.LOAD_MICROS.stream().map(String::valueOf).collect(Collectors.joining(" or ")),
        rounds,
        warmUpMillis,
        millis,
        String.join(" ", RemoteSystem.HEAP),
        Jars.versions("hazelcast-", "redisson-"),
        Jars.versions(container.equals("jetty") ? "jetty-server-" : "tomcat-embed-core-"));
    for (int round = 1; round <= rounds; round++) {
      for (RemoteSystem system : RemoteGet.inTurn(RemoteSystem.OF_COLD_KEYS, round)) {
        System.err.printf("bench: %s, round %d of %d%n", system.title(), round, rounds);
        List<Figures> figures = measure(system);
        measured.computeIfAbsent(system, s -> new ArrayList<>()).add(figures);
        for (int i = 0; i < figures.size(); i++) {
          System.out.printf(
              "%-14s  round %d, loads of %4d us: %s%n",
              system.title(), round, ColdCaller.LOAD_MICROS.get(i), figures.get(i));
        }
      }
    }
    report();
  }

  private List<Figures> measure(RemoteSystem system) throws IOException, InterruptedException {
    Ends ends = Ends.free();
    try (Child owner = system.owner(ends, container);
        Child caller = system.coldCaller(ends.turned(), container, warmUpMillis, millis)) {
      int limit = ColdCaller.LOAD_MICROS.size() * (warmUpMillis + millis) + REST_MILLIS;
      return Figures.parseAll(caller.output(limit));
    }
  }

  private void report() {
    for (RemoteSystem system : RemoteSystem.OF_COLD_KEYS) {
      for (int i = 0; i < ColdCaller.LOAD_MICROS.size(); i++) {
        int at = i;
        double rate =
            Results.median(measured.get(system).stream().mapToDouble(all -> all.get(at).rate()));
        System.out.printf(
            Locale.ROOT,
            "%-14s  loads of %4d us: median %,.0f keys/s; by lease beside it %.2f%n",
            system.title(),
            ColdCaller.LOAD_MICROS.get(i),
            rate,
            ratio(system, i));
      }
    }
    double getter = least(RemoteSystem.GETTER);
    double redisson = least(RemoteSystem.REDISSON_LOCK);
    double hazelcast = least(RemoteSystem.HAZELCAST_LOCK);
    System.out.printf(
        "Ratios are medians of those of each round; told is the lesser one of the two loads. Goal"
            + " %s.%n",
        getter >= GOAL_OVER_GETTER && Math.min(redisson, hazelcast) >= GOAL_OVER_LOCKS
            ? "met"
            : "missed");
    System.out.printf(
        Locale.ROOT,
        "RESULT lease over_getter=%.2f over_redisson=%.2f over_hazelcast=%.2f%n",
        getter,
        redisson,
        hazelcast);
  }

  private double least(RemoteSystem other) {
    return IntStream.range(0, ColdCaller.LOAD_MICROS.size())
        .mapToDouble(i -> ratio(other, i))
        .min()
        .orElseThrow();
  }

  /** Returns what leases get beside another, for one of the loads. */
  private double ratio(RemoteSystem other, int load) {
    return Results.median(
        IntStream.range(0, rounds)
            .mapToDouble(
                round ->
                    measured.get(RemoteSystem.LEASE).get(round).get(load).rate()
                        / measured.get(other).get(round).get(load).rate()));
  }
}
