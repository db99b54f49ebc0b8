package geecache.cluster;

import geecache.LocalNode;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import geecache.ring.HashRing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the view, and makes the next one: when this node is told other nodes, finds itself among
 * them, is told that a peer leaves or stays, or leaves or stays itself. Safe for use by many
 * threads. The view is read without a lock.
 */
final class ViewHolder implements Supplier<ClusterView> {
  private static final Logger log = LoggerFactory.getLogger(ViewHolder.class);

  /** golang/groupcache's default. */
  private static final int GROUPCACHE_REPLICAS = 50;

  /** The most former peers whose contact is remembered. */
  private static final int MOST_DEPARTED = 1_000;

  /** Makes the peers of a new view. */
  interface PeerMaker {
    /**
     * Makes a peer.
     *
     * @param contact the contact with the peer from when it was in the view before; null if the
     *     peer is new
     */
    ClusterPeer make(String url, @Nullable Contact contact);
  }

  private final LocalNode node;
  private final @Nullable String ownName;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final Ticker ticker;
  private final RemovalLog removals;
  private final ViewDisagreements disagreements;
  private final PeerMaker peerMaker;

  /** Guarded by {@code this}, as are the two fields below. */
  private final RecentMoves moves;

  /** The names of peers that told that they leave. */
  private final Set<String> leaving = new HashSet<>();

  /** The handover by which this node leaves; null while it stays. */
  private @Nullable Handover handover;

  /** Replaced as a whole under {@code this}, read by all threads without a lock. */
  private volatile ClusterView view =
      new ClusterView(0, HashRing.of(List.of()), null, Map.of(), Map.of());

  /**
   * Makes a holder of an empty view.
   *
   * @param ownName this node's name as configured; the node may find itself under another
   * @param disagreements cleared with each new view
   */
  ViewHolder(
      LocalNode node,
      @Nullable String ownName,
      ClusterOptions options,
      ClusterRuntime runtime,
      RemovalLog removals,
      ViewDisagreements disagreements,
      PeerMaker peerMaker) {
    this.node = node;
    this.ownName = ownName;
    this.options = options;
    this.runtime = runtime;
    this.ticker = runtime.ticker();
    this.removals = removals;
    this.disagreements = disagreements;
    this.peerMaker = peerMaker;
    this.moves = new RecentMoves(options.goRing() ? 0 : options.warmJoin().toNanos());
  }

  /** Returns the view as it is now. */
  @Override
  public ClusterView get() {
    return view;
  }

  /** Returns this node's own name; null until the node knows it. */
  @Nullable String ownName() {
    String found = view.self();
    return found != null ? found : ownName;
  }

  /** Replaces the nodes. The Go nodes of the options are always among them. */
  void set(Collection<String> names) {
    List<String> nodes =
        Stream.concat(names.stream(), options.goNodes().stream()).distinct().toList();
    List<ClusterPeer> gone;
    synchronized (this) {
      String own = ownName();
      gone = show(nodes, nodes.contains(own) ? own : null);
    }
    gone.forEach(ClusterPeer::retire); // Not under the lock: this runs code of waiting callers.
  }

  /** Notes that the node called {@code url} is this one. */
  void recognize(String url) {
    List<ClusterPeer> gone = List.of();
    synchronized (this) {
      if (view.self() == null && view.urls().contains(url)) {
        log.info("{} is this node itself", ControlCharacters.escape(url));
        gone = show(view.urls(), url);
      }
    }
    gone.forEach(ClusterPeer::retire);
  }

  /** Notes the standing that a peer told. A leaving peer owns no keys any more. */
  void note(NodePeer peer, Standing standing) {
    peer.note(standing);
    List<ClusterPeer> gone;
    synchronized (this) {
      boolean known = leaving.contains(peer.url());
      if (known == standing.leaving() || view.peer(peer.url()) != peer) {
        return;
      }
      if (known) {
        leaving.remove(peer.url());
      } else {
        leaving.add(peer.url());
      }
      log.info(
          "{} {}",
          ControlCharacters.escape(peer.url()),
          known ? "rejoined the ring" : "left the ring: it owns no keys any more");
      gone = show(view.urls(), view.self());
    }
    gone.forEach(ClusterPeer::retire);
  }

  /**
   * Takes this node off the ring, unless it is off already. The nodes stay the same.
   *
   * @return {@code next} if this node leaves now, or the handover by which it left before
   * @throws IllegalStateException if there are peers but no secret
   */
  synchronized Handover leave(Handover next) {
    if (handover == null) {
      if (!options.changesAllowed() && !view.peers().isEmpty()) {
        throw new IllegalStateException(
            "leaving needs a secret where there are peers: set geecache.secret on all nodes");
      }
      handover = next;
      show(view.urls(), view.self());
    }
    return handover;
  }

  /**
   * Puts this node back on the ring. Returns the handover that ends by this; null if there was
   * none.
   */
  synchronized @Nullable Handover stay() {
    Handover takenBack = handover;
    if (takenBack != null) {
      handover = null;
      show(view.urls(), view.self());
    }
    return takenBack;
  }

  /** Returns the handover by which this node leaves or has left; null while it stays. */
  synchronized @Nullable Handover handover() {
    return handover;
  }

  /** Returns the standing of this node. */
  Standing standing() {
    Long joined;
    boolean leaves;
    synchronized (this) {
      joined = moves.joined();
      leaves = handover != null;
    }
    boolean empty = node.groups().stream().allMatch(group -> group.stats().entries() == 0);
    if (empty) {
      return new Standing(leaves, -1);
    }
    long warm = joined == null ? 0 : Math.max(0, ticker.nanos() - joined);
    return new Standing(leaves, TimeUnit.NANOSECONDS.toMillis(warm));
  }

  /**
   * Makes the next view. Call this under the lock. The caller must retire the returned peers
   * outside of it.
   */
  private List<ClusterPeer> show(Collection<String> urls, @Nullable String own) {
    ClusterView before = view;
    Map<String, ClusterPeer> peers = new HashMap<>();
    List<ClusterPeer> unmet = new ArrayList<>();
    Map<String, Contact> departed = new LinkedHashMap<>(before.departed());
    for (String url : urls) {
      if (!url.equals(own)) {
        ClusterPeer peer = before.anyPeer(url);
        if (peer == null) {
          peer = peerMaker.make(url, departed.remove(url));
          unmet.add(peer);
        }
        peers.put(url, peer);
      }
    }
    List<ClusterPeer> gone =
        before.peers().stream().filter(peer -> !peers.containsKey(peer.url())).toList();
    List<NodePeer> left =
        gone.stream().filter(NodePeer.class::isInstance).map(NodePeer.class::cast).toList();
    left.forEach(peer -> departed.put(peer.url(), peer.contact()));
    forgetTheFirst(departed);
    // Before the view: a change that sees the new view does not tell the departed peers.
    long told = removals.head();
    leaving.retainAll(urls);
    HashRing ring = ring(urls, own);
    FormerOwners former = moves.change(before, ring, own, peers, ticker.nanos());
    view = new ClusterView(before.number() + 1, urls, ring, own, peers, departed, former);
    left.forEach(peer -> peer.contact().lose(told));
    disagreements.clear();
    unmet.forEach(ClusterPeer::seekContact);
    warn(before);
    boolean handsOver = handover != null && !handover.over().isDone();
    if ((!before.urls().isEmpty() || !urls.isEmpty()) && !handsOver) {
      runtime.executor().execute(node::demote);
    }
    return gone;
  }

  private static void forgetTheFirst(Map<String, Contact> departed) {
    departed.keySet().stream()
        .limit(Math.max(0, departed.size() - MOST_DEPARTED))
        .toList()
        .forEach(departed::remove);
  }

  /** Makes the ring of the nodes that own keys: all but those that leave. */
  private HashRing ring(Collection<String> urls, @Nullable String own) {
    List<String> owners =
        urls.stream()
            .filter(url -> !leaving.contains(url))
            .filter(url -> handover == null || !url.equals(own))
            .toList();
    return options.goRing()
        ? HashRing.compatible(owners, GROUPCACHE_REPLICAS)
        : HashRing.of(owners);
  }

  /** Warns of settings that the operator may have forgotten. */
  private void warn(ClusterView before) {
    if (!options.changesAllowed() && before.peers().isEmpty() && !view.peers().isEmpty()) {
      log.warn(
          "there are peers and no secret: values are shared, and nothing can be removed or set"
              + " across the cluster until geecache.secret is set on all nodes");
    }
    if (view.self() == null && ownName != null && !view.urls().isEmpty()) {
      log.warn(
          "geecache.self {} is not among the nodes {}: unless one of them turns out to be this"
              + " node, it owns no keys, and removals may not reach it",
          ControlCharacters.escape(ownName),
          view.urls());
    }
  }
}
