package geecache.cluster;

import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.SimulatedProcess;
import geecache.SimulatedWorld;
import geecache.SteeredNode;
import geecache.internal.JsonWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node of a {@link SimulatedCluster}: the real engine and the real rules of the cluster. */
public final class SimulatedNode {
  private final SimulatedWorld world;
  private final SimulatedNetwork network;

  /** When the world began, by the wall clock of this node. */
  private final long epochMillis;

  private final ClusterOptions options;
  private final boolean oneByOne;
  private final Consumer<Geecache> groups;
  private final String url;
  private Geecache node;
  private ClusterNode cluster;
  private SimulatedProcess process;
  private ExecutorService threads;
  private ScheduledExecutorService timer;
  private long id;
  private boolean running;

  SimulatedNode(
      SimulatedWorld world,
      SimulatedNetwork network,
      long epochMillis,
      String url,
      ClusterOptions options,
      boolean oneByOne,
      Consumer<Geecache> groups) {
    this.world = world;
    this.network = network;
    this.epochMillis = epochMillis;
    this.url = url;
    this.options = options;
    this.oneByOne = oneByOne;
    this.groups = groups;
  }

  /** Starts the node as a new one, which knows of no others. */
  public void start() {
    id = world.random().nextLong();
    process = world.process();
    threads = process.executor();
    timer = process.timer();
    node = SteeredNode.of(world, process);
    ClusterRuntime runtime =
        new ClusterRuntime(
            world.ticker(),
            () -> epochMillis + world.now() / 1_000_000,
            threads,
            timer,
            world.random(),
            world.waiting());
    cluster =
        new ClusterNode(
            node.local(), url, id, options, runtime, SimulatedLink.from(this, world, network));
    node.registerPeers(cluster);
    groups.accept(node);
    network.connect(this);
    running = true;
  }

  /** Ends the node in good order: it hands its entries over. */
  public void stop() {
    if (running) {
      running = false;
      node.close();
      network.disconnect(this);
      timer.shutdownNow();
      threads.shutdownNow();
    }
  }

  /** Ends the node at once, without a word to others. */
  public void crash() {
    running = false;
    network.disconnect(this);
    if (process != null) { // Else it was never started.
      process.kill();
    }
  }

  public String url() {
    return url;
  }

  /** Returns the number that tells this node from earlier ones of its name. */
  public long id() {
    return id;
  }

  /** Returns the process that the node runs in; another one after each start. */
  public SimulatedProcess process() {
    return process;
  }

  Duration timeout() {
    return options.timeout();
  }

  boolean readsOneByOne() {
    return oneByOne;
  }

  IncomingRequests incoming() {
    return cluster.incoming();
  }

  public ClusterNode cluster() {
    return cluster;
  }

  Geecache node() {
    return node;
  }

  /** Has the node, which runs, have one more group. */
  public void register(Consumer<? super Geecache> group) {
    group.accept(node);
  }

  public boolean has(String group) {
    return find(group) != null;
  }

  public Group group(String name) {
    return node.find(name).orElseThrow();
  }

  LocalGroup local(String name) {
    return node.local().find(name).orElseThrow();
  }

  @Nullable LocalGroup find(String name) {
    return node.local().find(name).orElse(null);
  }

  /** Returns what an operator is told of a key. */
  public String explain(String group, String key) {
    JsonWriter text = new JsonWriter();
    text.object(() -> local(group).explain(key, text));
    return text.toString();
  }

  /** Returns how many leases others hold that this node gave. */
  public int leasesOfOthers() {
    return node.local().leasesOfOthers();
  }

  public boolean isRunning() {
    return running;
  }

  public boolean owns(String key) {
    return cluster.owns(key);
  }

  /** Whether this node owns a key of a group, among the nodes that have the same version of it. */
  public boolean owns(String group, String key) {
    return cluster.owns(local(group), key);
  }

  public void show(Collection<String> urls) {
    cluster.set(urls);
  }

  /** Returns a number that is equal on all nodes that see the same ring. */
  public long ring() {
    return cluster.clusterView().fingerprint();
  }

  /** Whether this node is in contact with all others of its view. */
  public boolean isInContact() {
    List<String> others =
        cluster.clusterView().urls().stream().filter(other -> !other.equals(url)).toList();
    return cluster.inContact().equals(others);
  }
}
