package geecache.bench.spring;

import geecache.bench.Arguments;
import geecache.bench.nodes.Jars;
import geecache.bench.nodes.RedisServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * {@code bench/run evict-rounds}: whether Spring's caches give the row of before when an evict has
 * returned, with geecache and with Spring Data Redis. Ends with 1 if geecache does.
 */
final class EvictRounds {
  private static final int ROUNDS = 10_000;
  private static final int QUICK_ROUNDS = 300;

  /** Of the locking writer, unless it is told otherwise: 50 ms. */
  private static final int LOCK_SLEEP_MILLIS = 1;

  private static final String MET = "met";

  private final List<Side> systems;
  private final int rounds;
  private final Duration lockSleep;
  private final Map<Side, Tally> sums = new EnumMap<>(Side.class);

  private EvictRounds(List<Side> systems, int rounds, Duration lockSleep) {
    this.systems = systems;
    this.rounds = rounds;
    this.lockSleep = lockSleep;
  }

  public static void main(String[] arguments) throws Exception {
    Arguments options = Arguments.of(arguments, List.of(), "--systems", "--rounds", "--lock-sleep");
    List<Side> systems = systems(options.text("--systems", ""));
    int rounds = options.number("--rounds", options.quick() ? QUICK_ROUNDS : ROUNDS);
    int lockSleep = options.number("--lock-sleep", LOCK_SLEEP_MILLIS);
    if (rounds < Kind.values().length || lockSleep < 1) {
      throw Arguments.usage(
          "--rounds takes %d or more, --lock-sleep 1 or more: %d, %d"
              .formatted(Kind.values().length, rounds, lockSleep));
    }
    if (systems.stream().anyMatch(Side::isOfRedis) && !RedisServer.isInstalled()) {
      System.err.println(
          "no redis-server on the PATH: apt-get install redis-server, or give --systems geecache");
      System.exit(1);
    }
    System.exit(new EvictRounds(systems, rounds, Duration.ofMillis(lockSleep)).run() ? 0 : 1);
  }

  private static List<Side> systems(String named) {
    List<Side> all = List.of(Side.values());
    if (named.isEmpty()) {
      return all;
    }
    List<String> names = List.of(named.split(","));
    List<String> known = all.stream().map(Side::label).toList();
    if (!known.containsAll(names)) {
      throw Arguments.usage("--systems takes some of " + String.join(",", known) + ": " + named);
    }
    return all.stream().filter(each -> names.contains(each.label())).toList();
  }

  private boolean run() throws Exception {
    System.out.printf(
        Locale.ROOT,
        "goal: with geecache, no read that begins when an evict has returned gives the row of"
            + " before; Redis has no goal%n"
            + "%d instances of an application of Spring in one process, a database (H2), %d rounds"
            + " of %d kinds in turn; %s%n"
            + "old snapshots: transactions of REPEATABLE READ have read the row, and ask their"
            + " caches (sync = true) at random instants about the change, or when its evict has"
            + " returned%n"
            + "overlapping loads: readers without transactions load at random instants about the"
            + " change, with sync = true, and without; a load takes up to 8 ms%n"
            + "the row is changed, and evicted by @CacheEvict, at a random instance; when that"
            + " has returned, all instances read at once, and again when all other readers have"
            + " ended%n"
            + "%s: evicts and puts are done when they return; %s: over Lettuce they are not, by its"
            + " defaults; both with a lock, for which who waits asks each %d ms%n",
        Rounds.INSTANCES,
        rounds,
        Kind.values().length,
        Jars.versions("spring-context-7", "spring-data-redis-", "lettuce-core-", "h2-"),
        Side.REDIS.label(),
        Side.REDIS_ASYNC.label(),
        lockSleep.toMillis());
    System.out.println(Tally.header());
    for (Side side : systems) {
      measure(side);
    }
    System.out.println(
        "failed: rounds whose evict was said not to have reached all instances, which do not"
            + " count; late loads: those that ended when the row had been changed, and brought that of before;"
            + " stayed: rounds in which the last reads saw it too; change: until its evict has"
            + " returned, on average");
    Tally geecache = sums.get(Side.GEECACHE);
    String verdict = geecache == null ? "not measured" : verdict(geecache);
    System.out.printf("Goal %s.%n", verdict);
    System.out.printf(
        "RESULT evict-rounds rounds=%d %s %s %s%n",
        rounds,
        figures(side -> side.name() + "_stale", Tally::staleReads),
        figures(side -> "loads_" + side.name(), Tally::loads),
        figures(side -> side.name() + "_failed", Tally::failedEvicts));
    return geecache == null || verdict.equals(MET);
  }

  /** A goal that nothing was tried against is not met. */
  private static String verdict(Tally geecache) {
    if (geecache.staleReads() > 0) {
      return "missed";
    }
    if (geecache.rounds() == 0) {
      return "not tried: every evict failed";
    }
    return geecache.lateLoads() > 0 ? MET : "not tried: no load was late";
  }

  private String figures(Function<Side, String> name, ToLongFunction<Tally> figure) {
    return Arrays.stream(Side.values())
        .map(
            side ->
                name.apply(side).toLowerCase(Locale.ROOT)
                    + "="
                    + (sums.containsKey(side) ? figure.applyAsLong(sums.get(side)) : "n/a"))
        .collect(Collectors.joining(" "));
  }

  private void measure(Side side) throws Exception {
    long began = System.nanoTime();
    try (Caches caches = side.start(Rounds.INSTANCES, lockSleep);
        Rounds all = new Rounds(side.label(), caches)) {
      Map<Kind, Tally> tallies = all.run(rounds);
      tallies.forEach((kind, tally) -> System.out.println(tally.row(side.label(), kind.title())));
      Tally sum = Tally.sum(tallies.values());
      System.out.println(sum.row(side.label(), "all"));
      sums.put(side, sum);
    }
    System.err.printf(
        "bench: %s took %d s%n",
        side.label(), TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
  }
}
