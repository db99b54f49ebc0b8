package geecache.simulation;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Which nodes each node sees in its list, and saw within the last minute. */
final class Lists {
  private static final long NEVER = Long.MIN_VALUE;

  /** How long a node that has left a list has to be told; a bit less than a minute. */
  private static final long REMEMBERED = TimeUnit.SECONDS.toNanos(59);

  private final int nodes;

  /** By the node that sees, the nodes that it was told of. */
  private final int[] told;

  /** By the node that sees and the one that it does not see, how many faults hide it. */
  private final int[][] hidden;

  /** By the node that sees, the list that it was shown last. */
  private final int[] shown;

  /** By the node that sees and the one that it saw, when that left its list. */
  private final long[][] left;

  /** The nodes that have said that they leave the ring. */
  private int leaving;

  Lists(int nodes, int members) {
    this.nodes = nodes;
    this.told = new int[nodes];
    this.hidden = new int[nodes][nodes];
    this.shown = new int[nodes];
    this.left = new long[nodes][nodes];
    Arrays.fill(told, members);
    for (long[] each : left) {
      Arrays.fill(each, NEVER);
    }
  }

  /** Forgets what a node saw, and that it was seen: it is started anew, and is told these. */
  void forget(int node, int members) {
    told[node] = members;
    shown[node] = 0;
    leave(node, false);
    Arrays.fill(left[node], NEVER);
    for (long[] byViewer : left) {
      byViewer[node] = NEVER; // The node that left was another.
    }
  }

  void tell(int node, int other, boolean isMember) {
    told[node] = isMember ? told[node] | Nodes.of(other) : told[node] & ~Nodes.of(other);
  }

  /** Notes that a node leaves the ring, or stays: one that leaves has said goodbye. */
  void leave(int node, boolean leaves) {
    leaving = leaves ? leaving | Nodes.of(node) : leaving & ~Nodes.of(node);
  }

  void hide(int node, int other, int change) {
    hidden[node][other] += change;
  }

  /** Returns what a node has to be shown now, and notes that it is. */
  int show(int node, long now) {
    int next = 0;
    for (int other = 0; other < nodes; other++) {
      if (Nodes.has(told[node], other) && hidden[node][other] == 0) {
        next |= Nodes.of(other);
      } else if (Nodes.has(shown[node], other)) {
        left[node][other] = Nodes.has(leaving, other) ? NEVER : now;
      }
    }
    shown[node] = next;
    return next;
  }

  /** Returns the list that a node was shown last. */
  int shown(int node) {
    return shown[node];
  }

  /** Returns the nodes that left the list of a node within the last minute. */
  int left(int node, long now) {
    int all = 0;
    for (int other = 0; other < nodes; other++) {
      if (left[node][other] != NEVER && now - left[node][other] < REMEMBERED) {
        all |= Nodes.of(other);
      }
    }
    return all;
  }
}
