package geecache.cluster;

import java.util.concurrent.atomic.LongAdder;

/** Counters over all peers. Safe for use by many threads. */
public final class PeerCounters {
  final LongAdder failures = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder pending = new LongAdder();
  final LongAdder viewDifferences = new LongAdder();
  final LongAdder handedOver = new LongAdder();
  final LongAdder taken = new LongAdder();
  final LongAdder notTaken = new LongAdder();
  final LongAdder named = new LongAdder();
  final LongAdder bodiesRefused = new LongAdder();
  final LongAdder answersRefused = new LongAdder();

  /** Makes counters that have counted nothing. */
  public PeerCounters() {}

  /** Counts a request whose body broke a bound. */
  public void countBodyRefused() {
    bodiesRefused.increment();
  }

  /** Counts an answer that was not written, since large ones took too much. */
  public void countAnswerRefused() {
    answersRefused.increment();
  }

  /** Counts an answer that was not kept open for keys that are loading. */
  public void countPending() {
    pending.increment();
  }

  /** Counts a request of a node with another view. */
  public void countViewDifference() {
    viewDifferences.increment();
  }

  PeerStats snapshot() {
    return new PeerStats(
        failures.sum(),
        refused.sum(),
        pending.sum(),
        viewDifferences.sum(),
        handedOver.sum(),
        taken.sum(),
        notTaken.sum(),
        bodiesRefused.sum(),
        answersRefused.sum(),
        named.sum());
  }
}
