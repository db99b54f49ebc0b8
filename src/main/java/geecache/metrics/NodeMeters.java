package geecache.metrics;

import geecache.Cluster;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.NodeListener;
import geecache.cluster.ClusterNode;
import geecache.cluster.ObservedPeer;
import geecache.cluster.WatchedCluster;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one node in one registry: those of its groups and peers come and go with them. All
 * is guarded by this; under it runs code of the registry, which takes none of the node's locks.
 */
final class NodeMeters implements NodeListener {
  private final LocalNode node;
  private final MeterRegistry registry;
  private final Tags tags;
  private final BoundMeters own;
  private final Map<String, BoundMeters> groups = new HashMap<>();
  private final Map<String, PeerMeters> peers = new HashMap<>();
  private @Nullable BoundMeters cluster;
  private boolean closed;

  private record PeerMeters(ObservedPeer peer, BoundMeters meters) {}

  /**
   * Makes the meters that a node always has.
   *
   * @throws IllegalStateException if the registry has those of another node with the same tags
   */
  NodeMeters(LocalNode node, MeterRegistry registry, Tags tags) {
    if (!registry.find(NodeFigures.OF_NODE.get(0).name()).tags(tags).meters().isEmpty()) {
      throw new IllegalStateException(
          "the registry has the meters of a node with these tags already: give each node tags of its"
              + " own: "
              + tags);
    }
    this.node = node;
    this.registry = registry;
    this.tags = tags;
    this.own = new BoundMeters(registry, tags);
    own.add(NodeFigures.OF_NODE, Tags.empty(), node, Function.identity());
  }

  @Override
  public synchronized void groupAdded(LocalGroup group) {
    if (!closed && !groups.containsKey(group.name())) {
      BoundMeters meters = new BoundMeters(registry, tags);
      groups.put(group.name(), meters);
      Tags ofGroup = Tags.of("group", group.name());
      Tags ofCache =
          Tags.of("cache", group.name(), "name", group.name(), "cache.manager", "geecache");
      meters.add(GroupFigures.OF_ANY_CACHE, ofCache, group, LocalGroup::stats);
      meters.add(GroupFigures.OWN, ofGroup, group, LocalGroup::stats);
      meters.time(GroupFigures.TIMED, ofGroup, group.durations());
    }
  }

  @Override
  public void clusterJoined(Cluster joined) {
    if (joined instanceof WatchedCluster watched) {
      ClusterNode clusterNode = watched.clusterNode();
      if (addCluster(watched)) {
        clusterNode.onView(() -> show(clusterNode));
        show(clusterNode);
      }
    }
  }

  private synchronized boolean addCluster(WatchedCluster watched) {
    if (closed || cluster != null) {
      return false;
    }
    cluster = new BoundMeters(registry, tags);
    cluster.add(NodeFigures.OF_CLUSTER, Tags.empty(), watched, Function.identity());
    return true;
  }

  /** Has meters for exactly the peers of the view as it is now. */
  private synchronized void show(ClusterNode clusterNode) {
    if (closed) {
      return;
    }
    Map<String, ObservedPeer> now = new HashMap<>();
    clusterNode.peers().forEach(peer -> now.put(peer.url(), peer));
    for (Iterator<PeerMeters> each = peers.values().iterator(); each.hasNext(); ) {
      PeerMeters before = each.next();
      if (now.get(before.peer().url()) != before.peer()) {
        each.remove();
        before.meters().remove();
      }
    }
    now.values().forEach(this::addPeer);
  }

  private void addPeer(ObservedPeer peer) {
    if (peers.containsKey(peer.url())) {
      return;
    }
    BoundMeters meters = new BoundMeters(registry, tags);
    peers.put(peer.url(), new PeerMeters(peer, meters));
    Tags ofPeer = Tags.of("peer", peer.url());
    meters.add(NodeFigures.OF_PEER, ofPeer, peer, Function.identity());
    meters.time(NodeFigures.PEER_TIMED, ofPeer, peer.traffic());
  }

  @Override
  public synchronized void nodeClosed() {
    closed = true;
    own.remove();
    groups.values().forEach(BoundMeters::remove);
    groups.clear();
    peers.values().forEach(peer -> peer.meters().remove());
    peers.clear();
    if (cluster != null) {
      cluster.remove();
    }
  }
}
