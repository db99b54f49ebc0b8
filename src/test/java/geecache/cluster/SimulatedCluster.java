package geecache.cluster;

import geecache.Geecache;
import geecache.SimulatedWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Nodes in one {@link SimulatedWorld}, which know each other and are in contact. */
public final class SimulatedCluster implements AutoCloseable {
  /** When the world begins, by its slowest wall clock. */
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;

  private final SimulatedWorld world;
  private final SimulatedNetwork network;
  private final List<SimulatedNode> nodes = new ArrayList<>();

  private SimulatedCluster(Builder builder) {
    world = new SimulatedWorld(builder.seed, builder.pausesOneIn, builder.longestDoze);
    network = new SimulatedNetwork(world);
    SplittableRandom ahead = new SplittableRandom(builder.seed); // The world draws from its own.
    for (int i = 0; i < builder.nodes; i++) {
      int index = i;
      nodes.add(
          new SimulatedNode(
              world,
              network,
              EPOCH_MILLIS + ahead.nextLong(1 + builder.clockSkew.toMillis()),
              "http://" + (char) ('a' + i) + ":" + (i + 1),
              builder.options(),
              builder.oneByOne,
              node -> builder.groups.forEach(groups -> groups.accept(index, node))));
    }
    nodes.subList(0, builder.nodes - builder.late).forEach(SimulatedNode::start);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Sets what all nodes have. */
  public static final class Builder {
    private final List<BiConsumer<Integer, Geecache>> groups = new ArrayList<>();
    private long seed = 1;
    private int pausesOneIn = 4;
    private Duration longestDoze = Duration.ZERO;
    private int nodes = 1;
    private int late;
    private Duration clockSkew = Duration.ZERO;
    private boolean secret = true;
    private boolean oneByOne;
    private Duration timeout = Duration.ofSeconds(1);
    private int openAnswers = 64;
    private int removalLogSize = 10_000;
    private Duration warmJoin = Duration.ofMinutes(1);
    private Duration handoff = Duration.ofSeconds(5);

    public Builder seed(long drawnFrom) {
      seed = drawnFrom;
      return this;
    }

    /** As in {@link SimulatedWorld#SimulatedWorld(long, int, Duration)}. */
    public Builder pauses(int oneIn, Duration longest) {
      pausesOneIn = oneIn;
      longestDoze = longest;
      return this;
    }

    /** Leaves the start of the last nodes to the test. */
    public Builder late(int count) {
      late = count;
      return this;
    }

    /** Sets how far the wall clock of a node may be ahead of another's. */
    public Builder clockSkew(Duration most) {
      clockSkew = most;
      return this;
    }

    public Builder openAnswers(int most) {
      openAnswers = most;
      return this;
    }

    public Builder nodes(int count) {
      nodes = count;
      return this;
    }

    Builder withoutSecret() {
      secret = false;
      return this;
    }

    /** Has nodes read {@code batch}es, or {@code get} one key at a time. */
    public Builder reads(String how) {
      oneByOne = how.equals("get");
      return this;
    }

    public Builder timeout(Duration silence) {
      timeout = silence;
      return this;
    }

    public Builder removalLogSize(int most) {
      removalLogSize = most;
      return this;
    }

    public Builder warmJoin(Duration time) {
      warmJoin = time;
      return this;
    }

    public Builder handoff(Duration most) {
      handoff = most;
      return this;
    }

    public Builder groups(Consumer<Geecache> register) {
      return groups((index, node) -> register.accept(node));
    }

    public Builder groups(BiConsumer<Integer, Geecache> register) {
      groups.add(register);
      return this;
    }

    private ClusterOptions options() {
      return new ClusterOptions(
          secret,
          timeout,
          openAnswers,
          10_000,
          removalLogSize,
          1_000,
          warmJoin,
          handoff,
          true,
          false,
          Set.of());
    }

    /** Makes the nodes; each is alone. */
    public SimulatedCluster alone() {
      return new SimulatedCluster(this);
    }

    /** Makes the nodes, and has them meet. */
    SimulatedCluster met() {
      SimulatedCluster made = alone();
      made.show(IntStream.range(0, nodes).toArray());
      return made;
    }
  }

  public SimulatedWorld world() {
    return world;
  }

  public SimulatedNetwork network() {
    return network;
  }

  public List<SimulatedNode> nodes() {
    return nodes;
  }

  public SimulatedNode node(int index) {
    return nodes.get(index);
  }

  List<String> urls(int... of) {
    return IntStream.of(of).mapToObj(i -> nodes.get(i).url()).toList();
  }

  /** Shows these nodes to all of them, and waits until they are in contact. */
  void show(int... together) {
    IntStream.of(together).forEach(i -> nodes.get(i).show(urls(together)));
    awaitContact();
  }

  /** Waits until each running node is in contact with all of its view. */
  void awaitContact() {
    world.until(
        () -> nodes.stream().filter(SimulatedNode::isRunning).allMatch(SimulatedNode::isInContact));
  }

  @Override
  public void close() {
    nodes.forEach(SimulatedNode::crash);
    world.close();
  }
}
