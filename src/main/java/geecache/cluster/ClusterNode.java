package geecache.cluster;

import geecache.ByteView;
import geecache.Cluster;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.NodeListener;
import geecache.Peer;
import geecache.PeerValue;
import geecache.Stamp;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of a cluster: it knows the other nodes, tells them changes and asks them for values. Each
 * node has a name, the same on all nodes. Safe for use by many threads.
 */
public final class ClusterNode implements Cluster {
  private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);

  private final ClusterRuntime runtime;
  private final NodeLinks links;
  private final ClusterOptions options;
  private final HybridClock clock;
  private final PeerCounters counters = new PeerCounters();
  private final Troubles troubles = new Troubles();
  private final ViewHolder views;
  private final ContactMaker contacts;
  private final Leaving leaving;
  private final FormerOwnerQueries formerOwners;
  private final ChangeBroadcast changes;
  private final IncomingRequests incoming;
  private final ClusterReport report;

  /** Whether nodes are met from time to time: from when there are some. */
  private final AtomicBoolean exchanging = new AtomicBoolean();

  /**
   * Makes a node without peers.
   *
   * @param name this node's own name; null if the node must find it out
   * @param id a random number that no other node has, not even an earlier node of the same name
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
    this.links = links;
    this.options = options;
    this.clock = new HybridClock(id, runtime.wall());
    ChangeLog log = new ChangeLog(id, options.removalLogSize(), runtime.ticker());
    AnnouncedRemovals announced =
        new AnnouncedRemovals(
            options.removalLogSize(), ChangeDelivery.longest(options), runtime.ticker());
    LocalChanges local = new LocalChanges(node, id, clock, log, announced);
    this.views =
        new ViewHolder(
            node,
            name,
            options,
            runtime,
            troubles,
            url -> new KnownNode(url, links.node(url), sender(id, options, clock, log)),
            (url, known) -> peer(url, known, log, announced, node::groupCount, options));
    this.contacts = new ContactMaker(node, id, options, runtime, clock, log, views, troubles);
    this.leaving = new Leaving(node, options, runtime, clock, log, counters, views);
    this.formerOwners = new FormerOwnerQueries(options, runtime, views);
    this.changes =
        new ChangeBroadcast(options, runtime, clock, log, local, counters, views, contacts);
    this.incoming =
        new IncomingRequests(
            node,
            id,
            options.changesAllowed(),
            clock,
            log,
            views,
            local,
            new HandoverReceiver(local, counters, views),
            runtime.ticker(),
            troubles);
    this.report = new ClusterReport(id, runtime.ticker(), log, views, troubles);
    node.listen(new GroupListener(views, contacts));
  }

  /** Tells the parts of the node of each of its groups. */
  private record GroupListener(ViewHolder views, ContactMaker contacts) implements NodeListener {
    @Override
    public void groupAdded(LocalGroup group) {
      views.noteGroup(group);
      contacts.tellGroups();
    }

    @Override
    public void clusterJoined(Cluster cluster) {}

    @Override
    public void nodeClosed() {}
  }

  private ChangeSender.Maker sender(
      long id, ClusterOptions options, HybridClock clock, ChangeLog log) {
    return (url, link, contact) ->
        new ChangeSender(url, link, contact, id, options, runtime, clock, log, this::lose);
  }

  /** Notes that a node does not take changes any more. */
  private void lose(String url, LinkFailure why) {
    KnownNode node = views.node(url);
    if (node.lose(why)) {
      log.info(
          "lost contact with {}, which did not acknowledge a change: {}",
          ControlCharacters.escape(url),
          ControlCharacters.escape(String.valueOf(why.getMessage())));
    }
    if (node.isInView()) {
      contacts.meet(node);
    }
  }

  private ClusterPeer peer(
      String url,
      @Nullable KnownNode known,
      ChangeLog log,
      AnnouncedRemovals announced,
      IntSupplier groups,
      ClusterOptions options) {
    return known == null
        ? new GoPeer(
            url, links.goNode(url), runtime, counters, this::fingerprint, options, troubles)
        : new NodePeer(
            known, contacts, log, announced, runtime, counters, this::fingerprint, groups, options);
  }

  private long fingerprint() {
    return views.get().fingerprint();
  }

  /** Returns the part of this node that answers other nodes. */
  public IncomingRequests incoming() {
    return incoming;
  }

  /** Returns the nodes as this one sees them now. */
  public ClusterView clusterView() {
    return views.get();
  }

  /** Returns this node's own name; null until the node knows it. */
  public @Nullable String ownName() {
    return views.ownName();
  }

  /**
   * Replaces the list of nodes of the cluster. Returns at once. Contact with new peers is made in
   * the background; until it is made, they are not asked.
   *
   * @param names of all nodes, this one included; empty for a node that is alone
   */
  public void set(Collection<String> names) {
    if (!names.isEmpty() && exchanging.compareAndSet(false, true)) {
      contacts.exchangeFromNowOn();
    }
    views.set(names);
  }

  /**
   * Takes this node out of the ring: tells all other nodes, and hands its entries to their next
   * owners, within the time that the options set. Until it is closed, the node goes on answering
   * requests, but owns no keys. Returns at once. A second call changes nothing.
   *
   * @return done when all entries are handed over, or the time is over
   * @throws IllegalStateException if there are peers but no secret, or if the ring is that of Go
   *     nodes, which cannot be told
   */
  public CompletableFuture<LeaveReport> leave() {
    return leaving.leave();
  }

  /** Cancels {@link #leave}: this node owns keys again, like a node that has just joined. */
  public void stay() {
    leaving.stay();
  }

  /** Returns the progress of this node's leaving; empty unless it is leaving or has left. */
  public Optional<LeaveReport> leaving() {
    return leaving.report();
  }

  /** Returns the reason why this node should get no requests now; empty if it should get them. */
  public Optional<String> notReady() {
    if (views.handover() != null) {
      return Optional.of("the node leaves");
    }
    if (views.get().number() == 0) {
      return Optional.of("the nodes are not known yet");
    }
    return options.readyRequiresContact() && contacts.isFirstContactNear()
        ? Optional.of("no contact with any other node yet")
        : Optional.empty();
  }

  @Override
  public boolean isJoined() {
    ClusterView view = views.get();
    return view.number() > 0
        && (view.peers().isEmpty() || view.peers().stream().anyMatch(ClusterPeer::isUsable));
  }

  /** Whether this node has been told the nodes, and is in contact with all others. */
  public boolean isInContactWithAll() {
    ClusterView view = views.get();
    return view.number() > 0 && view.peers().stream().allMatch(ClusterPeer::isUsable);
  }

  /** Returns the names of the peers that this node is in contact with, and so asks for values. */
  public List<String> inContact() {
    return views.get().peers().stream()
        .filter(ClusterPeer::isUsable)
        .map(ClusterPeer::url)
        .sorted()
        .toList();
  }

  /** Returns the other nodes, as this one sees them now; unmodifiable. */
  public List<ObservedPeer> peers() {
    return List.copyOf(views.get().peers());
  }

  /** Returns what operators are told of this node's cluster. */
  public ClusterReport report() {
    return report;
  }

  /** Runs {@code listener} each time that the nodes or their ring have changed, on a thread. */
  public void onView(Runnable listener) {
    views.listen(listener);
  }

  /** Returns how many changes of this node's callers are under way. */
  public int changesUnderWay() {
    return changes.underWay();
  }

  /** Returns the counts over all peers. */
  public PeerStats stats() {
    return counters.snapshot();
  }

  /** Returns the counters themselves. */
  public PeerCounters counters() {
    return counters;
  }

  /**
   * Compares the view of another node with that of this node. Nodes that disagree on the ring still
   * answer each other. A difference is counted, and logged if it lasts.
   *
   * @param fingerprint of the other node's view; null if it cannot be read
   * @param node the id of the other node
   */
  public void compareView(@Nullable Long fingerprint, long node) {
    ClusterView now = views.get();
    if (fingerprint != null && fingerprint == now.fingerprint()) {
      return;
    }
    counters.countViewDifference();
    long time = runtime.ticker().nanos();
    NodePeer peer = met(node, now);
    if (fingerprint == null
        || peer == null // Its meetings tell that it is not in the list.
        || now.former().isOpen(time)
        || troubles.has(Troubles.Kind.OTHER_LIST, peer.url())) {
      return;
    }
    Optional<Duration> lasted =
        troubles.note(Troubles.Kind.OTHER_RING, peer.url(), Troubles.TRANSITION, time);
    if (lasted.isPresent()) {
      log.warn(
          "{} has divided the keys among the nodes {} in another way than this node for {} s: is its"
              + " list the same, and geecache.groupcache?",
          ControlCharacters.escape(peer.url()),
          List.copyOf(now.urls()),
          lasted.get().toSeconds());
    }
  }

  /** Returns the peer that was met with this id; null if there is none. */
  private static @Nullable NodePeer met(long node, ClusterView view) {
    for (ClusterPeer peer : view.peers()) {
      if (peer instanceof NodePeer met && met.node().contact().node() == node) {
        return met;
      }
    }
    return null;
  }

  @Override
  public @Nullable Peer pick(String key) {
    return pick(views.get(), Set.of(), key);
  }

  @Override
  public @Nullable Peer pick(LocalGroup group, String key) {
    ClusterView view = views.get();
    return pick(view, view.lacking(group.name()), key);
  }

  private static @Nullable Peer pick(ClusterView view, Set<String> lacking, String key) {
    ClusterPeer owner = view.owner(lacking, key);
    return owner == null || owner.isUsable()
        ? owner
        : usable(view.ownerWithout(lacking, owner.url(), key));
  }

  @Override
  public @Nullable Peer pickInstead(LocalGroup group, String key, Peer failed) {
    ClusterView view = views.get();
    return usable(view.ownerWithout(view.lacking(group.name()), failed.url(), key));
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
    return views.get().owns(Set.of(), key);
  }

  @Override
  public boolean owns(LocalGroup group, String key) {
    return views.get().owns(group.name(), key);
  }

  @Override
  public long view() {
    return views.get().number();
  }

  @Override
  public Stamp nextStamp() {
    return clock.next();
  }

  @Override
  public CompletableFuture<Void> removeAll(LocalGroup group, Collection<String> keys) {
    return changes.removeAll(group, keys);
  }

  @Override
  public CompletableFuture<Void> clear(LocalGroup group) {
    return changes.clear(group);
  }

  @Override
  public CompletableFuture<Void> set(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    return changes.set(group, key, value, timeToLive);
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    return changes.putIfAbsent(group, key, value, timeToLive);
  }

  @Override
  public boolean givesLeases() {
    return options.changesAllowed();
  }

  @Override
  public @Nullable CompletableFuture<@Nullable PeerValue> look(LocalGroup group, String key) {
    ClusterView view = views.get();
    if (!(view.owner(view.lacking(group.name()), key) instanceof NodePeer owner)
        || !owner.isUsable()) {
      return null;
    }
    CompletableFuture<@Nullable PeerValue> answer = new CompletableFuture<>();
    owner.peek(group, key).whenComplete((given, failure) -> answer.complete(given));
    try {
      Future<?> limit =
          runtime
              .timer()
              .schedule(
                  () -> answer.complete(null), options.timeout().toNanos(), TimeUnit.NANOSECONDS);
      answer.whenComplete((given, failure) -> limit.cancel(false));
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      answer.complete(null);
    }
    return answer;
  }

  /**
   * Tells other nodes that this one ends, waits for them a short while, and stops asking peers:
   * questions under way fail, and their keys are loaded here. The caller must end the executor and
   * the timer.
   */
  @Override
  public void close() {
    if (options.changesAllowed()) {
      sayGoodbye();
    }
    changes.close();
    views.get().peers().forEach(ClusterPeer::retire);
  }

  /** Without it, other nodes would name this one for a minute with each change. */
  private void sayGoodbye() {
    Meeting goodbye = Meeting.of(views.get().self(), views.close(), clock.now());
    List<CompletableFuture<Void>> told = new ArrayList<>();
    for (KnownNode node : views.get().nodes()) {
      if (node.contact().isMade()) {
        try {
          told.add(CompletableFuture.runAsync(() -> sayGoodbye(node, goodbye), runtime.executor()));
        } catch (RejectedExecutionException | OutOfMemoryError noThread) {
          log.debug("no thread to say goodbye on");
        }
      }
    }
    try {
      runtime
          .waiting()
          .get(
              CompletableFuture.allOf(told.toArray(CompletableFuture[]::new)),
              options.timeout().toNanos());
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException unheard) {
      log.debug("not every node heard the goodbye");
    }
  }

  private void sayGoodbye(KnownNode node, Meeting goodbye) {
    try {
      node.link().meet(goodbye, options.timeout());
    } catch (IOException unheard) {
      log.debug("{} did not hear the goodbye", node);
    }
  }
}
