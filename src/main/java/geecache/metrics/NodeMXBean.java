package geecache.metrics;

/** What JMX shows of a node and its cluster. Without peers, what concerns them is empty or 0. */
public interface NodeMXBean {
  /** Returns the names of the groups registered now. */
  String[] getGroups();

  /** Returns the number of loader threads that run a load now. */
  int getLoaderThreads();

  /** Returns the base URLs of all nodes, this one included. */
  String[] getNodes();

  /** Returns the base URLs of the peers with which this node is in contact. */
  String[] getNodesInContact();

  /** Returns how often the nodes or their ring have changed. */
  long getViews();

  /** Returns the number of requests by nodes that divide the keys otherwise. */
  long getViewDifferences();

  /** Returns the number of changes by callers of this node that are under way now. */
  int getChangesPending();

  /** Returns the number of nodes named to callers of changes, since they did not acknowledge. */
  long getChangesNamed();

  /** Returns the number of requests that peers did not answer. */
  long getPeerFailures();

  /** Returns the number of threads that talk to peers now. */
  int getPeerThreads();

  /** Returns the number of requests with a wrong secret. */
  long getWrongSecrets();
}
