package geecache.cluster;

import geecache.LocalNode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts and cancels this node's leaving; {@link ViewHolder} holds the state. */
final class Leaving {
  private static final Logger log = LoggerFactory.getLogger(Leaving.class);

  private final LocalNode node;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final HybridClock clock;
  private final ChangeLog changes;
  private final PeerCounters counters;
  private final ViewHolder views;

  Leaving(
      LocalNode node,
      ClusterOptions options,
      ClusterRuntime runtime,
      HybridClock clock,
      ChangeLog changes,
      PeerCounters counters,
      ViewHolder views) {
    this.node = node;
    this.options = options;
    this.runtime = runtime;
    this.clock = clock;
    this.changes = changes;
    this.counters = counters;
    this.views = views;
  }

  /** As {@link ClusterNode#leave} promises. */
  CompletableFuture<LeaveReport> leave() {
    if (options.goRing()) {
      throw new IllegalStateException("Go nodes cannot be told that a node leaves");
    }
    // The standing is read first: off the ring, this node would not count as joined.
    Handover next =
        new Handover(
            node, options, runtime, clock, changes, counters, views, views.standing().warmMillis());
    Handover current = views.leave(next);
    if (current == next) {
      current.over().thenRun(node::demote); // Not before: a demoted entry takes more room.
      try {
        node.tellLeaving();
      } finally {
        current.begin();
      }
    }
    return current.over().copy();
  }

  /** As {@link ClusterNode#stay} promises. */
  void stay() {
    Handover takenBack = views.stay();
    if (takenBack != null) {
      // Otherwise a late message could say again that this node leaves.
      takenBack.allTold().thenRun(() -> views.get().peers().forEach(ClusterPeer::seekContact));
    }
  }

  /** As {@link ClusterNode#leaving} promises. */
  Optional<LeaveReport> report() {
    return Optional.ofNullable(views.handover()).map(Handover::report);
  }

  /**
   * Leaves, if there are peers and a secret, and waits until all entries are handed over, or the
   * time is over.
   */
  void handOver() {
    Duration limit = options.handoff();
    if (limit.isZero()
        || options.goRing()
        || !options.changesAllowed()
        || views.get().peers().isEmpty()) {
      return;
    }
    try {
      Duration telling = options.timeout().multipliedBy(3);
      runtime.waiting().get(leave(), limit.plus(telling).toNanos());
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException unfinished) {
      log.warn("closed before all entries were handed over: {}", report().orElse(null));
    }
  }
}
