package geecache.simulation;

import geecache.cluster.SimulatedNetwork.Meeting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * All that happened in a run, in steps: each call and each return is one, so that it is clear which
 * came first even when no time passed in between.
 */
final class History {
  private static final int MOST_NODES = 8;

  private final List<List<Change>> byKey =
      IntStream.range(0, Keys.COUNT).<List<Change>>mapToObj(k -> new ArrayList<>()).toList();
  private final List<Change> changes = new ArrayList<>();
  private final Incarnation[] nodes = new Incarnation[MOST_NODES];

  /** For each node, the steps before which all nodes that lived then had ended. */
  private final List<Incarnation> all = new ArrayList<>();

  private final Map<Long, Map<Long, List<Meeting>>> meetings = new HashMap<>();
  private final int[] newest = new int[Keys.COUNT];
  private long steps;
  private long fingerprint;

  long step() {
    return ++steps;
  }

  /** Notes the start of a node that others count at once. */
  Incarnation start(int node, long id) {
    return start(node, id, false, 0);
  }

  /**
   * Notes a start.
   *
   * @param release the version of the node's values
   */
  Incarnation start(int node, long id, boolean afterGoodbye, int release) {
    Incarnation started = new Incarnation(node, id, step(), afterGoodbye, release);
    nodes[node] = started;
    all.add(started);
    return started;
  }

  /** Returns the node that lives under this number, or lived last. */
  Incarnation node(int node) {
    return nodes[node];
  }

  /** Returns the nodes that live. */
  List<Incarnation> living() {
    return all.stream().filter(each -> !each.hasEnded()).toList();
  }

  void begin(Change change) {
    changes.add(change);
    for (int key = 0; key < Keys.COUNT; key++) {
      if (change.bounds[key] >= 0) {
        byKey.get(key).add(change);
        newest[key] = Math.max(newest[key], change.bounds[key]);
      }
    }
    mix(change.begin);
  }

  /** Returns all changes, in the order of their calls. */
  List<Change> changes() {
    return changes;
  }

  /** Returns the changes of a key, in the order of their calls. */
  List<Change> changes(int key) {
    return byKey.get(key);
  }

  /** Returns the newest version that a change of the key was about. */
  int newest(int key) {
    return newest[key];
  }

  void note(Meeting meeting) {
    meetings
        .computeIfAbsent(meeting.from(), from -> new HashMap<>())
        .computeIfAbsent(meeting.to(), to -> new ArrayList<>())
        .add(meeting);
  }

  /**
   * Returns when the first meeting was over that one node sent to another after {@code since}, in
   * nanoseconds; {@link Change#NEVER} if there was none.
   */
  long met(Incarnation from, Incarnation to, long since) {
    return meetings.getOrDefault(from.id, Map.of()).getOrDefault(to.id, List.of()).stream()
        .filter(meeting -> meeting.sentAt() > since)
        .mapToLong(Meeting::servedAt)
        .min()
        .orElse(Change.NEVER);
  }

  /** Makes the fingerprint depend on {@code what}. */
  void mix(long what) {
    fingerprint = (fingerprint ^ what) * 0x9e3779b97f4a7c15L + 1;
  }

  /** Returns a number that differs from that of most other histories. */
  long fingerprint() {
    return fingerprint;
  }
}
