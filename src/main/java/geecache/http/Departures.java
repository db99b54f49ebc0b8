package geecache.http;

import geecache.Geecache;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has this node leave and stay; {@link Views} knows which of them it does. */
final class Departures {
  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);

  private final Geecache node;
  private final PeerLinks links;
  private final Views views;

  Departures(Geecache node, PeerLinks links, Views views) {
    this.node = node;
    this.links = links;
    this.views = views;
  }

  /** As {@link HTTPPool#leave} promises. */
  CompletableFuture<LeaveReport> leave() {
    if (links.options().groupcache()) {
      throw new IllegalStateException("Go nodes cannot be told that a node leaves");
    }
    // What it says of itself is asked for before: off the ring it is not one that has joined.
    Departure next = new Departure(node, links, views, views.standing().warmMillis());
    Departure current = views.depart(next);
    if (current == next) {
      current.over().thenRun(node.local()::demote); // Not before: what is lost takes more room.
      current.begin();
    }
    return current.over().copy();
  }

  /** As {@link HTTPPool#stay} promises. */
  void stay() {
    Departure takenBack = views.stay();
    if (takenBack != null) {
      // What is still being told would else come after this.
      takenBack.allTold().thenRun(() -> views.get().peers().forEach(ClusterPeer::seekContact));
    }
  }

  /** As {@link HTTPPool#leaving} promises. */
  Optional<LeaveReport> report() {
    return Optional.ofNullable(views.departure()).map(Departure::report);
  }

  /**
   * Leaves, if there is anybody to leave to and anything that may be told, and waits until all was
   * handed over, or time is up.
   */
  void handOver() {
    Duration limit = links.options().handoff();
    if (limit.isZero()
        || links.options().groupcache()
        || links.options().secrets().isEmpty()
        || views.get().peers().isEmpty()) {
      return;
    }
    try {
      Duration telling = links.options().silence().multipliedBy(3);
      leave().get(limit.plus(telling).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException unfinished) {
      log.warn("the node is closed before it has handed over: {}", report().orElse(null));
    }
  }
}
