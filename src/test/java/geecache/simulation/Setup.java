package geecache.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * The cluster of a {@link Plan}, and the settings that all its nodes have. Times are in
 * milliseconds; zero is for "off", as in the settings of a node.
 *
 * @param nodes how many nodes there are, of which the last {@code late} start later
 * @param oneByOne whether nodes ask each other for one key at a time
 * @param removalLog the most removals that a node remembers
 * @param maxBytes the budget of the group
 * @param hotKeys how many keys most operations are about
 * @param bulkKeys how many more keys there are, for changes of many keys
 * @param memoryKeys how many keys are only set, while the source keeps what it has
 * @param pausesOneIn the mean number of readings of the clock until a thread pauses at one
 * @param dozeMicros how long such a pause may take, at most
 * @param loadMillis the longest time that the source takes for a key, while it is not slow
 * @param clockSkew how far the wall clock of a node may be ahead of another's
 * @param newer the nodes that begin with a newer version of the values, one bit for each
 * @param raised whether a node that is started again has a newer version than before
 * @param lateGroup for how long a node that is started later does not have the group, at most
 * @param leasing how callers load
 */
record Setup(
    int nodes,
    int late,
    boolean oneByOne,
    int removalLog,
    int maxBytes,
    int timeToLive,
    int jitterPercent,
    int refreshAhead,
    int staleIfError,
    boolean hotCopies,
    int hotTimeToLive,
    int warmJoin,
    int handoff,
    int openAnswers,
    int loadTimeout,
    int waitTimeout,
    int maxLoads,
    int hotKeys,
    int bulkKeys,
    int memoryKeys,
    int pausesOneIn,
    int dozeMicros,
    int loadMillis,
    int clockSkew,
    int newer,
    boolean raised,
    int lateGroup,
    Leasing leasing) {

  /** How long a peer may be silent. */
  static final int TIMEOUT = 1_000;

  /** A budget that all keys fit into. */
  static final int PLENTY = 1 << 18;

  /** More removals than there are in a run. */
  private static final int PLENTY_OF_REMOVALS = 10_000;

  /** Whether a node remembers all removals of a run. One that forgets some may be cleared. */
  boolean remembersAll() {
    return removalLog >= PLENTY_OF_REMOVALS;
  }

  /** Whether an entry stays until it is removed. */
  boolean keepsAll() {
    return maxBytes >= PLENTY && timeToLive == 0 && remembersAll();
  }

  /** Whether all nodes have the same version of the values all the time. */
  boolean hasOneVersion() {
    return newer == 0 && !raised;
  }

  /** Returns the same with other versions of the values. */
  Setup withVersions(int newerNodes, boolean raisedAtRestart, int lateMillis) {
    return new Setup(
        nodes,
        late,
        oneByOne,
        removalLog,
        maxBytes,
        timeToLive,
        jitterPercent,
        refreshAhead,
        staleIfError,
        hotCopies,
        hotTimeToLive,
        warmJoin,
        handoff,
        openAnswers,
        loadTimeout,
        waitTimeout,
        maxLoads,
        hotKeys,
        bulkKeys,
        memoryKeys,
        pausesOneIn,
        dozeMicros,
        loadMillis,
        clockSkew,
        newerNodes,
        raisedAtRestart,
        lateMillis,
        leasing);
  }

  /** Returns the same with callers that load so. */
  Setup withLeasing(Leasing other) {
    return new Setup(
        nodes,
        late,
        oneByOne,
        removalLog,
        maxBytes,
        timeToLive,
        jitterPercent,
        refreshAhead,
        staleIfError,
        hotCopies,
        hotTimeToLive,
        warmJoin,
        handoff,
        openAnswers,
        loadTimeout,
        waitTimeout,
        maxLoads,
        hotKeys,
        bulkKeys,
        memoryKeys,
        pausesOneIn,
        dozeMicros,
        loadMillis,
        clockSkew,
        newer,
        raised,
        lateGroup,
        other);
  }

  /** Returns the same with fewer nodes. */
  Setup withNodes(int fewer) {
    return with(fewer, late - 1, maxBytes, timeToLive, hotCopies, warmJoin, removalLog, clockSkew);
  }

  /** Returns the same with one part made simpler, for each part that can be. */
  List<Setup> simpler() {
    List<Setup> all = new ArrayList<>();
    if (maxBytes < PLENTY) {
      all.add(with(nodes, late, PLENTY, timeToLive, hotCopies, warmJoin, removalLog, clockSkew));
    }
    if (timeToLive > 0) {
      all.add(with(nodes, late, maxBytes, 0, hotCopies, warmJoin, removalLog, clockSkew));
    }
    if (hotCopies) {
      all.add(with(nodes, late, maxBytes, timeToLive, false, warmJoin, removalLog, clockSkew));
    }
    if (warmJoin > 0) {
      all.add(with(nodes, late, maxBytes, timeToLive, hotCopies, 0, removalLog, clockSkew));
    }
    if (clockSkew > 0) {
      all.add(withClockSkew(0));
    }
    if (newer != 0) {
      all.add(withVersions(0, raised, lateGroup));
    }
    if (raised) {
      all.add(withVersions(newer, false, lateGroup));
    }
    if (lateGroup > 0) {
      all.add(withVersions(newer, raised, 0));
    }
    if (leasing.withoutGetter()) {
      all.add(withLeasing(new Leasing(leasing.timeoutMillis(), false)));
    }
    if (!remembersAll()) {
      all.add(
          with(
              nodes,
              late,
              maxBytes,
              timeToLive,
              hotCopies,
              warmJoin,
              PLENTY_OF_REMOVALS,
              clockSkew));
    }
    return all;
  }

  private Setup with(
      int someNodes,
      int someLate,
      int bytes,
      int life,
      boolean copies,
      int warm,
      int log,
      int skew) {
    return new Setup(
        someNodes,
        Math.max(0, someLate),
        oneByOne,
        log,
        bytes,
        life,
        life == 0 ? 0 : jitterPercent,
        life == 0 ? 0 : refreshAhead,
        life == 0 ? 0 : staleIfError,
        copies,
        hotTimeToLive,
        warm,
        handoff,
        openAnswers,
        loadTimeout,
        waitTimeout,
        maxLoads,
        hotKeys,
        bulkKeys,
        memoryKeys,
        pausesOneIn,
        dozeMicros,
        loadMillis,
        skew,
        newer,
        raised,
        lateGroup,
        leasing);
  }

  Setup withClockSkew(int millis) {
    return with(nodes, late, maxBytes, timeToLive, hotCopies, warmJoin, removalLog, millis);
  }

  /**
   * Returns the most threads of a node: for its loads, for what it asks of each other node and
   * tells it, and some more.
   */
  int mostThreads() {
    int lease = leasing.isUsed() ? 4 : 0; // Two that end leases, and words that they live.
    return 64 + maxLoads + nodes * (openAnswers + 4 + lease);
  }

  /** Returns how many keys there are. */
  int keys() {
    return hotKeys + bulkKeys + memoryKeys;
  }

  /** Whether a key is only set, while the source keeps what it has. */
  boolean isMemoryKey(int key) {
    return key >= hotKeys + bulkKeys;
  }

  @Override
  public String toString() {
    StringJoiner all = new StringJoiner(", ");
    all.add(nodes + " nodes" + (late > 0 ? ", of which " + late + " start later" : ""));
    all.add("removal-log " + removalLog);
    all.add(maxBytes == PLENTY ? "room for all" : "budget " + maxBytes + " bytes");
    if (timeToLive > 0) {
      all.add("time to live %d ms, jitter 0.%02d".formatted(timeToLive, jitterPercent));
      all.add("refresh ahead %d ms, stale if error %d ms".formatted(refreshAhead, staleIfError));
    }
    all.add((hotCopies ? "hot copies, " : "no hot copies, ") + "hot time to live " + hotTimeToLive);
    all.add("warm-join " + warmJoin + " ms, handoff " + handoff + " ms");
    all.add("wait %d ms, load %d ms, %d loads".formatted(waitTimeout, loadTimeout, maxLoads));
    if (clockSkew > 0) {
      all.add("clocks differ by up to " + clockSkew + " ms");
    }
    if (newer != 0) {
      all.add("a newer version of the values at " + Nodes.names(newer));
    }
    if (raised) {
      all.add("a newer version after each restart");
    }
    if (lateGroup > 0) {
      all.add("the group comes up to " + lateGroup + " ms after a restart");
    }
    if (leasing.isUsed()) {
      all.add("leases of " + leasing.timeoutMillis() + " ms");
    }
    if (leasing.withoutGetter()) {
      all.add("no getter");
    }
    all.add(oneByOne ? "one key a read" : "many keys a read");
    return all.toString();
  }
}
