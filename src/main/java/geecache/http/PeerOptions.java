package geecache.http;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;

/**
 * How a node deals with its peers.
 *
 * @param secrets what peers show each other; without any, nothing can be changed across the cluster
 * @param publicReads whether {@code GET} and {@code HEAD} need no secret where there is one
 * @param requests how peers are asked for values
 * @param silence how long a peer may say nothing before it counts as failed, at least 500 ms; also
 *     how long it may take to connect
 * @param connections the most connections to one peer that are waiting for their answer to begin
 * @param parked the most answers of one peer that have begun and wait for keys which are loading;
 *     and the most such answers that this node keeps open for all its peers together
 * @param waiting the most keys that wait to be asked of one peer; past it a get is overloaded
 * @param removals the most removals that are remembered for nodes which are met again
 * @param warmJoin for how long, after the nodes have changed, this node asks whoever owned a key
 *     before the source; zero for not at all
 * @param handoff for how long this node hands its entries over when it leaves, at most 30 s; zero
 *     for not at all
 * @param groupcache whether Go nodes may ask this one, and the ring is golang/groupcache's: the
 *     same on all nodes
 * @param groupcachePeers the base URLs of the Go nodes, none without {@code groupcache};
 *     unmodifiable
 */
public record PeerOptions(
    Secrets secrets,
    boolean publicReads,
    Requests requests,
    Duration silence,
    int connections,
    int parked,
    int waiting,
    int removals,
    Duration warmJoin,
    Duration handoff,
    boolean groupcache,
    Set<String> groupcachePeers) {

  /** Twice the time between the signs of life that an open answer gives. */
  private static final Duration SHORTEST_SILENCE = Duration.ofMillis(500);

  private static final Duration LONGEST_HANDOFF = Duration.ofSeconds(30);

  /** How peers are asked for values. */
  public enum Requests {
    /** Many keys in one {@code POST}. */
    BATCH,
    /** One key in one {@code GET}. */
    GET
  }

  /**
   * Refuses what is out of range.
   *
   * @throws IllegalArgumentException if a limit is, or a URL; the message names it
   */
  public PeerOptions {
    if (silence.compareTo(SHORTEST_SILENCE) < 0) {
      throw new IllegalArgumentException("silence must be at least 500 ms: " + silence);
    }
    requirePositive("connections", connections);
    requirePositive("parked", parked);
    requirePositive("waiting", waiting);
    requirePositive("removals", removals);
    requireTime("warmJoin", warmJoin, Duration.ofHours(1));
    requireTime("handoff", handoff, LONGEST_HANDOFF);
    groupcachePeers = Set.copyOf(groupcachePeers);
    groupcachePeers.forEach(BaseUrl::asWritten);
    if (!groupcache && !groupcachePeers.isEmpty()) {
      throw new IllegalArgumentException(
          "groupcache peers need groupcache to be on: " + String.join(", ", groupcachePeers));
    }
  }

  private static void requireTime(String name, Duration value, Duration most) {
    if (value.isNegative() || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(name + " must be from 0 to " + most + ": " + value);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive: " + value);
    }
  }

  /** Returns the defaults: no secret, batches, a second of silence. */
  public static PeerOptions defaults() {
    return new PeerOptions(
        Secrets.none(),
        false,
        Requests.BATCH,
        Duration.ofSeconds(1),
        64,
        64,
        10_000,
        10_000,
        Duration.ofMinutes(1),
        Duration.ofSeconds(5),
        false,
        Set.of());
  }

  /** Returns these with other secrets. */
  public PeerOptions withSecrets(Secrets other) {
    return new PeerOptions(
        other,
        publicReads,
        requests,
        silence,
        connections,
        parked,
        waiting,
        removals,
        warmJoin,
        handoff,
        groupcache,
        groupcachePeers);
  }

  /** Returns these with reads open, or not. */
  public PeerOptions withPublicReads(boolean open) {
    return new PeerOptions(
        secrets,
        open,
        requests,
        silence,
        connections,
        parked,
        waiting,
        removals,
        warmJoin,
        handoff,
        groupcache,
        groupcachePeers);
  }

  /** Returns these with other limits, in the order of the record's components. */
  public PeerOptions withLimits(
      Duration silent, int mostConnections, int mostParked, int mostWaiting, int mostRemovals) {
    return new PeerOptions(
        secrets,
        publicReads,
        requests,
        silent,
        mostConnections,
        mostParked,
        mostWaiting,
        mostRemovals,
        warmJoin,
        handoff,
        groupcache,
        groupcachePeers);
  }

  /** Returns these with another way of asking. */
  public PeerOptions withRequests(Requests other) {
    return new PeerOptions(
        secrets,
        publicReads,
        other,
        silence,
        connections,
        parked,
        waiting,
        removals,
        warmJoin,
        handoff,
        groupcache,
        groupcachePeers);
  }

  /**
   * Returns these for a cluster with Go nodes, or without.
   *
   * @param on whether Go nodes may ask this one, and the ring is theirs
   * @param goNodes their base URLs, byte for byte as Go nodes list them
   * @throws IllegalArgumentException if one is not written as {@link HTTPPool#baseUrlOf} returns it
   */
  public PeerOptions withGroupcache(boolean on, Collection<String> goNodes) {
    return new PeerOptions(
        secrets,
        publicReads,
        requests,
        silence,
        connections,
        parked,
        waiting,
        removals,
        warmJoin,
        handoff,
        on,
        Set.copyOf(goNodes));
  }
}
