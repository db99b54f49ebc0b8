package geecache.simulation;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;

/** Tells what runs were like, so that another JVM can be asked for the same. */
final class Fingerprints {
  private Fingerprints() {}

  /** Prints the fingerprints of runs of so many seeds with so many operations. */
  public static void main(String[] arguments) {
    of(Long.parseLong(arguments[0]), Integer.parseInt(arguments[1])).forEach(System.out::println);
  }

  /** Returns a line for each seed. */
  static List<String> of(long seeds, int operations) {
    Logger log = Logger.getLogger("geecache");
    Level before = log.getLevel();
    log.setLevel(Level.OFF);
    try {
      return LongStream.range(0, seeds)
          .mapToObj(seed -> Run.of(Planner.of(seed, operations)))
          .map(
              run ->
                  "%d %016x %d"
                      .formatted(run.plan().seed(), run.fingerprint(), run.breaches().size()))
          .toList();
    } finally {
      log.setLevel(before);
    }
  }
}
