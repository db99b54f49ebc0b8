package geecache.http;

import geecache.GroupStats;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.cluster.ClusterNode;
import geecache.cluster.ObservedPeer;
import geecache.internal.ControlCharacters;
import geecache.internal.PeriodicTask;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the state of each pool and queue of a node each half minute, at {@code DEBUG}. Where that is
 * off, nothing is read.
 */
final class StateLog {
  private static final Logger log = LoggerFactory.getLogger(StateLog.class);
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final LocalNode node;
  private final ClusterNode cluster;
  private final PeerThreads threads;
  private final PeerClient client;
  private final PeriodicTask task = new PeriodicTask("logging the state", this::write);

  StateLog(LocalNode node, ClusterNode cluster, PeerThreads threads, PeerClient client) {
    this.node = node;
    this.cluster = cluster;
    this.threads = threads;
    this.client = client;
  }

  /** Begins, on the node's own timer. It ends with the node. */
  void begin() {
    node.after(
        INTERVAL,
        () -> {
          task.run();
          begin();
        });
  }

  /** Writes the state as it is now. */
  void write() {
    if (!log.isDebugEnabled()) {
      return;
    }
    log.debug(
        "threads: {} run loads, {} talk to peers; {} changes of callers are under way",
        node.loaderThreads(),
        threads.active(),
        cluster.changesUnderWay());
    for (LocalGroup group : node.groups()) {
      GroupStats stats = group.stats();
      log.debug(
          "group {}: {} loads run, {} wait for a place, {} gets wait",
          group.name(),
          stats.loadsRunning(),
          stats.loadsWaiting(),
          stats.getsWaiting());
    }
    for (ObservedPeer peer : cluster.peers()) {
      PeerConnections.Use use = client.connections(peer.url());
      log.debug(
          "peer {}: {}, {} keys queued, {} changes not acknowledged, {} of {} connections in use",
          ControlCharacters.escape(peer.url()),
          peer.isUsable() ? "in contact" : "no contact",
          peer.queuedKeys(),
          peer.untoldChanges(),
          use.inUse(),
          use.most());
    }
  }
}
