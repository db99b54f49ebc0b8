package geecache.bench.remote;

import geecache.bench.Arguments;
import geecache.bench.LineTransfer;
import geecache.bench.nodes.Child;
import geecache.bench.nodes.Ends;
import geecache.bench.nodes.Jars;
import geecache.bench.nodes.RedisServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * {@code bench/run remote-get}: gets of keys that another process owns. This process only starts
 * those that are measured, a fresh pair for each system and round, and one pair at a time.
 */
final class RemoteGet {
  private static final int ROUNDS = 3;

  /** As many as an interval needs. */
  private static final int ROUNDS_OF_REMOVALS = 6;

  /** What a caller may take beyond warm-up and measured interval. */
  private static final int REST_MILLIS = 120_000;

  private final List<RemoteSystem> systems;
  private final int rounds;
  private final String container;
  private final int warmUpMillis;
  private final int millis;
  private final int keysPerGet;

  private RemoteGet(
      List<RemoteSystem> systems,
      String container,
      int rounds,
      int warmUpMillis,
      int millis,
      int keysPerGet) {
    this.keysPerGet = keysPerGet;
    this.systems = systems;
    this.rounds = rounds;
    this.container = container;
    this.warmUpMillis = warmUpMillis;
    this.millis = millis;
  }

  public static void main(String[] arguments) throws Exception {
    Arguments options =
        Arguments.of(
            arguments,
            List.of("--without-redis", "--virtual", "--removals"),
            "--container",
            "--systems",
            "--rounds",
            "--keys-per-get");
    int keysPerGet = options.number("--keys-per-get", 1);
    if (keysPerGet < 1
        || keysPerGet > Caller.KEYS
        || (keysPerGet > 1 && options.flag("--removals"))) {
      throw Arguments.usage(
          "--keys-per-get takes 1 to %d, and 1 with --removals: %d"
              .formatted(Caller.KEYS, keysPerGet));
    }
    String container = options.choice("--container", "jetty", "tomcat");
    List<RemoteSystem> systems = systems(options, keysPerGet);
    if (systems.contains(RemoteSystem.REDIS) && !RedisServer.isInstalled()) {
      System.err.println(
          "no redis-server on the PATH: apt-get install redis-server, or give --without-redis");
      System.exit(1);
    }
    if (options.flag("--virtual")) {
      if (Runtime.version().feature() < Load.FIRST_WITH_VIRTUAL) {
        throw Arguments.usage("--virtual needs a JVM 21 or later: " + Runtime.version());
      }
      System.setProperty(Load.VIRTUAL, "true");
    }
    boolean quick = options.quick();
    int rounds =
        options.flag("--removals")
            ? options.rounds(ROUNDS_OF_REMOVALS, ROUNDS_OF_REMOVALS)
            : options.rounds(1, ROUNDS);
    int warmUpMillis = quick ? 4_000 : 15_000;
    int millis = quick ? 3_000 : 10_000;
    new RemoteGet(systems, container, rounds, warmUpMillis, millis, keysPerGet).run();
  }

  private static List<RemoteSystem> systems(Arguments options, int keysPerGet) {
    if (options.flag("--removals")) {
      return List.of(RemoteSystem.GEECACHE, RemoteSystem.GEECACHE_REMOVALS);
    }
    List<RemoteSystem> systems = new ArrayList<>(RemoteSystem.OF_REMOTE_GET);
    if (keysPerGet > 1) {
      systems.retainAll(RemoteSystem.OF_MANY_KEYS);
    }
    String named = options.text("--systems", "");
    if (!named.isEmpty()) {
      List<String> names = List.of(named.split(","));
      List<String> known = systems.stream().map(RemoteSystem::label).toList();
      if (!known.containsAll(names)) {
        throw Arguments.usage("--systems takes some of " + String.join(",", known) + ": " + named);
      }
      systems.removeIf(system -> !names.contains(system.label()));
    }
    if (options.flag("--without-redis")) {
      systems.remove(RemoteSystem.REDIS);
    }
    return systems;
  }

  private void run() throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "goal: %s%n%d %sthreads in one process, %d keys a get; %d keys with %d bytes each, all"
            + " owned by another process on %s; no copies on the caller's side%n%d rounds; in a"
            + " round each system has two new processes, %d ms of warm-up, %d ms measured; each JVM"
            + " %s%n%s; geecache's nodes in %s%n",
        Results.goal(systems, keysPerGet),
        Load.threads(keysPerGet),
        Boolean.getBoolean(Load.VIRTUAL) ? "virtual " : "",
        keysPerGet,
        Caller.KEYS,
        Values.LENGTH,
        Ends.HOST,
        rounds,
        warmUpMillis,
        millis,
        String.join(" ", RemoteSystem.HEAP),
        Jars.versions("hazelcast-", "infinispan-core-", "jedis-"),
        Jars.versions(container.equals("jetty") ? "jetty-server-" : "tomcat-embed-core-"));
    Results results = new Results(keysPerGet);
    for (int round = 1; round <= rounds; round++) {
      for (RemoteSystem system : inTurn(systems, round)) {
        System.err.printf("bench: %s, round %d of %d%n", system.title(), round, rounds);
        long transfer = LineTransfer.nanos();
        Figures figures = measure(system);
        results.add(system, figures);
        System.out.printf(
            "%-23s  round %d: %s  (line there and back %d ns)%n",
            system.title(), round, figures, transfer);
      }
    }
    results.print();
  }

  /** In every second round from the last to the first: what drifts meets all alike. */
  static List<RemoteSystem> inTurn(List<RemoteSystem> systems, int round) {
    List<RemoteSystem> order = new ArrayList<>(systems);
    if (round % 2 == 0) {
      Collections.reverse(order);
    }
    return order;
  }

  private Figures measure(RemoteSystem system) throws IOException, InterruptedException {
    Ends ends = Ends.free();
    try (Child owner = system.owner(ends, container);
        Child caller = system.caller(ends.turned(), container, warmUpMillis, millis, keysPerGet)) {
      return Figures.parse(caller.output(warmUpMillis + millis + REST_MILLIS));
    }
  }
}
