package geecache.cluster;

import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.SimulatedWorld;
import geecache.SteeredNode;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node of a {@link SimulatedCluster}: the real engine and the real rules of the cluster. */
final class SimulatedNode {
  private final SimulatedWorld world;
  private final SimulatedNetwork network;
  private final ClusterOptions options;
  private final boolean oneByOne;
  private final Consumer<Geecache> groups;
  private final String url;
  private Geecache node;
  private ClusterNode cluster;
  private ExecutorService threads;
  private ScheduledExecutorService timer;
  private long id;
  private long requests;
  private boolean running;

  SimulatedNode(
      SimulatedWorld world,
      SimulatedNetwork network,
      String url,
      ClusterOptions options,
      boolean oneByOne,
      Consumer<Geecache> groups) {
    this.world = world;
    this.network = network;
    this.url = url;
    this.options = options;
    this.oneByOne = oneByOne;
    this.groups = groups;
    start();
  }

  /** Starts the node as a new one, which knows of no others. */
  void start() {
    id = world.random().nextLong();
    threads = world.executor();
    timer = world.timer();
    node = SteeredNode.of(world);
    ClusterRuntime runtime =
        new ClusterRuntime(world.ticker(), threads, timer, world.random(), world.waiting());
    cluster = new ClusterNode(node.local(), url, id, options, runtime, network.linksOf(this));
    node.registerPeers(cluster);
    groups.accept(node);
    network.connect(this);
    running = true;
  }

  /** Ends the node in good order: it hands its entries over. */
  void stop() {
    if (running) {
      running = false;
      node.close();
      network.disconnect(this);
      timer.shutdownNow();
      threads.shutdownNow();
    }
  }

  /** Ends the node without a word to others. */
  void crash() {
    if (running) {
      running = false;
      network.disconnect(this);
      timer.shutdownNow();
      threads.shutdownNow();
    }
  }

  String url() {
    return url;
  }

  long id() {
    return id;
  }

  Duration timeout() {
    return options.timeout();
  }

  boolean readsOneByOne() {
    return oneByOne;
  }

  Sender nextRequest() {
    return new Sender(id, ++requests);
  }

  IncomingRequests incoming() {
    return cluster.incoming();
  }

  ClusterNode cluster() {
    return cluster;
  }

  Geecache node() {
    return node;
  }

  Group group(String name) {
    return node.find(name).orElseThrow();
  }

  LocalGroup local(String name) {
    return node.local().find(name).orElseThrow();
  }

  @Nullable LocalGroup find(String name) {
    return node.local().find(name).orElse(null);
  }

  boolean isRunning() {
    return running;
  }

  boolean owns(String key) {
    return cluster.owns(key);
  }

  void show(Collection<String> urls) {
    cluster.set(urls);
  }

  /** Whether this node is in contact with all others of its view. */
  boolean isInContact() {
    List<String> others =
        cluster.clusterView().urls().stream().filter(other -> !other.equals(url)).toList();
    return cluster.inContact().equals(others);
  }
}
