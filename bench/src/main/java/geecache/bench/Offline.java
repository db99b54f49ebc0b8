package geecache.bench;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What a cache could do that knew the future. */
final class Offline {
  private Offline() {}

  /**
   * Keeps what is used again soonest (Belady, "A study of replacement algorithms for a
   * virtual-storage computer", 1966), and does not keep what is used later than all else. With
   * entries of one size nothing can hit more often. With sizes it is no more than what one good
   * cache reaches; see {@link #bound}.
   */
  static double farthestNextUse(Trace trace, long capacity) {
    int[] nextUses = trace.nextUses();
    int length = nextUses.length;
    // By next use, which no two keys share: at the end of the trace come those without one.
    TreeMap<Integer, Integer> sizes = new TreeMap<>();
    long held = 0;
    long hits = 0;
    for (int i = 0; i < length; i++) {
      Integer size = sizes.remove(i);
      if (size != null) {
        hits++;
        held -= size;
      }
      int candidate = size != null ? size : trace.sizes()[i];
      if (nextUses[i] == length || candidate > capacity) {
        continue;
      }
      sizes.put(nextUses[i], candidate);
      held += candidate;
      while (held > capacity) {
        Map.Entry<Integer, Integer> farthest = sizes.pollLastEntry();
        held -= farthest.getValue();
      }
    }
    return Replay.percent(hits, trace);
  }

  /**
   * No cache can hit more often, whatever it knows. To hit at a request it must have held the value
   * since the request before: that takes size times distance of the space and time there is, which
   * is the capacity times the length of the trace. So count the cheapest until it is used up
   * (Berger, Beckmann, Harchol-Balter, "Practical Bounds on Optimal Caching with Variable Object
   * Sizes", 2018: PFOO-U over one segment).
   */
  static double bound(Trace trace, long capacity) {
    int[] nextUses = trace.nextUses();
    int length = nextUses.length;
    long[] costs = new long[length];
    int count = 0;
    for (int i = 0; i < length; i++) {
      if (nextUses[i] < length && trace.sizes()[i] <= capacity) {
        costs[count++] = (long) trace.sizes()[i] * (nextUses[i] - i);
      }
    }
    Arrays.sort(costs, 0, count);
    long left = Math.multiplyExact(capacity, (long) length);
    int hits = 0;
    while (hits < count && costs[hits] <= left) {
      left -= costs[hits++];
    }
    return Replay.percent(hits, trace);
  }
}
