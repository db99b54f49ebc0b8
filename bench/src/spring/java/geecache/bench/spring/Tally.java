package geecache.bench.spring;

import java.util.Collection;
import java.util.Locale;

/** What was counted in rounds of one kind, or of all. For one thread. */
final class Tally {
  private int rounds;
  private int failedEvicts;
  private long loads;
  private long lateLoads;
  private long reads;
  private long staleReads;
  private int staleRounds;
  private int roundsItStayed;
  private long changeNanos;

  static Tally sum(Collection<Tally> all) {
    Tally sum = new Tally();
    for (Tally each : all) {
      sum.rounds += each.rounds;
      sum.failedEvicts += each.failedEvicts;
      sum.loads += each.loads;
      sum.lateLoads += each.lateLoads;
      sum.reads += each.reads;
      sum.staleReads += each.staleReads;
      sum.staleRounds += each.staleRounds;
      sum.roundsItStayed += each.roundsItStayed;
      sum.changeNanos += each.changeNanos;
    }
    return sum;
  }

  /**
   * Takes a round whose evict has returned without a failure.
   *
   * @param each how many reads begin at once
   * @param atOnce how many of those that began when the evict had returned saw the old row
   * @param afterwards how many of those that began when all else in the round had ended
   */
  void round(int each, int atOnce, int afterwards) {
    rounds++;
    reads += 2L * each;
    staleReads += atOnce + afterwards;
    staleRounds += atOnce + afterwards > 0 ? 1 : 0;
    roundsItStayed += afterwards > 0 ? 1 : 0;
  }

  /** Takes a round whose evict failed, as its caller was told. */
  void failedEvict() {
    failedEvicts++;
  }

  void loads(long all, long late) {
    loads += all;
    lateLoads += late;
  }

  void change(long nanos) {
    changeNanos += nanos;
  }

  /** How many rounds count. */
  int rounds() {
    return rounds;
  }

  long loads() {
    return loads;
  }

  long lateLoads() {
    return lateLoads;
  }

  long failedEvicts() {
    return failedEvicts;
  }

  long staleReads() {
    return staleReads;
  }

  static String header() {
    return String.format(
        "%-12s  %-30s  %7s  %6s  %8s  %10s  %8s  %11s  %12s  %9s  %9s",
        "",
        "",
        "rounds",
        "failed",
        "loads",
        "late loads",
        "reads",
        "stale reads",
        "stale rounds",
        "stayed",
        "change");
  }

  String row(String system, String what) {
    return String.format(
        Locale.ROOT,
        "%-12s  %-30s  %,7d  %,6d  %,8d  %,10d  %,8d  %,11d  %,12d  %,9d  %6.2f ms",
        system,
        what,
        rounds,
        failedEvicts,
        loads,
        lateLoads,
        reads,
        staleReads,
        staleRounds,
        roundsItStayed,
        changeNanos / 1e6 / Math.max(1, rounds + failedEvicts));
  }
}
