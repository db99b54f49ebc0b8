package geecache.http;

import geecache.Geecache;
import geecache.http.ClusterCodec.Standing;
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
 * Who the nodes are as this one sees them: holds the view, and makes the next one when it is told
 * of other nodes, finds itself among them, hears that a peer leaves or stays, or does so itself.
 * Safe for use by many threads; the view is read without a lock.
 */
final class Views implements Supplier<View> {
  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);

  /** golang/groupcache's default. */
  private static final int GROUPCACHE_REPLICAS = 50;

  /** Of how many nodes that left it is remembered what they were told. */
  private static final int MOST_DEPARTED = 1_000;

  private static final long WATCH_MILLIS = 250;

  private final Geecache node;
  private final String self;
  private final PeerLinks links;
  private final OtherViews otherViews;

  /** Guarded by {@code this}, as the three below. */
  private final Moves moves;

  /** The URLs of peers that said that they leave. */
  private final Set<String> leaving = new HashSet<>();

  /** This node's own way out; null as long as it stays. */
  private @Nullable Departure departure;

  /** Whether the client's limits are watched, as from the first peer on. */
  private boolean watching;

  /** Replaced as a whole under {@code this}, read by everybody without a lock. */
  private volatile View view = new View(0, HashRing.of(List.of()), null, Map.of(), Map.of());

  /**
   * Knows of no nodes.
   *
   * @param self this node's base URL, as it was told it; it may be found under another
   * @param otherViews cleared with each new view
   */
  Views(Geecache node, String self, PeerLinks links, OtherViews otherViews) {
    this.node = node;
    this.self = self;
    this.links = links;
    this.otherViews = otherViews;
    this.moves = new Moves(links.options().groupcache() ? 0 : links.options().warmJoin().toNanos());
  }

  /** Returns the view as it is now. */
  @Override
  public View get() {
    return view;
  }

  /** Returns this node's own base URL; null as long as it does not know it. */
  @Nullable String ownUrl() {
    String found = view.self();
    return found != null ? found : BaseUrl.orNull(self);
  }

  /** As {@link HTTPPool#set} promises. */
  void set(Collection<String> urls) {
    List<String> nodes =
        Stream.concat(urls.stream(), links.options().groupcachePeers().stream())
            .map(this::asOnTheRing)
            .distinct()
            .toList();
    List<ClusterPeer> gone;
    synchronized (this) {
      String own = ownUrl();
      gone = show(nodes, nodes.contains(own) ? own : null);
    }
    gone.forEach(ClusterPeer::retire); // Who waits for them is told, and may be anybody's code.
  }

  /** Notes that the node at {@code url} is this one. */
  void recognize(String url) {
    List<ClusterPeer> gone = List.of();
    synchronized (this) {
      if (view.self() == null && view.urls().contains(url)) {
        log.info("{} is this node itself", url);
        gone = show(view.urls(), url);
      }
    }
    gone.forEach(ClusterPeer::retire);
  }

  /** Hears what a peer says of itself: one that leaves owns nothing any more. */
  void hear(HTTPPeer peer, Standing standing) {
    peer.tells(standing);
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
      links.log(peer.url() + (known ? " owns keys again" : " leaves, and owns no keys any more"));
      gone = show(view.urls(), view.self());
    }
    gone.forEach(ClusterPeer::retire);
  }

  /**
   * Takes this node off the ring, unless it is off already. The nodes stay the same.
   *
   * @return {@code next} if this node leaves by it, or the departure by which it left before
   * @throws IllegalStateException if there are peers, and no secret which allows changes
   */
  synchronized Departure depart(Departure next) {
    if (departure == null) {
      if (links.options().secrets().isEmpty() && !view.peers().isEmpty()) {
        throw new IllegalStateException(
            "leaving needs a secret where there are peers: set geecache.secret on all nodes");
      }
      departure = next;
      show(view.urls(), view.self());
    }
    return departure;
  }

  /** Puts this node back on the ring, and returns the departure that is over; null if none is. */
  synchronized @Nullable Departure stay() {
    Departure takenBack = departure;
    if (takenBack != null) {
      departure = null;
      show(view.urls(), view.self());
    }
    return takenBack;
  }

  /** Returns by which departure this node leaves, or has left; null as long as it stays. */
  synchronized @Nullable Departure departure() {
    return departure;
  }

  /** What this node says of itself. */
  Standing standing() {
    Long joined;
    boolean leaves;
    synchronized (this) {
      joined = moves.joined();
      leaves = departure != null;
    }
    boolean empty = node.local().groups().stream().allMatch(group -> group.stats().entries() == 0);
    if (empty) {
      return new Standing(leaves, -1);
    }
    long warm = joined == null ? 0 : Math.max(0, System.nanoTime() - joined);
    return new Standing(leaves, TimeUnit.NANOSECONDS.toMillis(warm));
  }

  /**
   * Makes the next view. To be called under the lock; returns the peers that are to be retired
   * outside of it.
   */
  private List<ClusterPeer> show(Collection<String> urls, @Nullable String own) {
    View before = view;
    Map<String, ClusterPeer> peers = new HashMap<>();
    List<ClusterPeer> unmet = new ArrayList<>();
    Map<String, Contact> departed = new LinkedHashMap<>(before.departed());
    for (String url : urls) {
      if (!url.equals(own)) {
        ClusterPeer peer = before.anyPeer(url);
        if (peer == null) {
          peer = newPeer(url, departed.remove(url));
          unmet.add(peer);
        }
        peers.put(url, peer);
      }
    }
    List<ClusterPeer> gone =
        before.peers().stream().filter(peer -> !peers.containsKey(peer.url())).toList();
    List<HTTPPeer> left =
        gone.stream().filter(HTTPPeer.class::isInstance).map(HTTPPeer.class::cast).toList();
    left.forEach(peer -> departed.put(peer.url(), peer.contact()));
    forgetTheFirst(departed);
    long told = links.removals().head(); // Before the view: whoever sees it tells them no more.
    leaving.retainAll(urls);
    HashRing ring = ring(urls, own);
    Former former = moves.change(before, ring, own, peers, System.nanoTime());
    view = new View(before.number() + 1, urls, ring, own, peers, departed, former);
    left.forEach(peer -> peer.contact().lose(told));
    otherViews.clear();
    watchClient();
    unmet.forEach(ClusterPeer::seekContact);
    warn(before);
    boolean handsOver = departure != null && !departure.over().isDone();
    if ((!before.urls().isEmpty() || !urls.isEmpty()) && !handsOver) {
      links.executor().execute(node.local()::demote);
    }
    return gone;
  }

  /** Makes a peer, of which {@code former} is known if it was one before. */
  private ClusterPeer newPeer(String url, @Nullable Contact former) {
    return links.options().groupcachePeers().contains(url)
        ? new GoPeer(url, links)
        : new HTTPPeer(url, links, former == null ? new Contact() : former);
  }

  private static void forgetTheFirst(Map<String, Contact> departed) {
    departed.keySet().stream()
        .limit(Math.max(0, departed.size() - MOST_DEPARTED))
        .toList()
        .forEach(departed::remove);
  }

  private String asOnTheRing(String url) {
    return links.options().groupcache() ? BaseUrl.asWritten(url) : BaseUrl.normalized(url);
  }

  /** Makes the ring of those that own keys: nobody who leaves, be it this node. */
  private HashRing ring(Collection<String> urls, @Nullable String own) {
    List<String> owners =
        urls.stream()
            .filter(url -> !leaving.contains(url))
            .filter(url -> departure == null || !url.equals(own))
            .toList();
    return links.options().groupcache()
        ? HashRing.compatible(owners, GROUPCACHE_REPLICAS)
        : HashRing.of(owners);
  }

  private void watchClient() {
    if (!watching && !view.peers().isEmpty()) {
      watching = true;
      links
          .timer()
          .scheduleWithFixedDelay(
              links.client()::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Says what an operator may have left out. */
  private void warn(View before) {
    if (links.options().secrets().isEmpty()
        && before.peers().isEmpty()
        && !view.peers().isEmpty()) {
      log.warn(
          "there are peers and no secret: values are shared, and nothing can be removed or set"
              + " across the cluster until geecache.secret is set on all nodes");
    }
    if (view.self() == null && BaseUrl.orNull(self) != null && !view.urls().isEmpty()) {
      log.warn(
          "geecache.self {} is not among the nodes {}: unless one of them turns out to be this"
              + " node, it owns no keys, and removals may not reach it",
          ControlCharacters.escape(BaseUrl.masked(self)),
          view.urls());
    }
  }
}
