package geecache.snapshot;

import geecache.Cluster;
import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.NodeListener;
import geecache.Ticker;
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
 * <p>A file is written from time to time, when the node leaves its cluster, and when this or the
 * node is closed. It is read once. A file that is damaged, or cannot be read or written, is told as
 * a warning, and never fails the node. Loading begins when the node is in contact with all others,
 * or after 30 s, since another node may have the values. Safe for use by many threads.
 */
public final class KeySnapshots implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KeySnapshots.class);
  private static final long STEP_MILLIS = 100;
  private static final long CLOSE_LIMIT_SECONDS = 10;

  private final Geecache node;
  private final List<GroupSnapshot> groups = new ArrayList<>();
  private final PoolThreads threads = new PoolThreads("geecache-snapshots-");
  private final ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(1, threads);
  private final AtomicBoolean ended = new AtomicBoolean();

  /** Whether the keys were taken when the node left, and it has not come back. */
  private volatile boolean left;

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
    node.local().listen(new EndListener());
  }

  /** The keys are taken while the values are there. */
  private final class EndListener implements NodeListener {
    @Override
    public void groupAdded(LocalGroup group) {}

    @Override
    public void clusterJoined(Cluster cluster) {}

    @Override
    public void nodeLeaves() {
      if (!ended.get()) {
        left = true;
        write();
      }
    }

    @Override
    public void nodeClosed() {
      end();
    }
  }

  private void step() {
    boolean hadLeft = left; // Read first: else one that leaves meanwhile would seem to be back.
    if (isLeaving()) {
      return;
    }
    if (hadLeft) {
      left = false;
      groups.forEach(GroupSnapshot::noteReturn);
    }
    groups.forEach(GroupSnapshot::step);
  }

  /** Takes the keys now, and has them written by the timer's thread. */
  private void write() {
    for (GroupSnapshot group : groups) {
      List<String> keys = group.keys();
      try {
        timer.execute(() -> group.write(keys));
      } catch (RejectedExecutionException over) {
        log.debug("the node has ended, and written its keys");
      }
    }
  }

  /** Ends loading, and has the files written for the last time, unless the node has left. */
  private void end() {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    try {
      if (!left) {
        write();
      }
    } finally {
      timer.execute(this::giveUp);
      timer.shutdown(); // What was begun is still done.
    }
  }

  /** Twice does no harm. */
  private void giveUp() {
    groups.forEach(GroupSnapshot::end);
    groups.forEach(GroupSnapshot::close);
  }

  private boolean isLeaving() {
    return node.local().cluster() instanceof WatchedCluster watched
        && watched.clusterNode().leaving().isPresent();
  }

  private boolean inContact() {
    return !(node.local().cluster() instanceof WatchedCluster watched)
        || watched.clusterNode().isInContactWithAll();
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
   * Ends loading, writes the files, unless the node has left its cluster, and waits for that for at
   * most 10 s. Closing the node does the same, and does not wait. The second call does nothing.
   */
  @Override
  public void close() {
    end();
    try {
      if (!timer.awaitTermination(CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        timer.shutdownNow();
        giveUp();
        log.warn("the keys of groups could not be written within {} s", CLOSE_LIMIT_SECONDS);
      }
    } catch (InterruptedException interrupt) {
      timer.shutdownNow();
      giveUp();
      Thread.currentThread().interrupt();
    }
    threads.awaitEnd();
  }
}
