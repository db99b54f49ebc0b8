package geecache.cluster;

import geecache.Peer;

/** Another node of the cluster, of either kind. */
interface ClusterPeer extends Peer {
  /** Begins to make contact, in the background. Until it is made, the peer is not asked. */
  void seekContact();

  /** Whether this node is in contact with the peer, and so may ask it. */
  boolean isUsable();

  /** Ends the peer: it has left the view. */
  void retire();
}
