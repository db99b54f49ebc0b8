package geecache.cluster;

import geecache.Peer;

/** Another node of the cluster, of either kind. */
interface ClusterPeer extends Peer, ObservedPeer {
  @Override
  String url();

  /** Begins to make contact, in the background. Until it is made, the peer is not asked. */
  void seekContact();

  /** Ends the peer: it has left the view. */
  void retire();
}
