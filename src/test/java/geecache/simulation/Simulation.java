package geecache.simulation;

import geecache.ByteView;
import geecache.Geecache;
import geecache.GroupBuilder;
import geecache.SimulatedWorld;
import geecache.cluster.SimulatedCluster;
import geecache.cluster.SimulatedNetwork;
import geecache.cluster.SimulatedNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The cluster, the source and the history of one run. */
final class Simulation implements AutoCloseable {
  static final String GROUP = "g";

  private static final int MOST_TOLD = 60;

  /** The newest version of the values. */
  private static final int MOST_RELEASE = 3;

  final Plan plan;
  final Setup setup;
  final SimulatedCluster cluster;
  final SimulatedWorld world;
  final SimulatedNetwork network;
  final Source source;
  final History history = new History();
  final Lists lists;
  final Promises promises;
  final Counts exercised = new Counts();

  /** For each node, the version of its values when it is started next; 0 for none. */
  private final int[] releases;

  /** For each key that is only set, the version that was set last. */
  private final int[] memory = new int[Keys.COUNT];

  /** For each node, when it last stood still, in nanoseconds. */
  private final long[] stoodStill;

  /** What happened, if the plan is short enough for somebody to read it. */
  private final List<Line> story = new ArrayList<>();

  private int meetingsSeen;
  private final Map<Property, Breach> breaches = new EnumMap<>(Property.class);

  Simulation(Plan plan) {
    this.plan = plan;
    this.setup = plan.setup();
    this.releases = new int[setup.nodes()];
    Nodes.each(setup.newer() & plan.nodes()).forEach(i -> releases[i] = 1);
    this.cluster = makeCluster();
    this.world = cluster.world();
    this.network = cluster.network();
    this.source = new Source(world, setup.loadMillis());
    int members = Nodes.first(setup.nodes() - setup.late());
    this.lists = new Lists(setup.nodes(), members);
    this.promises =
        new Promises(plan, history, network.log(), network::hasHeard, n -> node(n).url());
    this.stoodStill = new long[setup.nodes()];
    Nodes.each(members).forEach(i -> noteStart(i, false));
  }

  /** Notes that a node was started. */
  void noteStart(int node, boolean afterGoodbye) {
    history.start(node, node(node).id(), afterGoodbye, releases[node]);
  }

  /** Has the next life of a node, if it had one before, have newer values. */
  void raiseRelease(int node) {
    if (setup.raised() && history.node(node) != null) {
      releases[node] = Math.min(releases[node] + 1, MOST_RELEASE);
    }
  }

  private record Line(long nanos, String text) {}

  /** Notes for people what happened. */
  void tell(Supplier<String> what) {
    if (plan.operations().size() <= MOST_TOLD) {
      story.add(new Line(world.now(), what.get()));
    }
  }

  /** Returns what happened and which requests were sent; nothing of a long plan. */
  List<String> story() {
    if (story.isEmpty()) {
      return List.of();
    }
    List<Line> all = new ArrayList<>(story);
    for (SimulatedNetwork.Sent sent : network.log()) {
      SimulatedNetwork.Message message = sent.message();
      String text = "    %s -> %s %s".formatted(message.from(), message.to(), message.kind());
      all.add(new Line(sent.at(), text));
    }
    all.sort(Comparator.comparingLong(Line::nanos));
    return all.stream().map(line -> Plan.time(line.nanos() / 1_000) + "  " + line.text()).toList();
  }

  private SimulatedCluster makeCluster() {
    return SimulatedCluster.builder()
        .seed(plan.schedule())
        .pauses(setup.pausesOneIn(), Duration.ofNanos(1_000L * setup.dozeMicros()))
        .nodes(setup.nodes())
        .clockSkew(Duration.ofMillis(setup.clockSkew()))
        .late(setup.late())
        .reads(setup.oneByOne() ? "get" : "batch")
        .timeout(Duration.ofMillis(Setup.TIMEOUT))
        .openAnswers(setup.openAnswers())
        .removalLogSize(setup.removalLog())
        .warmJoin(Duration.ofMillis(setup.warmJoin()))
        .handoff(Duration.ofMillis(setup.handoff()))
        .groups(
            (index, node) -> {
              if (!isLate(index)) {
                register(node, index);
              }
            })
        .alone();
  }

  /** Whether the group of a node comes after the node has started: never of the first nodes. */
  private boolean isLate(int node) {
    return setup.lateGroup() > 0 && network != null;
  }

  /** Registers the group of a node that was started, now or later. */
  void registerLater(int node) {
    if (isLate(node)) {
      SimulatedNode started = node(node);
      long id = started.id();
      Duration delay = Duration.ofMillis(world.random().nextInt(setup.lateGroup()));
      world.after(
          delay,
          () -> {
            if (started.isRunning() && started.id() == id) {
              started.process().start(() -> registerAt(started, node));
            }
          });
    }
  }

  private void registerAt(SimulatedNode started, int node) {
    if (started.isRunning()) {
      tell(() -> Nodes.name(node) + " has the group");
      started.register(geecache -> register(geecache, node));
    }
  }

  private void register(Geecache node, int index) {
    int release = releases[index];
    Leasing leasing = setup.leasing();
    if (leasing.isUsed()) {
      node.transactionAge(now -> Transaction.age(world));
    }
    GroupBuilder group = builder(node, release);
    if (leasing.isUsed()) {
      group.leaseTimeout(Duration.ofMillis(leasing.timeoutMillis()));
    }
    if (leasing.withoutGetter()) {
      group.register();
    } else {
      group.register(name -> source.load(name, release));
    }
  }

  private GroupBuilder builder(Geecache node, int release) {
    return node.group(GROUP)
        .version(release == 0 ? "" : String.valueOf(release))
        .store(GroupBuilder.Store.LRU)
        .maxBytes(setup.maxBytes())
        .timeToLive(Duration.ofMillis(setup.timeToLive()))
        .jitter(setup.jitterPercent() / 100.0)
        .refreshAhead(Duration.ofMillis(setup.refreshAhead()))
        .staleIfError(Duration.ofMillis(setup.staleIfError()))
        .hotCopies(setup.hotCopies())
        .hotTimeToLive(Duration.ofMillis(setup.hotTimeToLive()))
        .loadTimeout(Duration.ofMillis(setup.loadTimeout()))
        .waitTimeout(Duration.ofMillis(setup.waitTimeout()))
        .maxLoads(setup.maxLoads());
  }

  SimulatedNode node(int node) {
    return cluster.node(node);
  }

  /** Returns the nodes that run. */
  List<Integer> running() {
    return IntStream.range(0, setup.nodes()).filter(i -> node(i).isRunning()).boxed().toList();
  }

  /** Whether a node runs and has its list, as an application that is ready to be called. */
  boolean isReady(int node) {
    return node(node).isRunning()
        && node(node).has(GROUP)
        && !node(node).cluster().clusterView().urls().isEmpty();
  }

  /** Returns the next version for a key that is only set. */
  int nextInMemory(int key) {
    return ++memory[key];
  }

  /** Has the node be shown its list as it is when there is a thread for that. */
  void refresh(int node) {
    if (node(node).isRunning()) {
      SimulatedNode viewer = node(node);
      viewer
          .process()
          .start(
              () -> {
                int before = lists.shown(node);
                int seen = viewer.isRunning() ? lists.show(node, world.now()) : before;
                if (seen != before) {
                  tell(() -> Nodes.name(node) + " is shown " + Nodes.names(seen));
                  viewer.show(Nodes.each(seen).mapToObj(i -> node(i).url()).toList());
                }
              });
    }
  }

  /** Notes that a node stands still, or goes on. */
  void noteStill(int node) {
    stoodStill[node] = world.now();
  }

  /** Whether a node stood still at any time since. */
  boolean stoodStill(int node, long sinceNanos) {
    return node(node).process().isStopped() || stoodStill[node] >= sinceNanos;
  }

  /** Makes the meetings so far part of the history. */
  void noteMeetings() {
    List<SimulatedNetwork.Meeting> all = network.meetings();
    for (; meetingsSeen < all.size(); meetingsSeen++) {
      history.note(all.get(meetingsSeen));
    }
  }

  /** Checks the property P7 of a value that a get saw; null for none. */
  void checkRelease(Incarnation at, int key, @Nullable ByteView value) {
    if (value == null) {
      return;
    }
    if (source.madeOthers(key, at.release)
        && history.living().stream().anyMatch(other -> other.release != at.release)) {
      exercised.add(Property.P7);
    }
    if (Source.release(value) != at.release) {
      report(
          Property.P7,
          key,
          "%s, whose values have version %d, saw a value of %s of version %d"
              .formatted(at, at.release, Keys.name(key), Source.release(value)));
    }
  }

  /** Checks that a value which was stored because there was none found none. */
  void checkPut(Change put, int key) {
    if (setup.isMemoryKey(key)) {
      exercised.add(Property.P2);
      report(promises.checkPut(put, key));
    }
  }

  /** Notes a broken promise; of each, the first one counts. */
  void report(@Nullable Breach found) {
    if (found != null && breaches.putIfAbsent(found.property(), found) == null) {
      tell(() -> "*** " + found);
    }
  }

  /** Notes that a promise was broken just now. */
  void report(Property property, int key, String story) {
    report(new Breach(property, key, world.now(), story));
  }

  /** Returns the promises that were broken. */
  Map<Property, Breach> breaches() {
    return breaches;
  }

  @Override
  public void close() {
    cluster.close();
  }
}
