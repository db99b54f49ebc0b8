package geecache.cluster;

/** Another node of the cluster, for those who watch how this node gets on with it. */
public interface ObservedPeer {
  /** Returns its base URL. */
  String url();

  /** Returns the id of the node that was met there last; 0 if none was, and for a Go node. */
  default long id() {
    return 0;
  }

  /** Whether it is a Go node. */
  default boolean isGoNode() {
    return false;
  }

  /** Whether this node is in contact with the peer, and so may ask it. */
  boolean isUsable();

  /** Returns how many keys wait to be asked of the peer. */
  int queuedKeys();

  /** Returns how many changes of this node the peer has acknowledged; 0 for a Go node. */
  default long toldChanges() {
    return 0;
  }

  /** Returns how many changes of this node the peer has not acknowledged; 0 for a Go node. */
  default long untoldChanges() {
    return 0;
  }

  /** Returns what this node has asked the peer. */
  PeerTraffic traffic();
}
