package geecache.spring;

import geecache.cluster.LeaveReport;
import geecache.http.HTTPPool;
import geecache.web.ConfiguredNode;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Has a node leave its cluster before the web server stops, while its peers can still ask it, and
 * tells at the start what operators should know. The node itself is closed with its bean.
 */
final class NodeLife implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(NodeLife.class);

  /** Above that of the graceful shutdown of web servers, which is 1024 below the default. */
  private static final int PHASE = DEFAULT_PHASE - 512;

  private final ConfiguredNode node;
  private volatile boolean running;

  NodeLife(ConfiguredNode node) {
    this.node = node;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }

  @Override
  public void start() {
    running = true;
    HTTPPool pool = node.pool();
    if (pool.leaving().isPresent()) {
      pool.stay();
      return;
    }
    log.info("geecache started with {}", node.shownSettings());
    if (node.hasPeers() && !node.hasSecret()) {
      log.warn(
          "without geecache.secret no node may change what others hold: @CacheEvict and @CachePut"
              + " fail");
    }
  }

  @Override
  public void stop() {
    leave().join();
  }

  @Override
  public void stop(Runnable callback) {
    leave().whenComplete((left, failure) -> callback.run());
  }

  private CompletableFuture<?> leave() {
    running = false;
    if (!node.hasPeers() || !node.hasSecret()) {
      return CompletableFuture.completedFuture(null);
    }
    try {
      CompletableFuture<LeaveReport> left = node.pool().leave();
      return left;
    } catch (IllegalStateException refused) { // With the ring of Go nodes.
      log.info(
          "this node does not leave its cluster before it is closed: {}", refused.getMessage());
      return CompletableFuture.completedFuture(null);
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
