package geecache.cluster;

import geecache.Peer;

/** Another node of the cluster, of either kind. */
interface ClusterPeer extends Peer, ObservedPeer {
  @Override
  String url();

  /** Begins to make contact, in the background. Until it is made, the peer is not asked. */
  void seekContact();

  /** Whether the peer is known not to have a group with this version of its values. */
  boolean lacks(GroupVersion group);

  /** Ends the peer: it has left the view. */
  void retire();
}
