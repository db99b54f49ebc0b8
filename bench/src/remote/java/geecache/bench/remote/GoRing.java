package geecache.bench.remote;

import geecache.bench.Arguments;
import geecache.bench.nodes.Child;
import geecache.bench.nodes.Ends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code bench/run go}: gets of keys that another process owns, where one of the two, or both, are
 * nodes of golang/groupcache. A fresh pair for each kind and round, and one pair at a time.
 */
final class GoRing {
  private static final int REST_MILLIS = 60_000;

  /** Built by {@code bench/run}. */
  private static final String PROGRAM = Path.of("target/remote/go-node").toString();

  /** Who asks whom. */
  private enum Pair {
    GO_ASKS_GO(true, true),
    GO_ASKS_GEECACHE(true, false),
    GEECACHE_ASKS_GO(false, true);

    final boolean goAsks;
    final boolean goOwns;

    Pair(boolean goAsks, boolean goOwns) {
      this.goAsks = goAsks;
      this.goOwns = goOwns;
    }

    String title() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private final String container;
  private final int warmUpMillis;
  private final int millis;
  private final int rounds;
  private final Map<Pair, List<Figures>> measured = new EnumMap<>(Pair.class);

  private GoRing(String container, int rounds, int warmUpMillis, int millis) {
    this.container = container;
    this.warmUpMillis = warmUpMillis;
    this.millis = millis;
    this.rounds = rounds;
  }

  public static void main(String[] arguments) throws Exception {
    Arguments options = Arguments.of(arguments, List.of(), "--container", "--rounds");
    String container = options.choice("--container", "jetty", "tomcat");
    if (!Files.isExecutable(Path.of(PROGRAM))) {
      throw new IllegalStateException("bench/run did not build " + PROGRAM);
    }
    boolean quick = options.quick();
    int rounds = options.rounds(1, 3);
    new GoRing(container, rounds, quick ? 4_000 : 12_000, quick ? 3_000 : 8_000).run();
  }

  private void run() throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "goal: none; told beside what Go nodes get of each other%n"
            + "%d callers in one process; %d keys with %d bytes each, all owned by another process"
            + " on %s; no copies on the caller's side; one GET a key%n"
            + "%d rounds; in a round each pair has two new processes, %d ms of warm-up, %d ms"
            + " measured; each JVM %s; geecache's nodes in %s%n",
        Load.THREADS,
        Caller.KEYS,
        Values.LENGTH,
        Ends.HOST,
        rounds,
        warmUpMillis,
        millis,
        String.join(" ", RemoteSystem.HEAP),
        container);
    for (int round = 1; round <= rounds; round++) {
      for (Pair pair : Pair.values()) {
        System.err.printf("bench: %s, round %d of %d%n", pair.title(), round, rounds);
        Figures figures = measure(pair);
        measured.computeIfAbsent(pair, p -> new ArrayList<>()).add(figures);
        System.out.printf("%-16s  round %d: %s%n", pair.title(), round, figures);
      }
    }
    for (Pair pair : Pair.values()) {
      System.out.printf("%-16s  median: %,.0f gets/s%n", pair.title(), rate(pair));
    }
    System.out.printf(
        Locale.ROOT,
        "RESULT go go_asks_go=%.0f go_asks_geecache=%.0f geecache_asks_go=%.0f"
            + " go_asks_geecache_over_go=%.2f geecache_asks_go_over_go=%.2f%n",
        rate(Pair.GO_ASKS_GO),
        rate(Pair.GO_ASKS_GEECACHE),
        rate(Pair.GEECACHE_ASKS_GO),
        rate(Pair.GO_ASKS_GEECACHE) / rate(Pair.GO_ASKS_GO),
        rate(Pair.GEECACHE_ASKS_GO) / rate(Pair.GO_ASKS_GO));
  }

  private double rate(Pair pair) {
    double[] rates = measured.get(pair).stream().mapToDouble(Figures::rate).sorted().toArray();
    return rates[rates.length / 2];
  }

  private Figures measure(Pair pair) throws IOException, InterruptedException {
    Ends ends = Ends.free();
    try (Child owner = owner(pair, ends);
        Child caller = caller(pair, ends.turned())) {
      return Figures.parse(caller.output(warmUpMillis + millis + REST_MILLIS));
    }
  }

  private Child owner(Pair pair, Ends ends) throws IOException, InterruptedException {
    if (!pair.goOwns) {
      return RemoteSystem.GEECACHE_WITH_GO.owner(ends, container);
    }
    Child owner = Child.start("go-owner", program(ends));
    try {
      owner.awaitText(Owner.READY);
      return owner;
    } catch (RuntimeException | InterruptedException failure) {
      owner.close();
      throw failure;
    }
  }

  private Child caller(Pair pair, Ends ends) throws IOException {
    return pair.goAsks
        ? Child.start(
            "go-caller",
            program(
                ends,
                "-caller",
                "-threads=" + Load.THREADS,
                "-keys=" + Caller.KEYS,
                "-warm-up=" + warmUpMillis,
                "-millis=" + millis))
        : RemoteSystem.GEECACHE_WITH_GO.caller(ends, container, warmUpMillis, millis, 1);
  }

  private static List<String> program(Ends ends, String... more) {
    List<String> command = new ArrayList<>();
    command.add(PROGRAM);
    command.addAll(List.of("-here=" + ends.here(), "-there=" + ends.there()));
    command.addAll(Arrays.asList(more));
    return command;
  }
}
