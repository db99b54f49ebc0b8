package geecache.http;

import geecache.Peer;

/** Another node of the cluster, of whichever kind. */
sealed interface ClusterPeer extends Peer permits HTTPPeer, GoPeer {
  /** Begins to make contact, in the background; until it stands the peer is not asked. */
  void seekContact();

  /** Whether it is worth asking. */
  boolean isUsable();

  /** Ends it: it is not one of the nodes any more. */
  void retire();
}
