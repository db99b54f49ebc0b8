package geecache.snapshot;

import geecache.Cluster;
import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.NodeListener;
import geecache.Ticker;
import geecache.cluster.ClusterNode;
import geecache.cluster.WatchedCluster;
import geecache.internal.PeriodicTask;
import geecache.internal.PoolThreads;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the keys of groups in files, without their values, so that a node which is started again
 * loads what it had in memory: those keys first that its store would keep longest, at a set rate,
 * each by the node that owns it, so that a cluster whose nodes all start at once asks its source
 * once for each.
 *
 * <pre>{@code
 * KeySnapshots keys =
 *     KeySnapshots.start(node, Map.of("users", SnapshotOptions.in(Path.of("/var/lib/shop"))));
 * }</pre>
 *
 * <p>A file is written from time to time, when the node leaves its cluster, and by {@link #close}.
 * It is read once. A file that is damaged, or cannot be read or written, is told as a warning, and
 * never fails the node. Loading begins when the node is in contact with all others, or after 30 s,
 * since another node may have the values. Safe for use by many threads.
 */
public final class KeySnapshots implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KeySnapshots.class);
  private static final long STEP_MILLIS = 100;
  private static final long CLOSE_LIMIT_SECONDS = 10;

  private final Geecache node;
  private final List<GroupSnapshot> groups = new ArrayList<>();
  private final PoolThreads threads = new PoolThreads("geecache-snapshots-");
  private final ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(1, threads);
  private final AtomicBoolean closed = new AtomicBoolean();

  private KeySnapshots(Geecache node) {
    this.node = node;
  }

  /**
   * Reads the files of these groups, and begins to load their keys on a thread of its own.
   *
   * @param groups by the names of groups that the node has
   * @throws IllegalArgumentException if the node has no such group
   */
  public static KeySnapshots start(Geecache node, Map<String, SnapshotOptions> groups) {
    KeySnapshots made = new KeySnapshots(node);
    groups.forEach(made::add);
    made.begin();
    return made;
  }

  private void add(String name, SnapshotOptions options) {
    Group group =
        node.find(name)
            .orElseThrow(() -> new IllegalArgumentException("the node has no group " + name));
    LocalGroup local =
        node.local().groups().stream()
            .filter(one -> one.name().equals(name))
            .findAny()
            .orElseThrow();
    groups.add(
        new GroupSnapshot(
            group, local, options, this::inContact, Ticker.system(), Clock.systemUTC()));
  }

  private void begin() {
    groups.forEach(GroupSnapshot::open);
    timer.scheduleWithFixedDelay(
        new PeriodicTask("keeping the keys of groups", this::step),
        0,
        STEP_MILLIS,
        TimeUnit.MILLISECONDS);
    node.local().listen(new LeaveListener());
  }

  /** The keys are taken before other nodes get the values. */
  private final class LeaveListener implements NodeListener {
    @Override
    public void groupAdded(LocalGroup group) {}

    @Override
    public void clusterJoined(Cluster cluster) {}

    @Override
    public void nodeLeaves() {
      groups.forEach(
          group -> {
            Optional<List<String>> keys = group.keys();
            try {
              timer.execute(() -> group.write(keys));
            } catch (RejectedExecutionException closed) {
              log.debug("the node is closed, and has written its keys");
            }
          });
    }

    @Override
    public void nodeClosed() {
      timer.shutdown(); // What was taken at the leave is still written.
    }
  }

  private void step() {
    if (!isLeaving()) {
      groups.forEach(GroupSnapshot::step);
    }
  }

  private boolean isLeaving() {
    return node.local().cluster() instanceof WatchedCluster watched
        && watched.clusterNode().leaving().isPresent();
  }

  private boolean inContact() {
    if (node.local().cluster() instanceof WatchedCluster watched) {
      ClusterNode cluster = watched.clusterNode();
      return cluster.inContact().size() == cluster.peers().size();
    }
    return true;
  }

  /** Returns how far the keys of each group are loaded that had some in its file. */
  public List<WarmingProgress> progress() {
    return groups.stream().map(GroupSnapshot::progress).flatMap(Optional::stream).toList();
  }

  /**
   * Returns the groups of which less than this part of the keys has been loaded, or tried.
   *
   * @param percent from 0 to 100
   */
  public List<WarmingProgress> cold(int percent) {
    return groups.stream()
        .filter(group -> !group.isWarm(percent))
        .map(GroupSnapshot::progress)
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * Ends loading, and writes the files of the groups that are warm, unless the node has left its
   * cluster: then they have been written. Call this before the node is closed. The second call does
   * nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    timer.shutdown();
    try {
      if (!timer.awaitTermination(CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        timer.shutdownNow();
        log.warn("the keys of groups are still being written after {} s", CLOSE_LIMIT_SECONDS);
      } else if (!isLeaving()) {
        groups.forEach(group -> group.write(group.keys()));
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    groups.forEach(GroupSnapshot::close);
    threads.awaitEnd();
  }
}
