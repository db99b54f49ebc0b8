package geecache.http;

import geecache.internal.ControlCharacters;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all peers of a node share.
 *
 * @param self the id of this node
 * @param basePath where nodes are mapped below their base URL, slashes included
 * @param executor runs what blocks
 * @param fingerprint of the view as it is now
 * @param meetings makes contact with peers
 */
record PeerLinks(
    long self,
    String basePath,
    PeerOptions options,
    PeerClient client,
    RemovalLog removals,
    Executor executor,
    ScheduledExecutorService timer,
    LongSupplier fingerprint,
    Counters counters,
    Meetings meetings) {
  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);

  /** What is counted over all peers. */
  static final class Counters {
    final LongAdder failures = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder pending = new LongAdder();
    final LongAdder viewDifferences = new LongAdder();
    final LongAdder handedOver = new LongAdder();
    final LongAdder taken = new LongAdder();
    final LongAdder notTaken = new LongAdder();

    PeerStats snapshot() {
      return new PeerStats(
          failures.sum(),
          refused.sum(),
          pending.sum(),
          viewDifferences.sum(),
          handedOver.sum(),
          taken.sum(),
          notTaken.sum());
    }
  }

  void meet(HTTPPeer peer) {
    meetings.meet(peer);
  }

  void meetSoon(HTTPPeer peer) {
    meetings.meetSoon(peer);
  }

  /** Tells of what an operator has to mend. */
  void warn(String what) {
    log.warn("{}", ControlCharacters.escape(what));
  }

  /** Tells of a transition of a peer; what the peer says may be part of it. */
  void log(String what) {
    log.info("{}", ControlCharacters.escape(what));
  }
}
