package geecache.cluster;

import geecache.ByteView;
import geecache.Cluster;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.NotReachedException;
import geecache.Peer;
import geecache.PeerValue;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of a cluster: the other nodes as this one sees them, and what they are told and asked.
 * Nodes have names, which all nodes write alike. Safe for use by many threads.
 */
public final class ClusterNode implements Cluster {
  private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);

  private final ClusterRuntime runtime;
  private final PeerCounters counters = new PeerCounters();
  private final ViewDisagreements disagreements = new ViewDisagreements();
  private final ViewHolder views;
  private final ContactMaker contacts;
  private final Leaving leaving;
  private final FormerOwnerQueries formerOwners;
  private final ChangeBroadcast changes;
  private final IncomingRequests incoming;

  /**
   * Makes a node without peers.
   *
   * @param name this node's own name; null if it has to be found out
   * @param id tells this node from all others, also from a former one of its name
   * @param links the ways to other nodes
   */
  public ClusterNode(
      LocalNode node,
      @Nullable String name,
      long id,
      ClusterOptions options,
      ClusterRuntime runtime,
      NodeLinks links) {
    this.runtime = runtime;
    RemovalLog removals = new RemovalLog(options.removalLogSize(), runtime.ticker()::nanos);
    this.views =
        new ViewHolder(
            node,
            name,
            options,
            runtime,
            removals,
            disagreements,
            (url, contact) -> peer(url, contact, removals, options, links));
    this.contacts = new ContactMaker(id, options, runtime, removals, views);
    this.leaving = new Leaving(node, options, runtime, removals, counters, views);
    this.formerOwners = new FormerOwnerQueries(options, runtime, views);
    this.changes = new ChangeBroadcast(id, options, runtime, removals, views, links);
    this.incoming =
        new IncomingRequests(
            node,
            options.changesAllowed(),
            views,
            new IncomingChanges(node, options.changesAllowed(), removals),
            new HandoverReceiver(removals, counters, views));
  }

  private ClusterPeer peer(
      String url,
      @Nullable Contact former,
      RemovalLog removals,
      ClusterOptions options,
      NodeLinks links) {
    return options.goNodes().contains(url)
        ? new GoPeer(url, links.goNode(url), runtime, counters, this::fingerprint, options)
        : new NodePeer(
            url,
            links.node(url),
            former == null ? new Contact() : former,
            contacts,
            removals,
            runtime,
            counters,
            this::fingerprint,
            options);
  }

  private long fingerprint() {
    return views.get().fingerprint();
  }

  /** Returns the side of this node that answers others. */
  public IncomingRequests incoming() {
    return incoming;
  }

  /** Returns the nodes as this one sees them now. */
  public ClusterView clusterView() {
    return views.get();
  }

  /** Returns this node's own name; null as long as it does not know it. */
  public @Nullable String ownName() {
    return views.ownName();
  }

  /**
   * Replaces the nodes of the cluster. Returns at once; contact with new peers is made in the
   * background, and until then they are not asked.
   *
   * @param names of all nodes, this one included; none for a node that is alone
   */
  public void set(Collection<String> names) {
    views.set(names);
  }

  /**
   * Takes this node out of the ring: tells all others, and hands its entries to their next owners,
   * for as long as the options have it. It goes on answering, as one that owns no keys, until it is
   * closed. Returns at once. A second call does nothing more.
   *
   * @return done when all was handed over, or time is up
   * @throws IllegalStateException if there are peers, and no secret which allows changes; or if the
   *     ring is that of Go nodes, which cannot be told
   */
  public CompletableFuture<LeaveReport> leave() {
    return leaving.leave();
  }

  /** Takes {@link #leave} back: this node owns keys again, as one that has just joined. */
  public void stay() {
    leaving.stay();
  }

  /** Returns how far this node is on its way out; empty as long as it stays. */
  public Optional<LeaveReport> leaving() {
    return leaving.report();
  }

  /** Returns why this node should not be sent requests now; empty if it should. */
  public Optional<String> notReady() {
    if (views.handover() != null) {
      return Optional.of("the node leaves");
    }
    return views.get().number() == 0
        ? Optional.of("the nodes are not known yet")
        : Optional.empty();
  }

  /** Returns the names of the peers that are asked for values now: contact with them stands. */
  public List<String> inContact() {
    return views.get().peers().stream()
        .filter(ClusterPeer::isUsable)
        .map(ClusterPeer::url)
        .sorted()
        .toList();
  }

  /** Returns what has been counted over all peers. */
  public PeerStats stats() {
    return counters.snapshot();
  }

  /** Returns the counters themselves. */
  public PeerCounters counters() {
    return counters;
  }

  /**
   * Compares a node's view with this one's. Nodes that disagree on the ring answer all the same; it
   * is counted, and logged if it lasts.
   *
   * @param fingerprint of the other node's view; null if the node wrote none that can be read
   * @param node the id of the other node
   */
  public void compareView(@Nullable Long fingerprint, long node) {
    ClusterView now = views.get();
    if (fingerprint != null && fingerprint == now.fingerprint()) {
      return;
    }
    counters.countViewDifference();
    long time = runtime.ticker().nanos();
    if (fingerprint != null
        && !now.former().isOpen(time)
        && disagreements.note(fingerprint, time)) {
      log.warn(
          "{} has had another list of nodes than this node for {} s: all nodes must have the same;"
              + " here it is {}",
          nameOf(node, now),
          ViewDisagreements.TRANSITION.toSeconds(),
          List.copyOf(now.urls()));
    }
  }

  /** Returns the name of the node that was met with this id, for the log. */
  private static String nameOf(long node, ClusterView view) {
    return view.peers().stream()
        .filter(peer -> peer instanceof NodePeer met && met.contact().node() == node)
        .map(ClusterPeer::url)
        .findFirst()
        .orElseGet(() -> "a node that is not in this list (id %016x)".formatted(node));
  }

  @Override
  public @Nullable Peer pick(String key) {
    ClusterView view = views.get();
    ClusterPeer owner = view.owner(key);
    return owner == null || owner.isUsable() ? owner : usable(view.ownerWithout(owner.url(), key));
  }

  @Override
  public @Nullable Peer pickInstead(String key, Peer failed) {
    return usable(views.get().ownerWithout(failed.url(), key));
  }

  private static @Nullable ClusterPeer usable(@Nullable ClusterPeer peer) {
    return peer != null && peer.isUsable() ? peer : null;
  }

  @Override
  public @Nullable CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
    return formerOwners.ask(group, key);
  }

  @Override
  public void handOver() {
    leaving.handOver();
  }

  @Override
  public boolean owns(String key) {
    return views.get().owns(key);
  }

  @Override
  public long view() {
    return views.get().number();
  }

  @Override
  public void removeAll(LocalGroup group, Collection<String> keys) throws NotReachedException {
    changes.removeAll(group, keys);
  }

  @Override
  public void clear(LocalGroup group) throws NotReachedException {
    changes.clear(group);
  }

  @Override
  public void set(LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException {
    changes.set(group, key, value, timeToLive);
  }

  /**
   * Asks no peer any more: what peers were asked for fails, and is loaded here. The executor and
   * the timer are the caller's to end.
   */
  @Override
  public void close() {
    views.get().peers().forEach(ClusterPeer::retire);
  }
}
