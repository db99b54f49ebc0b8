package geecache.cluster;

/** Makes the ways to other nodes, by the names that nodes have in views. Safe for many threads. */
public interface NodeLinks {
  /** Returns the way to a geecache node, in the view or not. */
  NodeLink node(String url);

  /** Returns the way to a Go node. */
  GoNodeLink goNode(String url);
}
