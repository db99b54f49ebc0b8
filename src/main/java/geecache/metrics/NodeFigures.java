package geecache.metrics;

import static geecache.metrics.Figure.counter;
import static geecache.metrics.Figure.gauge;

import geecache.LocalNode;
import geecache.cluster.ObservedPeer;
import geecache.cluster.PeerStats;
import geecache.cluster.PeerTraffic;
import geecache.cluster.WatchedCluster;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The meters of a node, of its cluster and of each of its peers. */
final class NodeFigures {
  static final List<Figure<LocalNode>> OF_NODE =
      List.of(
          gauge("geecache.groups", "groups that are registered", LocalNode::groupCount),
          gauge(
              "geecache.loader.threads",
              "loader threads that run a load",
              LocalNode::loaderThreads));

  static final List<Figure<WatchedCluster>> OF_CLUSTER =
      List.of(
          gauge(
              "geecache.nodes",
              "nodes of the cluster, this one included",
              cluster -> cluster.clusterNode().clusterView().urls().size()),
          gauge(
              "geecache.nodes.contact",
              "other nodes with which this one is in contact",
              cluster -> cluster.clusterNode().inContact().size()),
          counter(
              "geecache.views",
              "changes of the nodes or of their ring, as this node saw them",
              cluster -> cluster.clusterNode().view()),
          counted(
              "geecache.views.different",
              "requests of nodes that divide the keys otherwise than this one",
              PeerStats::viewDifferences),
          gauge(
              "geecache.changes.pending",
              "removals, sets and clearings of this node's callers that are under way",
              cluster -> cluster.clusterNode().changesUnderWay()),
          counted(
              "geecache.changes.named",
              "nodes named to callers of changes, since they did not acknowledge",
              PeerStats::named),
          counted(
              "geecache.peer.keys.refused",
              "keys not asked for, since too many waited for the same peer",
              PeerStats::refused),
          counted(
              "geecache.answers.pending",
              "answers to other nodes that were not kept open for keys that were loading",
              PeerStats::pending),
          counted(
              "geecache.handover.given",
              "entries that other nodes took from this one when it left",
              PeerStats::handedOver),
          counted(
              "geecache.handover.taken",
              "entries that this node took from nodes that left",
              PeerStats::taken),
          counted(
              "geecache.handover.refused",
              "entries of nodes that left which this node did not take",
              PeerStats::notTaken),
          counted(
                  "geecache.requests.refused",
                  "requests refused for the size of their body or answer",
                  PeerStats::bodiesRefused)
              .with("for", "body"),
          counted(
                  "geecache.requests.refused",
                  "requests refused for the size of their body or answer",
                  PeerStats::answersRefused)
              .with("for", "answer"),
          counter(
              "geecache.secrets.wrong",
              "requests with a wrong secret",
              WatchedCluster::wrongSecrets),
          gauge(
              "geecache.peer.threads",
              "threads that ask peers or tell them changes",
              WatchedCluster::peerThreads));

  static final List<Figure<ObservedPeer>> OF_PEER =
      List.of(
          gauge(
              "geecache.peer.contact",
              "1 if this node is in contact with the peer, else 0",
              peer -> peer.isUsable() ? 1 : 0),
          counter(
              "geecache.peer.requests",
              "requests to the peer for one key or many",
              peer -> peer.traffic().requests()),
          counter(
              "geecache.peer.failures",
              "requests that the peer did not answer",
              peer -> peer.traffic().failures()),
          gauge("geecache.peer.queue", "keys that wait to be asked", ObservedPeer::queuedKeys),
          counter(
              "geecache.peer.changes.told",
              "changes of this node that the peer has acknowledged",
              ObservedPeer::toldChanges),
          gauge(
              "geecache.peer.changes.pending",
              "changes of this node that the peer has not acknowledged",
              ObservedPeer::untoldChanges));

  static final List<Timed<PeerTraffic>> PEER_TIMED =
      List.of(
          new Timed<>(
              "geecache.peer.round.trip",
              Tags.empty(),
              "time from a request to the peer until its answer begins",
              PeerTraffic::roundTrips));

  private NodeFigures() {}

  private static Figure<WatchedCluster> counted(
      String name, String description, ToDoubleFunction<PeerStats> value) {
    return counter(
        name, description, cluster -> value.applyAsDouble(cluster.clusterNode().stats()));
  }
}
