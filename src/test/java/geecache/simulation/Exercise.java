package geecache.simulation;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Counts a get if it could have seen what it must not: if an older value was somewhere when it
 * began.
 */
final class Exercise {
  private final Simulation simulation;
  private final Incarnation at;
  private final long begin;
  private final long beginNanos;
  private final Set<Integer> loading = new TreeSet<>();
  private final Set<Integer> loadedByCallers = new TreeSet<>();

  Exercise(Simulation simulation, Incarnation at, long begin, long beginNanos) {
    this.simulation = simulation;
    this.at = at;
    this.begin = begin;
    this.beginNanos = beginNanos;
  }

  /** Looks at the key when the get begins. */
  void begin(int key) {
    if (simulation.source.isLoadingOlder(key)) {
      loading.add(key);
    }
    if (simulation.source.isCallerLoadingOlder(key)) {
      loadedByCallers.add(key);
    }
  }

  /** Counts the key when the get has returned. */
  void end(int key) {
    List<Change> changes = simulation.history.changes(key);
    for (int i = changes.size() - 1; i >= 0; i--) {
      Change change = changes.get(i);
      if (change.end < begin && change.how == Change.End.ACKNOWLEDGED) {
        count(key, change, i > 0 && changes.get(i - 1).failed());
        return;
      }
    }
  }

  private void count(int key, Change change, boolean afterFailed) {
    boolean hadToKnow = simulation.promises.hadToKnowAtTheEnd(change, at);
    boolean met = simulation.promises.hasMet(change, at, beginNanos);
    if (!hadToKnow && !met) {
      return;
    }
    if (afterFailed) {
      simulation.exercised.add(Property.P3);
    }
    if (loadedByCallers.contains(key)) {
      simulation.exercised.add(Property.L1);
    }
    boolean elsewhere = loading.contains(key) || !change.unreached.isEmpty();
    if (elsewhere && met) {
      simulation.exercised.add(Property.MET);
    } else if (simulation.promises.isToldAfterLeaving(change, at)) {
      simulation.exercised.add(Property.LEFT);
    } else if (elsewhere || simulation.setup.isMemoryKey(key)) {
      simulation.exercised.add(change.isSet() ? Property.P2 : Property.P1);
    }
  }
}
