package geecache.cluster;

import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import geecache.ring.HashRing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
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

  /** The most nodes that are remembered while they are not in the view. */
  private static final int MOST_GONE = 1_000;

  /** How long a node that has left the view without a word is told changes, or named. */
  private static final long VANISHED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /**
   * For how long a group is not asked of a node that refused it and tells no groups: shorter than
   * that node, if it has the group by then, asks the former owners of the keys.
   */
  private static final long REFUSED_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final long DEMOTION_RETRY_MILLIS = 1_000;

  /** Makes the peers of a new view. */
  interface PeerMaker {
    /**
     * Makes a peer.
     *
     * @param node the node there; null if it is a Go node
     */
    ClusterPeer make(String url, @Nullable KnownNode node);
  }

  private final LocalNode node;
  private final @Nullable String ownName;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final Ticker ticker;
  private final Troubles troubles;
  private final Function<String, KnownNode> nodeMaker;
  private final PeerMaker peerMaker;

  /** Run after each change of the view. */
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /**
   * All nodes that this one knows, by URL. Nodes in the view are added under the lock, others also
   * without it.
   */
  private final Map<String, KnownNode> known = new ConcurrentHashMap<>();

  /** Guarded by {@code this}, as are the two fields below. */
  private final RecentMoves moves;

  /** The names of peers that told that they leave. */
  private final Set<String> leaving = new HashSet<>();

  /** The handover by which this node leaves; null while it stays. */
  private @Nullable Handover handover;

  /** The number of this node's standing; see {@link Standing#number}. */
  private long standingNumber = 1;

  /** Whether this node is being closed. */
  private boolean closed;

  /** Replaced as a whole under {@code this}, read by all threads without a lock. */
  private volatile ClusterView view = new ClusterView(0, HashRing.of(List.of()), null, Map.of());

  /**
   * Makes a holder of an empty view.
   *
   * @param ownName this node's name as configured; the node may find itself under another
   * @param troubles its differences are forgotten with each new view
   */
  ViewHolder(
      LocalNode node,
      @Nullable String ownName,
      ClusterOptions options,
      ClusterRuntime runtime,
      Troubles troubles,
      Function<String, KnownNode> nodeMaker,
      PeerMaker peerMaker) {
    this.node = node;
    this.ownName = ownName;
    this.options = options;
    this.runtime = runtime;
    this.ticker = runtime.ticker();
    this.troubles = troubles;
    this.nodeMaker = nodeMaker;
    this.peerMaker = peerMaker;
    this.moves = new RecentMoves(options.goRing() ? 0 : options.warmJoin().toNanos());
  }

  /** Returns the view as it is now. */
  @Override
  public ClusterView get() {
    return view;
  }

  /**
   * Runs {@code listener} after each change of the view, on a thread of its own. If there is none,
   * it hears of the next change.
   */
  void listen(Runnable listener) {
    listeners.add(listener);
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

  /**
   * Notes the standing that a node told. A leaving node owns no keys any more.
   *
   * @param by the id of the node that told it
   */
  void note(KnownNode node, long by, Standing standing) {
    List<ClusterPeer> gone;
    synchronized (this) {
      if (!node.noteStanding(by, standing, ticker.nanos())) {
        return;
      }
      boolean leaves = standing.leaving() || standing.closed();
      boolean left = leaving.contains(node.url());
      if (left == leaves || !node.isInView()) {
        return;
      }
      if (left) {
        leaving.remove(node.url());
      } else {
        leaving.add(node.url());
      }
      log.info(
          "{} {}",
          ControlCharacters.escape(node.url()),
          left ? "rejoined the ring" : "left the ring: it owns no keys any more");
      gone = show(view.urls(), view.self());
    }
    gone.forEach(ClusterPeer::retire);
  }

  /** Returns the node at {@code url}, which may be unknown so far. */
  KnownNode node(String url) {
    KnownNode node = known.computeIfAbsent(url, nodeMaker);
    if (known.size() > view.urls().size() + 2 * MOST_GONE) { // Others name ever more nodes.
      synchronized (this) {
        forgetGone();
      }
    }
    return node;
  }

  /** Returns the node at {@code url}, in the view or not; null if there is none. */
  @Nullable KnownNode find(String url) {
    return known.get(url);
  }

  /**
   * Returns the nodes that have to know a change that is made here: this one, and those in the
   * view.
   */
  List<String> members() {
    ClusterView now = view;
    return now.urls().stream()
        .filter(
            url -> {
              KnownNode node = known.get(url);
              return node == null || !node.isClosed();
            })
        .toList();
  }

  /** Returns all nodes that this one knows, in the view or not. */
  Collection<KnownNode> nodes() {
    return known.values();
  }

  /** Whether the node at {@code url} has left the view lately without a word. */
  boolean hasVanished(String url) {
    KnownNode node = known.get(url);
    return node != null && node.hasVanished(ticker.nanos(), VANISHED_NANOS);
  }

  /**
   * Returns the nodes that have to be told a change: those in the view, and those that have left it
   * lately without a word. A node that is closed serves nothing, and is not among them.
   */
  List<KnownNode> toTell() {
    return lately(node -> !node.isClosed()).toList();
  }

  /** Returns the names of nodes that said goodbye and may be back without this node's knowing. */
  List<String> closed() {
    return lately(KnownNode::isClosed).map(KnownNode::url).toList();
  }

  /** The other nodes of that kind that are in the view, or have left it lately. */
  private Stream<KnownNode> lately(Predicate<KnownNode> kind) {
    long now = ticker.nanos();
    return known.values().stream()
        .filter(node -> node.isInView() || node.hasVanished(now, VANISHED_NANOS))
        .filter(node -> !node.isSelf() && kind.test(node))
        .sorted(Comparator.comparing(KnownNode::url));
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
      next.noteStanding(++standingNumber);
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
      standingNumber++;
      show(view.urls(), view.self());
    }
    return takenBack;
  }

  /** Returns the handover by which this node leaves or has left; null while it stays. */
  synchronized @Nullable Handover handover() {
    return handover;
  }

  /** Notes that this node is being closed, and returns its last standing. */
  Standing close() {
    synchronized (this) {
      closed = true;
      standingNumber++;
    }
    return standing();
  }

  /** Returns the standing of this node. */
  Standing standing() {
    Long joined;
    boolean leaves;
    long number;
    boolean ends;
    synchronized (this) {
      joined = moves.joined();
      leaves = handover != null;
      number = standingNumber;
      ends = closed;
    }
    boolean empty = node.groups().stream().allMatch(group -> group.stats().entries() == 0);
    long warm = joined == null ? 0 : Math.max(0, ticker.nanos() - joined);
    return new Standing(leaves, empty ? -1 : TimeUnit.NANOSECONDS.toMillis(warm), number, ends);
  }

  /**
   * Makes the next view. Call this under the lock. The caller must retire the returned peers
   * outside of it.
   */
  private List<ClusterPeer> show(Collection<String> urls, @Nullable String own) {
    ClusterView before = view;
    Map<String, ClusterPeer> peers = new HashMap<>();
    List<ClusterPeer> unmet = new ArrayList<>();
    for (String url : urls) {
      if (!url.equals(own)) {
        ClusterPeer peer = before.anyPeer(url);
        if (peer == null) {
          peer = entered(url);
          unmet.add(peer);
        }
        peers.put(url, peer);
      }
    }
    List<ClusterPeer> gone =
        before.peers().stream().filter(peer -> !peers.containsKey(peer.url())).toList();
    leaving.retainAll(urls);
    HashRing ring = ring(urls, own);
    FormerOwners former = moves.change(before, ring, own, peers, ticker.nanos());
    view = new ClusterView(before.number() + 1, urls, ring, own, peers, lacking(peers), former);
    gone.forEach(peer -> left(peer.url()));
    forgetGone();
    troubles.forgetDifferences();
    unmet.forEach(ClusterPeer::seekContact);
    warn(before);
    tellListeners();
    if (!before.urls().isEmpty() || !urls.isEmpty()) {
      demoteUnlessHandingOver();
    }
    return gone;
  }

  /** Call this under the lock. */
  private void demoteUnlessHandingOver() {
    if (handover == null || handover.over().isDone()) {
      demote();
    }
  }

  /** Notes the groups that a node told, as {@link KnownNode#noteGroups} does. */
  void noteGroups(
      KnownNode node, long by, boolean speaksVersion1, int count, Collection<String> names) {
    if (node.noteGroups(by, speaksVersion1, count, names)) {
      compareGroups();
    }
  }

  /** Notes that a node has no such group, or has it with another version of its values. */
  void noteRefusal(KnownNode node, long by, GroupVersion group) {
    if (node.noteRefusal(by, group, ticker.nanos())) {
      compareGroups();
    }
  }

  /**
   * Forgets which groups the nodes of the view refused some time ago: they may have them by now.
   */
  void forgetRefusals() {
    long now = ticker.nanos();
    boolean news = false;
    for (KnownNode node : view.nodes()) {
      news |= node.forgetRefusals(now, REFUSED_NANOS);
    }
    if (news) {
      compareGroups();
    }
  }

  /** Notes that another node was started under this name, whose groups are not known. */
  void noteReturn(KnownNode node, long id) {
    if (node.noteReturn(id)) {
      compareGroups();
    }
  }

  /**
   * Notes that this node has one more group. If it was one of several nodes before, others owned
   * the keys of the group until now.
   */
  synchronized void noteGroup(LocalGroup group) {
    moves.noteGroup(group.name(), ticker.nanos());
    if (view.number() > 0) {
      showGroups(lacking(peersByUrl()));
    }
  }

  /**
   * Makes the next view if other nodes lack this node's groups now. Most nodes have all of them:
   * what they tell first changes nothing, and no value is walked over for it.
   */
  private synchronized void compareGroups() {
    Map<String, Set<String>> lacking = lacking(peersByUrl());
    if (!lacking.equals(view.lacking())) {
      showGroups(lacking);
    }
  }

  /** Makes the next view, with the same nodes and the same ring. Call this under the lock. */
  private void showGroups(Map<String, Set<String>> lacking) {
    ClusterView before = view;
    Map<String, ClusterPeer> peers = peersByUrl();
    FormerOwners former = moves.change(before, before.ring(), before.self(), peers, ticker.nanos());
    view =
        new ClusterView(
            before.number() + 1,
            before.urls(),
            before.ring(),
            before.self(),
            peers,
            lacking,
            former);
    demoteUnlessHandingOver();
  }

  private Map<String, ClusterPeer> peersByUrl() {
    Map<String, ClusterPeer> peers = new HashMap<>();
    view.peers().forEach(peer -> peers.put(peer.url(), peer));
    return peers;
  }

  /** Returns the nodes that lack each group of this node, of the groups that some lack. */
  private Map<String, Set<String>> lacking(Map<String, ClusterPeer> peers) {
    Map<String, Set<String>> lacking = new HashMap<>();
    for (LocalGroup group : node.groups()) {
      GroupVersion version = GroupVersion.of(group);
      for (ClusterPeer peer : peers.values()) {
        if (peer.lacks(version)) {
          lacking.computeIfAbsent(group.name(), name -> new HashSet<>()).add(peer.url());
        }
      }
    }
    lacking.replaceAll((name, urls) -> Set.copyOf(urls));
    return lacking;
  }

  /** Throws nothing: the view is set by now. */
  private void tellListeners() {
    if (listeners.isEmpty()) {
      return;
    }
    try {
      runtime.executor().execute(() -> listeners.forEach(ViewHolder::tell));
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      log.debug("the node is closed, or has no thread");
    }
  }

  /** What a listener throws is no failure of the node. */
  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException broken) {
      log.warn("a listener to the view failed", broken);
    }
  }

  /** Has the values walked over that this node lost. Throws nothing: the view is set by now. */
  private void demote() {
    try {
      runtime.executor().execute(node::demote);
    } catch (RejectedExecutionException closed) {
      log.debug("the node is closed");
    } catch (OutOfMemoryError noThread) {
      demoteSoon();
    }
  }

  private void demoteSoon() {
    try {
      runtime.timer().schedule(this::demote, DEMOTION_RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      log.debug("the node is closed");
    }
  }

  private ClusterPeer entered(String url) {
    if (options.goNodes().contains(url)) {
      return peerMaker.make(url, null);
    }
    KnownNode node = known.computeIfAbsent(url, nodeMaker); // None is forgotten before it enters.
    node.enterView();
    return peerMaker.make(url, node);
  }

  private void left(String url) {
    KnownNode node = known.get(url);
    if (node != null) {
      node.leaveView(ticker.nanos());
    }
  }

  /** Forgets the nodes that left the view first, if there are too many. */
  private void forgetGone() {
    List<KnownNode> gone = known.values().stream().filter(node -> !node.isInView()).toList();
    long now = ticker.nanos();
    gone.stream()
        .sorted(Comparator.<KnownNode>comparingLong(node -> goneFor(node, now)).reversed())
        .limit(Math.max(0, gone.size() - MOST_GONE))
        .forEach(node -> known.remove(node.url()));
  }

  private static long goneFor(KnownNode node, long now) {
    Long since = node.goneSince();
    return since == null ? Long.MAX_VALUE : now - since;
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
