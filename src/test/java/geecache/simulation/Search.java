package geecache.simulation;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/**
 * Runs many seeds, several at once, and tells which break a promise. The first plans that do are
 * made shorter.
 */
final class Search {
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** The most runs for making one plan shorter. */
  private static final int MOST_RUNS = 2_000;

  private final long from;
  private final long seeds;
  private final int operations;
  private final int mostShortened;
  private final PrintStream out;

  /** Guards all fields below, and the output. */
  private final Object lock = new Object();

  private long next;
  private long done;
  private long carriedOut;
  private long fingerprint;
  private long progressAt = System.nanoTime() + PROGRESS_NANOS;
  private final Counts exercised = new Counts();
  private final Map<Property, Integer> breaches = new EnumMap<>(Property.class);

  /**
   * Makes a search of the seeds from {@code from} on.
   *
   * @param operations the least operations in a run
   * @param mostShortened the most plans for each property that are made shorter
   */
  Search(long from, long seeds, int operations, int mostShortened, PrintStream out) {
    this.from = from;
    this.seeds = seeds;
    this.operations = operations;
    this.mostShortened = mostShortened;
    this.out = out;
  }

  /** Searches, and returns how many seeds break a promise. */
  int run(int threads) throws InterruptedException {
    Logger log = Logger.getLogger("geecache");
    Level before = log.getLevel();
    log.setLevel(Level.OFF); // Nodes tell of each lost contact.
    try {
      List<Thread> workers =
          IntStream.range(0, threads).mapToObj(i -> new Thread(this::work, "search-" + i)).toList();
      workers.forEach(Thread::start);
      for (Thread worker : workers) {
        worker.join();
      }
    } finally {
      log.setLevel(before);
    }
    out.println(closingLine());
    return breachCount();
  }

  /** Returns how often a property could have been broken. After {@link #run}. */
  long exercised(Property property) {
    return exercised.of(property);
  }

  private int breachCount() {
    return breaches.values().stream().mapToInt(Integer::intValue).sum();
  }

  private String closingLine() {
    return "SIMULATION seeds=%d from=%d operations=%d breaches=%d%s exercised: %s fingerprint=%016x"
        .formatted(
            seeds,
            from,
            carriedOut,
            breachCount(),
            breaches.isEmpty() ? "" : " " + breaches,
            exercised,
            fingerprint);
  }

  private void work() {
    for (long seed = nextSeed(); seed >= 0; seed = nextSeed()) {
      note(seed, Run.of(Planner.of(seed, operations)));
    }
  }

  private long nextSeed() {
    synchronized (lock) {
      return next == seeds ? -1 : from + next++;
    }
  }

  private void note(long seed, Outcome outcome) {
    List<Property> shortened = new ArrayList<>();
    synchronized (lock) {
      done++;
      carriedOut += outcome.operations();
      fingerprint += outcome.fingerprint();
      exercised.add(outcome.exercised());
      for (Property property : Property.values()) {
        Breach breach = outcome.breaches().get(property);
        if (breach != null) {
          out.println("seed %d (%s) breaks %s".formatted(seed, outcome.plan().theme(), breach));
          if (breaches.merge(property, 1, Integer::sum) <= mostShortened) {
            shortened.add(property);
          }
        }
      }
      if (!outcome.breaches().isEmpty()) {
        out.println(
            "  again: mvn test -Psimulation -Dsimulation.from=%d -Dsimulation.seeds=1 %s"
                .formatted(seed, "-Dsimulation.operations=" + operations));
      }
      if (System.nanoTime() - progressAt > 0) {
        progressAt = System.nanoTime() + PROGRESS_NANOS;
        out.printf(
            "%d of %d seeds, %d operations, %d breaches%n", done, seeds, carriedOut, breachCount());
      }
    }
    shortened.forEach(property -> shorten(seed, outcome, property));
  }

  private void shorten(long seed, Outcome outcome, Property property) {
    Outcome shortest = Shrinker.shorten(outcome, property, MOST_RUNS, Run::of);
    synchronized (lock) {
      out.println("seed " + seed + ", made shorter, breaks " + shortest.breaches().get(property));
      out.println(shortest.plan().timeLine());
      if (!shortest.story().isEmpty()) {
        out.println("What happened:");
        shortest.story().forEach(out::println);
      }
      out.println();
    }
  }
}
