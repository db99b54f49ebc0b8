package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node on its own, for the {@link Cluster} that it is part of, and for the servers that answer
 * its peers. Applications use {@link Geecache}. Safe for use by many threads.
 */
public final class LocalNode {
  private static final Logger log = LoggerFactory.getLogger(LocalNode.class);

  private final Map<String, Group> groups;
  private final AtomicReference<Cluster> cluster;
  private final LoaderThreads loaders;
  private final AtomicReference<Tracing> tracing;
  private final GivenLeases leases;
  private final Ticker waitTicker;
  private final List<NodeListener> listeners = new CopyOnWriteArrayList<>();

  /** Set once, before the listeners are told; a listener that comes meanwhile may be told twice. */
  private volatile boolean closed;

  /** Null unless the groups keep their history. */
  private final AtomicReference<@Nullable NodeHistory> history = new AtomicReference<>();

  /** The calls of {@link #demote} that no walk has covered to its end. The first of them walks. */
  private final AtomicInteger demotions = new AtomicInteger();

  LocalNode(Map<String, Group> groups, NodeParts parts) {
    this.groups = groups;
    this.cluster = parts.cluster();
    this.loaders = parts.loaders();
    this.tracing = parts.tracing();
    this.leases = parts.leases();
    this.waitTicker = parts.waitTicker();
  }

  /** Returns {@code group} as it is on its node alone. */
  public static LocalGroup partOf(Group group) {
    return group.engine;
  }

  /** Returns the group registered under {@code name}; none once the node is closed. */
  public Optional<LocalGroup> find(String name) {
    return Optional.ofNullable(groups.get(name)).map(LocalNode::partOf);
  }

  /** Returns the groups registered now; unmodifiable. */
  public Collection<LocalGroup> groups() {
    return groups.values().stream().map(LocalNode::partOf).toList();
  }

  /** Returns the names of the groups registered now, in order. */
  public List<String> groupNames() {
    return groups.keySet().stream().sorted().toList();
  }

  /** Returns how many groups are registered now. */
  public int groupCount() {
    return groups.size();
  }

  /** Returns the cluster of which the node is part now. */
  public Cluster cluster() {
    return cluster.get();
  }

  /** Returns what is told of gets, of questions to peers and of loads. */
  public Tracing tracing() {
    return tracing.get();
  }

  /** Returns how many loads run now, each on a loader thread. */
  public int loaderThreads() {
    return loaders.running();
  }

  /**
   * Tells {@code listener} of the groups and the cluster of this node, those of now and those that
   * come, and of its end.
   */
  public void listen(NodeListener listener) {
    listeners.add(listener);
    groups().forEach(listener::groupAdded);
    listener.clusterJoined(cluster.get());
    if (closed) {
      listener.nodeClosed();
    }
  }

  /**
   * Has each group keep what it did in the last 15 minutes: those of now and those that come. A
   * second call changes nothing.
   */
  public void keepHistory() {
    NodeHistory made = new NodeHistory(this::after, groups);
    if (history.compareAndSet(null, made)) {
      made.begin();
    }
  }

  /** Tells the listeners that a group is registered. */
  void addGroup(Group group) {
    NodeHistory kept = history.get();
    if (kept != null) {
      kept.add(group);
    }
    tell(listener -> listener.groupAdded(group.engine));
  }

  /** Tells the listeners that the node has become one of a cluster. */
  void joinCluster(Cluster joined) {
    tell(listener -> listener.clusterJoined(joined));
  }

  /** Tells the listeners that the node leaves its cluster; its values are still here. */
  public void tellLeaving() {
    tell(NodeListener::nodeLeaves);
  }

  /** Tells the listeners that the node is being closed. */
  void close() {
    closed = true;
    tell(NodeListener::nodeClosed);
  }

  /** What a listener throws is no failure of the node. */
  private void tell(Consumer<NodeListener> news) {
    for (NodeListener listener : listeners) {
      try {
        news.accept(listener);
      } catch (RuntimeException broken) {
        log.warn("a listener to the node failed", broken);
      }
    }
  }

  /**
   * Runs {@code task}, which must be short, after {@code delay}, unless the node is closed by then.
   */
  public void after(Duration delay, Runnable task) {
    try {
      loaders.after(delay, task);
    } catch (RejectedExecutionException over) {
      log.debug("the node is closed");
    }
  }

  /**
   * Notes that {@code node} lives, which holds this lease of this node; returns whether it still
   * has it.
   */
  public boolean renewLease(long number, long node) {
    HeldLease lease = leases.find(number, node);
    return lease != null && lease.renew(waitTicker.nanos());
  }

  /** Ends a lease of this node that {@code node} holds. */
  public LeaseEnd.Taken endLease(long number, long node, LeaseEnd end) {
    HeldLease lease = leases.find(number, node);
    return lease == null ? LeaseEnd.Taken.REFUSED : lease.end(end);
  }

  /** Returns how many leases of this node others hold now. */
  public int leasesOfOthers() {
    return leases.count();
  }

  /** Returns a stamp for a removal that concerns this node alone: {@link Cluster#nextStamp}. */
  public Stamp nextStamp() {
    return cluster.get().nextStamp();
  }

  /**
   * Limits the life of values that this node does not own (any more) to the hot time to live of
   * their group. The {@link Cluster} calls this after its view changed, on a thread that may take
   * long: all keys are looked at. One thread at a time walks over them. If one does already, it
   * walks once more from the beginning, and this returns at once.
   */
  public void demote() {
    if (demotions.getAndIncrement() > 0) {
      return;
    }
    boolean walked = false;
    try {
      int covered;
      do {
        covered = demotions.get();
        groups.values().forEach(group -> group.engine.demote());
      } while (demotions.addAndGet(-covered) > 0);
      walked = true;
    } finally {
      if (!walked) {
        demotions.set(0); // The next call walks.
      }
    }
  }
}
