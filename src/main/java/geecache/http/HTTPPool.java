package geecache.http;

import geecache.ByteView;
import geecache.Cluster;
import geecache.Geecache;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.NotReachedException;
import geecache.Peer;
import geecache.PeerValue;
import geecache.Ticker;
import geecache.cluster.ClusterNode;
import geecache.cluster.ClusterRuntime;
import geecache.cluster.LeaveReport;
import geecache.cluster.PeerStats;
import geecache.internal.ControlCharacters;
import geecache.internal.Waiting;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
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
public final class HTTPPool implements Cluster {
  /** Where a node's servlet is mapped unless it is told otherwise. */
  public static final String DEFAULT_BASE_PATH = "/_geecache/";

  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final String self;
  private final String basePath;
  private final PeerThreads threads = new PeerThreads();
  private final long id = new SecureRandom().nextLong();
  private final PeerClient client;
  private final ClusterNode cluster;
  private final RequestHandler handler;

  /** Whether the ring is that of Go nodes, which take URLs byte for byte. */
  private final boolean goRing;

  /** The source of views; written once, before this is shown to other threads. */
  private volatile AutoCloseable membership = () -> {};

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
    this.self = self;
    this.basePath = basePath;
    this.client = new PeerClient(id, options);
    LocalNode local = node.local();
    ClusterRuntime runtime =
        new ClusterRuntime(
            Ticker.system(), threads.executor(), threads.timer(), new Random(), Waiting.REAL);
    this.cluster =
        new ClusterNode(
            local,
            BaseUrl.normalizedOrNull(self),
            id,
            options.cluster(),
            runtime,
            new HttpLinks(client, options, basePath, threads.timer()));
    boolean open = options.secrets().isEmpty();
    this.handler =
        new RequestHandler(
            self,
            requestLevel,
            id,
            options,
            cluster,
            new KeyHandler(node, cluster.incoming(), cluster.counters(), threads, options),
            new ClusterHandler(local, cluster.incoming(), open),
            new LeaveHandler(cluster),
            new GroupcacheHandler(local, cluster, options.groupcache()));
    this.goRing = options.groupcache();
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
    cluster.set(
        urls.stream()
            .map(url -> goRing ? BaseUrl.requireNormalized(url) : BaseUrl.normalized(url))
            .toList());
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
    return cluster.leave();
  }

  /** Takes {@link #leave} back: this node owns keys again, as one that has just joined. */
  public void stay() {
    cluster.stay();
  }

  /** Returns how far this node is on its way out; empty as long as it stays. */
  public Optional<LeaveReport> leaving() {
    return cluster.leaving();
  }

  @Override
  public void handOver() {
    cluster.handOver();
  }

  @Override
  public @Nullable CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
    return cluster.peek(group, key);
  }

  @Override
  public @Nullable Peer pick(String key) {
    return cluster.pick(key);
  }

  @Override
  public @Nullable Peer pickInstead(String key, Peer failed) {
    return cluster.pickInstead(key, failed);
  }

  @Override
  public boolean owns(String key) {
    return cluster.owns(key);
  }

  @Override
  public long view() {
    return cluster.view();
  }

  /** Returns what tells this node from all others, drawn at random when it was made. */
  public long id() {
    return id;
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
    return BaseUrl.requireNormalized(url);
  }

  /** Returns the base URLs of all nodes, this one included, in order; unmodifiable. */
  public List<String> nodes() {
    return List.copyOf(cluster.clusterView().urls());
  }

  /** Returns the base URLs of the peers that are asked for values now: contact with them stands. */
  public List<String> inContact() {
    return cluster.inContact();
  }

  @Override
  public void removeAll(LocalGroup group, Collection<String> keys) throws NotReachedException {
    cluster.removeAll(group, keys);
  }

  @Override
  public void clear(LocalGroup group) throws NotReachedException {
    cluster.clear(group);
  }

  @Override
  public void set(LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException {
    cluster.set(group, key, value, timeToLive);
  }

  /** Returns this node's own base URL; null as long as it does not know it. */
  public @Nullable String ownUrl() {
    return cluster.ownName();
  }

  /** Returns why this node should not be sent requests now; empty if it should. */
  public Optional<String> notReady() {
    return cluster.notReady();
  }

  /**
   * Has {@code feed}, which tells this of views, closed with this, before all else. To be called
   * once at most.
   */
  public void attachMembership(AutoCloseable membership) {
    this.membership = membership;
  }

  /** Returns what has been counted over all peers. */
  public PeerStats stats() {
    return cluster.stats();
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
    closeMembership();
    cluster.close();
    client.close();
    if (!threads.close(CLOSE_LIMIT)) {
      log.warn("a request to a peer keeps its thread beyond the end of the node");
    }
  }

  /** It is anybody's code, and the rest has to end all the same. */
  private void closeMembership() {
    try {
      membership.close();
    } catch (Exception failure) { // As AutoCloseable declares it.
      log.warn("what told who the nodes are was not closed well", failure);
    }
  }
}
