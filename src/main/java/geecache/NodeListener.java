package geecache;

/**
 * Told of the parts of a node as they come, by {@link LocalNode#listen}. Of each part it may be
 * told twice, and late: also once the node is closed. Its methods must be short, and may be called
 * by several threads at once.
 */
public interface NodeListener {
  /** A group is registered. */
  void groupAdded(LocalGroup group);

  /** The node has become one of a cluster. */
  void clusterJoined(Cluster cluster);

  /** The node leaves its cluster, and has not handed its values over yet. */
  default void nodeLeaves() {}

  /** The node is being closed. */
  void nodeClosed();
}
