package geecache.cluster;

import geecache.Peer;

/** Another node of the cluster, of either kind. */
interface ClusterPeer extends Peer {
  /** Begins to make contact, in the background; until it stands the peer is not asked. */
  void seekContact();

  /** Whether the peer is worth asking. */
  boolean isUsable();

  /** Ends the peer: it is not one of the nodes any more. */
  void retire();
}
