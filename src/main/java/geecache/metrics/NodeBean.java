package geecache.metrics;

import geecache.LocalNode;
import geecache.cluster.WatchedCluster;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Reads each number from the node when it is asked for. */
final class NodeBean implements NodeMXBean {
  private static final String[] NONE = {};

  private final LocalNode node;

  NodeBean(LocalNode node) {
    this.node = node;
  }

  private @Nullable WatchedCluster cluster() {
    return node.cluster() instanceof WatchedCluster watched ? watched : null;
  }

  private long count(ToLongFunction<WatchedCluster> number) {
    WatchedCluster known = cluster();
    return known == null ? 0 : number.applyAsLong(known);
  }

  @Override
  public String[] getGroups() {
    return node.groupNames().toArray(String[]::new);
  }

  @Override
  public int getLoaderThreads() {
    return node.loaderThreads();
  }

  @Override
  public String[] getNodes() {
    WatchedCluster known = cluster();
    return known == null ? NONE : known.clusterNode().clusterView().urls().toArray(String[]::new);
  }

  @Override
  public String[] getNodesInContact() {
    WatchedCluster known = cluster();
    return known == null ? NONE : known.clusterNode().inContact().toArray(String[]::new);
  }

  @Override
  public long getViews() {
    return count(known -> known.clusterNode().view());
  }

  @Override
  public long getViewDifferences() {
    return count(known -> known.clusterNode().stats().viewDifferences());
  }

  @Override
  public int getChangesPending() {
    return (int) count(known -> known.clusterNode().changesUnderWay());
  }

  @Override
  public long getChangesNamed() {
    return count(known -> known.clusterNode().stats().named());
  }

  @Override
  public long getPeerFailures() {
    return count(known -> known.clusterNode().stats().failures());
  }

  @Override
  public int getPeerThreads() {
    return (int) count(WatchedCluster::peerThreads);
  }

  @Override
  public long getWrongSecrets() {
    return count(WatchedCluster::wrongSecrets);
  }
}
