package geecache.http;

import geecache.ByteView;
import geecache.ControlCharacters;
import geecache.Fetched;
import geecache.Geecache;
import geecache.Group;
import geecache.NotReachedException;
import geecache.Peer;
import geecache.PeerPicker;
import geecache.http.ClusterCodec.Meeting;
import geecache.http.ClusterCodec.Standing;
import geecache.ring.HashRing;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A node as HTTP sees it, and the other nodes as this one sees them: turns a request into a reply,
 * and picks the peer that owns a key. Knows no servlet, so that anything which can fill in a {@link
 * Request} can serve a node. Safe for use by many threads.
 *
 * <p>To be registered with its node by {@link Geecache#registerPeers}, which then closes it too.
 */
public final class HTTPPool implements PeerPicker {
  /** Where a node's servlet is mapped unless it is told otherwise. */
  public static final String DEFAULT_BASE_PATH = "/_geecache/";

  /** Where a node is told by other nodes what is not a read. */
  public static final String NODES_PATH = "/_cluster/";

  /** Where Go nodes ask, and are asked: golang/groupcache's default. */
  public static final String GROUPCACHE_PATH = "/_groupcache/";

  /** golang/groupcache's default. */
  private static final int GROUPCACHE_REPLICAS = 50;

  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);

  /** Of how many nodes that left it is remembered what they were told. */
  private static final int MOST_DEPARTED = 1_000;

  private static final long WATCH_MILLIS = 250;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final Geecache node;
  private final String self;
  private final String basePath;
  private final PeerThreads threads = new PeerThreads();
  private final PeerLinks links;
  private final Changes changes;
  private final RequestHandler handler;
  private final Peeks peeks;

  /** Guarded by {@code this}, as the three below. */
  private final Moves moves;

  /** The URLs of peers that said that they leave. */
  private final Set<String> leaving = new HashSet<>();

  /** This node's own way out; null as long as it stays. */
  private @Nullable Departure departure;

  /** What tells this of views; written once, before this is shown to others. */
  private volatile AutoCloseable feed = () -> {};

  /** Replaced as a whole under {@code this}, read by everybody without a lock. */
  private volatile View view;

  /**
   * Whether the client's limits are watched, as from the first peer on. Guarded by {@code this}.
   */
  private boolean watching;

  /** What other nodes said of their views, since this one's last. */
  private final OtherViews otherViews = new OtherViews();

  /**
   * Serves {@code node} under {@link #DEFAULT_BASE_PATH}, and logs requests at {@link Level#DEBUG}.
   *
   * @param self this node's base URL, as peers name it, context path included
   */
  public HTTPPool(Geecache node, String self) {
    this(node, self, DEFAULT_BASE_PATH, Level.DEBUG, PeerOptions.defaults());
  }

  /**
   * Serves {@code node}, which has no peers until {@link #set} names them.
   *
   * @param self this node's base URL, as peers name it, context path included
   * @param basePath where the nodes are mapped below their base URLs; starts and ends with a slash
   * @param requestLevel the level at which each request is logged, or null for not at all
   * @param options how it deals with its peers
   * @throws IllegalArgumentException if {@code basePath} breaks its rule
   */
  public HTTPPool(
      Geecache node,
      String self,
      String basePath,
      @Nullable Level requestLevel,
      PeerOptions options) {
    if (!basePath.startsWith("/") || !basePath.endsWith("/")) {
      throw new IllegalArgumentException("base path must start and end with a slash: " + basePath);
    }
    this.node = node;
    this.self = self;
    this.basePath = basePath;
    this.view = new View(0, HashRing.of(List.of()), null, Map.of(), Map.of());
    Meetings meetings =
        new Meetings(
            this::links,
            () -> this.view.self(),
            url -> this.view.peer(url),
            this::standing,
            this::recognize,
            this::listen);
    long id = new SecureRandom().nextLong();
    this.links =
        new PeerLinks(
            id,
            basePath,
            options,
            new PeerClient(id, options),
            new RemovalLog(options.removals(), System::nanoTime),
            threads.executor(),
            threads.timer(),
            () -> this.view.fingerprint(),
            new PeerLinks.Counters(),
            meetings);
    this.changes = new Changes(links, () -> this.view);
    NodeRequests nodeRequests =
        new NodeRequests(node, links, () -> this.view, this::standing, this::listen);
    this.peeks = new Peeks(links, () -> this.view);
    this.moves = new Moves(options.groupcache() ? 0 : options.warmJoin().toNanos());
    this.handler =
        new RequestHandler(
            self,
            requestLevel,
            links,
            () -> this.view,
            otherViews,
            new KeyRequests(node, links, nodeRequests),
            nodeRequests,
            new LeaveRequests(this),
            new GroupcacheRequests(node, links, () -> this.view));
  }

  private PeerLinks links() {
    return links;
  }

  /** Returns the URL below which peers find this node's groups; ends with a slash. */
  public String baseUrl() {
    String shown = ControlCharacters.escape(self);
    return (shown.endsWith("/") ? shown.substring(0, shown.length() - 1) : shown) + basePath;
  }

  /**
   * Says who the nodes of the cluster are, this one included, and replaces what was said before.
   * All nodes must name each of them by the same URL. Returns at once; contact with new peers is
   * made in the background, and until then they are not asked.
   *
   * <p>This node finds itself among them by its {@code self}, and else by asking each for its id.
   * If it is not among them, it owns no keys, and asks the others for all.
   *
   * <p>The Go nodes of its {@link PeerOptions} are nodes of the cluster too, named here or not.
   *
   * @param urls base URLs, context path included; none for a node that is alone
   * @throws IllegalArgumentException if one is not an absolute URL of http or https without query,
   *     or, where there may be Go nodes, is not written as {@link #baseUrlOf} returns it; nothing
   *     has changed then
   */
  public void set(Collection<String> urls) {
    List<String> nodes =
        Stream.concat(urls.stream(), links.options().groupcachePeers().stream())
            .map(this::asOnTheRing)
            .distinct()
            .toList();
    List<ClusterPeer> gone;
    synchronized (this) {
      String known = view.self() != null ? view.self() : BaseUrl.orNull(self);
      gone = show(nodes, nodes.contains(known) ? known : null);
    }
    gone.forEach(ClusterPeer::retire); // Who waits for them is told, and may be anybody's code.
  }

  private String asOnTheRing(String url) {
    return links.options().groupcache() ? BaseUrl.asWritten(url) : BaseUrl.normalized(url);
  }

  private HashRing ring(Collection<String> urls) {
    return links.options().groupcache()
        ? HashRing.compatible(urls, GROUPCACHE_REPLICAS)
        : HashRing.of(urls);
  }

  private void recognize(String url) {
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
  private void listen(HTTPPeer peer, Standing standing) {
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

  /** What this node says of itself. */
  private Standing standing() {
    Long joined;
    boolean leaves;
    synchronized (this) {
      joined = moves.joined();
      leaves = departure != null;
    }
    boolean empty = node.groups().stream().allMatch(group -> group.stats().entries() == 0);
    return new Standing(
        leaves,
        empty
            ? -1
            : joined == null
                ? 0
                : TimeUnit.NANOSECONDS.toMillis(Math.max(0, System.nanoTime() - joined)));
  }

  /**
   * Takes this node out of the ring: tells all others, and hands its entries to their next owners,
   * for as long as the options have it. It goes on answering, as one that owns no keys, until it is
   * closed. Returns at once; while it leaves, and once it has left, calling this again does nothing
   * more.
   *
   * @return done when all was handed over, or time is up
   * @throws IllegalStateException if there are peers, and no secret which allows changes; or if the
   *     ring is that of Go nodes, who cannot be told
   */
  public CompletableFuture<LeaveReport> leave() {
    Departure begun = null;
    CompletableFuture<LeaveReport> over;
    Standing standing = new Standing(true, standing().warmMillis());
    synchronized (this) {
      if (departure == null) {
        if (links.options().groupcache()) {
          throw new IllegalStateException("Go nodes cannot be told that a node leaves");
        }
        if (links.options().secrets().isEmpty() && !view.peers().isEmpty()) {
          throw new IllegalStateException(
              "leaving needs a secret where there are peers: set geecache.secret on all nodes");
        }
        String own = view.self() == null ? "" : view.self();
        Meeting meeting = new Meeting(own, false, List.of(), standing);
        departure = new Departure(node, links, () -> view, meeting);
        show(view.urls(), view.self()); // The nodes stay the same, so none is to be retired.
        begun = departure;
      }
      over = departure.over();
    }
    if (begun != null) {
      over.thenRun(node::demote); // Not before: what is lost takes more room.
      begun.begin();
    }
    return over.copy();
  }

  /** Takes {@link #leave} back: this node owns keys again, as one that has just joined. */
  public void stay() {
    Departure takenBack;
    synchronized (this) {
      takenBack = departure;
      if (takenBack == null) {
        return;
      }
      departure = null;
      show(view.urls(), view.self());
    }
    // What is still being told would else come after this.
    takenBack.allTold().thenRun(() -> view.peers().forEach(ClusterPeer::seekContact));
  }

  /** Returns how far this node is on its way out; empty as long as it stays. */
  public synchronized Optional<LeaveReport> leaving() {
    return Optional.ofNullable(departure).map(Departure::report);
  }

  /**
   * Leaves, if there is anybody to leave to and anything that may be told, and waits until all was
   * handed over, or time is up.
   */
  @Override
  public void handOver() {
    Duration limit = links.options().handoff();
    if (limit.isZero()
        || links.options().groupcache()
        || links.options().secrets().isEmpty()
        || view.peers().isEmpty()) {
      return;
    }
    try {
      Duration telling = links.options().silence().multipliedBy(3);
      leave().get(limit.plus(telling).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException unfinished) {
      log.warn("the node is closed before it has handed over: {}", leaving().orElse(null));
    }
  }

  @Override
  public @Nullable CompletableFuture<@Nullable Fetched> peek(Group group, String key) {
    return peeks.ask(group, key);
  }

  /** To be called under the lock; returns the peers that are to be retired outside of it. */
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
    departed.keySet().stream()
        .limit(Math.max(0, departed.size() - MOST_DEPARTED))
        .toList()
        .forEach(departed::remove);
    long told = links.removals().head(); // Before the view: whoever sees it tells them no more.
    leaving.retainAll(urls);
    HashRing ring =
        ring(
            urls.stream()
                .filter(url -> !leaving.contains(url))
                .filter(url -> departure == null || !url.equals(own))
                .toList());
    Former former = moves.change(before, ring, own, peers, System.nanoTime());
    view = new View(before.number() + 1, urls, ring, own, peers, departed, former);
    left.forEach(peer -> peer.contact().lose(told));
    otherViews.clear();
    if (links.options().secrets().isEmpty() && before.peers().isEmpty() && !peers.isEmpty()) {
      log.warn(
          "there are peers and no secret: values are shared, and nothing can be removed or set"
              + " across the cluster until geecache.secret is set on all nodes");
    }
    if (!watching && !peers.isEmpty()) {
      watching = true;
      links
          .timer()
          .scheduleWithFixedDelay(
              links.client()::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }
    unmet.forEach(ClusterPeer::seekContact);
    if (own == null && BaseUrl.orNull(self) != null && !urls.isEmpty()) {
      log.warn(
          "geecache.self {} is not among the nodes {}: unless one of them turns out to be this"
              + " node, it owns no keys, and removals may not reach it",
          ControlCharacters.escape(BaseUrl.masked(self)),
          urls);
    }
    boolean handsOver = departure != null && !departure.over().isDone();
    if ((!before.urls().isEmpty() || !urls.isEmpty()) && !handsOver) {
      links.executor().execute(node::demote);
    }
    return gone;
  }

  /** Makes a peer, of which {@code former} is known if it was one before. */
  private ClusterPeer newPeer(String url, @Nullable Contact former) {
    return links.options().groupcachePeers().contains(url)
        ? new GoPeer(url, links)
        : new HTTPPeer(url, links, former == null ? new Contact() : former);
  }

  @Override
  public @Nullable Peer pick(String key) {
    View now = view;
    ClusterPeer owner = now.owner(key);
    return owner == null || owner.isUsable() ? owner : usable(now.ownerWithout(owner.url(), key));
  }

  @Override
  public @Nullable Peer pickInstead(String key, Peer failed) {
    return usable(view.ownerWithout(failed.url(), key));
  }

  private static @Nullable ClusterPeer usable(@Nullable ClusterPeer peer) {
    return peer != null && peer.isUsable() ? peer : null;
  }

  @Override
  public boolean owns(String key) {
    return view.owns(key);
  }

  @Override
  public long view() {
    return view.number();
  }

  /** Returns what tells this node from all others, drawn at random when it was made. */
  public long id() {
    return links.self();
  }

  /**
   * Returns a node's base URL as all nodes are to write it: scheme and host in lower case, no slash
   * at the end.
   *
   * @throws IllegalArgumentException if it is not an absolute URL of http or https without user,
   *     query and fragment
   */
  public static String baseUrlOf(String url) {
    return BaseUrl.normalized(url);
  }

  /**
   * Returns {@code url}, a node's base URL in a cluster with Go nodes, which take it byte for byte.
   *
   * @throws IllegalArgumentException if it is not written as {@link #baseUrlOf} returns it
   */
  public static String baseUrlAsWritten(String url) {
    return BaseUrl.asWritten(url);
  }

  /** Returns the base URLs of all nodes, this one included, in order; unmodifiable. */
  public List<String> nodes() {
    return List.copyOf(view.urls());
  }

  /** Returns the base URLs of the peers that are asked for values now: contact with them stands. */
  public List<String> inContact() {
    return view.peers().stream()
        .filter(ClusterPeer::isUsable)
        .map(ClusterPeer::url)
        .sorted()
        .toList();
  }

  @Override
  public void removeAll(Group group, Collection<String> keys) throws NotReachedException {
    changes.removeAll(group, keys);
  }

  @Override
  public void clear(Group group) throws NotReachedException {
    changes.clear(group);
  }

  @Override
  public void set(Group group, String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException {
    changes.set(group, key, value, timeToLive);
  }

  /** Returns this node's own base URL; null as long as it does not know it. */
  public @Nullable String ownUrl() {
    String found = view.self();
    return found != null ? found : BaseUrl.orNull(self);
  }

  /** Returns why this node should not be sent requests now; empty if it should. */
  public Optional<String> notReady() {
    if (leaving().isPresent()) {
      return Optional.of("the node leaves");
    }
    return view.number() == 0 ? Optional.of("the nodes are not known yet") : Optional.empty();
  }

  /**
   * Has {@code feed}, which tells this of views, closed with this, before all else. To be called
   * once at most.
   */
  public void fedBy(AutoCloseable feed) {
    this.feed = feed;
  }

  /** Returns what has been counted over all peers. */
  public PeerStats stats() {
    return links.counters().snapshot();
  }

  /**
   * Answers {@code request}, now or once a load is over: what memory can answer is done when this
   * returns. Blocks only to read the request's body. Never throws, and the future never fails: a
   * fault of the node's own becomes a {@code 500} with an id, under which the log has it. Dependent
   * actions must be short: they run on a thread of the node's.
   */
  public CompletableFuture<Reply> handle(Request request) {
    return handler.handle(request);
  }

  /**
   * Asks nobody any more: what peers were asked for fails, and is loaded here. Requests are still
   * answered from memory. Waits up to 5 s for the threads to end.
   */
  @Override
  public void close() {
    closeFeed();
    view.peers().forEach(ClusterPeer::retire);
    links.client().close();
    if (!threads.close(CLOSE_LIMIT)) {
      log.warn("a request to a peer keeps its thread beyond the end of the node");
    }
  }

  /** It is anybody's code, and the rest has to end all the same. */
  private void closeFeed() {
    try {
      feed.close();
    } catch (Exception failure) { // As AutoCloseable declares it.
      log.warn("what told who the nodes are was not closed well", failure);
    }
  }
}
