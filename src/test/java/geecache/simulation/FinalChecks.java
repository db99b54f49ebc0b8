package geecache.simulation;

import geecache.ByteView;
import geecache.CacheException;
import geecache.Group;
import geecache.GroupStats;
import geecache.NotReachedException;
import geecache.cluster.SimulatedNetwork;
import geecache.cluster.SimulatedNode;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The properties that show when callers and faults have ended: P4, P5 and the bounds of P6. */
final class FinalChecks {
  private static final Duration CONTACT_LIMIT = Duration.ofMinutes(2);
  private static final int TRIES = 3;

  /** How often a change is stamped anew at most. */
  private static final int MOST_STAMPS = 5;

  /** How often a node may meet another within a second, if lists flicker. */
  private static final int MOST_MEETINGS = 50;

  private final Simulation simulation;
  private final Setup setup;

  FinalChecks(Simulation simulation) {
    this.simulation = simulation;
    this.setup = simulation.setup;
  }

  /** Has the nodes find each other. */
  void settle() {
    simulation.world.pass(Duration.ofSeconds(8)); // Nothing is under way for so long.
    awaitContact();
  }

  /** Waits until all nodes are in contact with each other. */
  void awaitContact() {
    long end = simulation.world.now() + CONTACT_LIMIT.toNanos();
    while (!allInContact() && simulation.world.now() < end) {
      simulation.world.pass(Duration.ofMillis(20));
    }
    if (!allInContact()) {
      report(Property.P4, "the nodes do not find each other");
    }
  }

  private boolean allInContact() {
    return simulation.running().stream().allMatch(i -> simulation.node(i).isInContact());
  }

  private void report(Property property, String story) {
    report(property, Breach.NO_KEY, story);
  }

  private void report(Property property, int key, String story) {
    simulation.report(property, key, story);
  }

  /** Checks everything. For a simulated thread. */
  void check() {
    checkRings();
    checkLoads();
    if (!simulation.plan.hasSharedUrl()) {
      removeWhatFailed();
      checkAnswers();
    }
    checkBounds();
  }

  /** All nodes have the same ring, and each key has one owner. */
  private void checkRings() {
    List<Integer> running = simulation.running();
    long rings = running.stream().map(i -> simulation.node(i).ring()).distinct().count();
    if (rings != 1) {
      report(Property.P4, "the nodes have " + rings + " different rings");
    }
    for (int key = 0; key < setup.keys(); key++) {
      for (List<Integer> ofRelease : byRelease(running)) {
        String name = Keys.name(key);
        long owners =
            ofRelease.stream().filter(i -> simulation.node(i).owns(Simulation.GROUP, name)).count();
        if (owners != 1) {
          report(
              Property.P4,
              "%s has %d owners of these nodes: %s"
                  .formatted(name, owners, ofRelease.stream().map(Nodes::name).toList()));
        }
      }
    }
  }

  /** Returns the nodes that have each version of the values. */
  private Collection<List<Integer>> byRelease(List<Integer> nodes) {
    return nodes.stream()
        .collect(
            Collectors.groupingBy(
                i -> simulation.history.node(i).release, TreeMap::new, Collectors.toList()))
        .values();
  }

  /**
   * A change may be unknown to a node for good if the node that made it has ended before it met
   * that node. The caller was told; or it is a node that joined at that time. It is repeated.
   */
  private void removeWhatFailed() {
    Set<Integer> keys = new LinkedHashSet<>();
    for (Change change : simulation.history.changes()) {
      if (change.how == Change.End.LOST || change.by.hasEnded() && isUnknown(change)) {
        for (int key = 0; key < setup.keys(); key++) {
          if (change.bounds[key] >= 0) {
            keys.add(key);
          }
        }
      }
    }
    try {
      simulation
          .node(simulation.running().get(0))
          .group(Simulation.GROUP)
          .removeAll(Keys.names(List.copyOf(keys)));
    } catch (NotReachedException | geecache.OverloadedException missed) {
      report(Property.P4, "no fault is left, and yet: " + missed.getMessage());
    }
  }

  private boolean isUnknown(Change change) {
    return change.unreached.stream()
        .anyMatch(
            node ->
                !node.hasEnded()
                    && !simulation.promises.hasMet(change, node, simulation.world.now()));
  }

  private void checkAnswers() {
    for (int key = 0; key < setup.keys(); key++) {
      if (!setup.isMemoryKey(key) && !simulation.history.changes(key).isEmpty()) {
        int asked = key;
        checkAnswers(
            key,
            version ->
                version == simulation.source.version(asked)
                    || simulation.promises.mayBeLast(asked, version));
      }
    }
    if (setup.memoryKeys() > 0) {
      sleep(Duration.ofMillis(setup.hotTimeToLive() + 1_000L)); // What nodes loaded for themselves.
    }
    for (int key = 0; key < setup.keys(); key++) {
      Change last = setup.isMemoryKey(key) ? lastSet(key) : null;
      if (last != null) {
        int expected = last.bounds[key];
        checkAnswers(key, version -> version == expected);
      }
    }
  }

  /** All nodes with one version of the values give the same, and one that may be. */
  private void checkAnswers(int key, IntPredicate mayBe) {
    byRelease(simulation.running()).forEach(nodes -> checkAnswers(key, mayBe, nodes));
  }

  private void checkAnswers(int key, IntPredicate mayBe, List<Integer> nodes) {
    Map<Integer, Integer> answers = new TreeMap<>();
    for (int i = 0; i < TRIES; i++) {
      answers.clear();
      nodes.forEach(node -> answers.put(node, answer(node, key)));
      Set<Integer> versions = new TreeSet<>(answers.values());
      if (versions.size() == 1 && versions.stream().allMatch(mayBe::test)) {
        simulation.exercised.add(Property.P4, answers.size());
        return;
      }
    }
    report(
        Property.P4,
        key,
        "at the end nodes have these versions of %s: %s, where %d was written or set last: %s"
            .formatted(
                Keys.name(key),
                answers.entrySet().stream()
                    .map(answer -> Nodes.name(answer.getKey()) + " " + answer.getValue())
                    .collect(Collectors.joining(", ")),
                simulation.history.newest(key),
                simulation.history.changes(key)));
  }

  /** Returns the version that a node has; -1 if it has no answer. */
  private int answer(int node, int key) {
    try {
      ByteView value = valueAt(node, key);
      if (value == null) {
        return -1;
      }
      simulation.history.mix(Source.version(key, value));
      simulation.checkRelease(simulation.history.node(node), key, value);
      return Source.version(key, value);
    } catch (CacheException failed) {
      return -1;
    }
  }

  private @Nullable ByteView valueAt(int node, int key) throws CacheException {
    Group group = simulation.node(node).group(Simulation.GROUP);
    if (!setup.leasing().withoutGetter()) {
      return group.get(Keys.name(key));
    }
    try {
      Incarnation at = simulation.history.node(node);
      return new CallerLoader(simulation, at, Operation.Kind.LOAD).get(group, Keys.name(key));
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Returns the set that all other changes of the key were over before; null if there is none. */
  private @Nullable Change lastSet(int key) {
    List<Change> changes = simulation.history.changes(key);
    if (changes.isEmpty()) {
      return null;
    }
    Change last = changes.get(changes.size() - 1);
    boolean alone = changes.stream().allMatch(each -> each == last || each.end < last.begin);
    boolean stays = last.isSet() && last.reachedAll() && alone;
    return stays && !simulation.promises.mayBeGone(last, changes) ? last : null;
  }

  private void sleep(Duration time) {
    try {
      simulation.world.sleep(time);
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Without faults, each key is loaded once, and once more after each removal. */
  private void checkLoads() {
    if (!simulation.plan.isCalm()
        || !simulation.plan.faults().isEmpty()
        || !setup.keepsAll()
        || !setup.hasOneVersion()) {
      return;
    }
    for (int key = 0; key < setup.keys(); key++) {
      List<Change> removals = removals(simulation.history.changes(key));
      List<Load> loads = simulation.source.loads(key);
      Property property =
          loads.stream().anyMatch(load -> load.caller != null) ? Property.L2 : Property.P5;
      simulation.exercised.add(property, removals.size() + 1);
      checkLoads(key, property, loads.stream().filter(Load::hasBrought).toList(), removals);
    }
  }

  /**
   * Returns the changes that a load may have to follow. A set is told as a removal, which finds the
   * value in place that was set. A removal at the same time may have taken that value away. Then
   * the removal of the set ends what was loaded since: one load more than needed, and never a wrong
   * value.
   */
  private static List<Change> removals(List<Change> changes) {
    List<Change> removals = changes.stream().filter(each -> !each.isSet()).toList();
    return changes.stream()
        .filter(each -> !each.isSet() || removals.stream().anyMatch(each::overlaps))
        .toList();
  }

  /**
   * A load stays good until a removal: from the moment when one was wanted until a later one there
   * are not more loads than removals that overlap that time.
   */
  private void checkLoads(int key, Property property, List<Load> loads, List<Change> removals) {
    for (int from = 0; from < loads.size(); from++) {
      long first = loads.get(from).wanted;
      List<Change> since = removals.stream().filter(each -> each.endNanos >= first).toList();
      for (int to = from + 1; to < loads.size(); to++) {
        long last = loads.get(to).begin;
        long between =
            since.stream().filter(each -> each.beginNanos <= last).mapToLong(this::timesTold).sum();
        if (to - from > between) {
          report(
              property,
              key,
              "%s was loaded %d times from %s to %s, with these removals: %s"
                  .formatted(
                      Keys.name(key),
                      to - from + 1,
                      Plan.time(first / 1_000),
                      Plan.time(last / 1_000),
                      since));
          return;
        }
      }
    }
  }

  /**
   * Returns how often a change may be carried out at a node. A removal that meets a value which was
   * set at the same time is stamped anew, with all its keys.
   */
  private long timesTold(Change change) {
    if (change.isSet()) {
      return 1;
    }
    long sets =
        simulation.history.changes().stream()
            .filter(set -> set.isSet() && set.begin < change.end && set.end > change.begin)
            .filter(set -> change.bounds[set.operation.keys().get(0)] >= 0)
            .count();
    return Math.min(MOST_STAMPS, 1 + sets);
  }

  private void checkBounds() {
    for (int i : simulation.running()) {
      SimulatedNode node = simulation.node(i);
      GroupStats stats = node.group(Simulation.GROUP).stats();
      simulation.exercised.add(Property.P6, 2);
      if (stats.bytes() > setup.maxBytes()) {
        report(Property.P6, Nodes.name(i) + " holds " + stats.bytes() + " bytes");
      }
      int threads = node.process().mostThreads();
      if (threads > setup.mostThreads()) {
        report(Property.P6, Nodes.name(i) + " had " + threads + " threads");
      }
    }
    checkMeetings();
  }

  /** A node that meets another in vain tries again in a second. */
  private void checkMeetings() {
    Map<String, Integer> counts = new HashMap<>();
    for (SimulatedNetwork.Sent sent : simulation.network.log()) {
      SimulatedNetwork.Message message = sent.message();
      if (message.kind() == SimulatedNetwork.Kind.MEET) {
        long second = sent.at() / 1_000_000_000L;
        String where = message.from() + " to " + message.to() + " in second " + second;
        if (counts.merge(where, 1, Integer::sum) == MOST_MEETINGS) {
          report(Property.P6, MOST_MEETINGS + " meetings from " + where);
        }
      }
    }
  }

  /** Runs {@link #check} on a thread, since it waits. */
  void run() {
    CompletableFuture<Void> checked =
        simulation.world.begin(
            () -> {
              check();
              return null;
            });
    simulation.world.until(checked::isDone);
    checked.join();
  }
}
