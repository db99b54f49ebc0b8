package geecache.cluster;

/** A cluster that can be watched: its numbers are told to operators. */
public interface WatchedCluster {
  /** Returns the part of the cluster that knows the nodes. */
  ClusterNode clusterNode();

  /** Returns how many threads ask peers now, or tell them changes. */
  int peerThreads();

  /** Returns how many requests with a wrong secret were refused. */
  long wrongSecrets();
}
