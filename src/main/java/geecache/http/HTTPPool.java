package geecache.http;

import geecache.ByteView;
import geecache.Cluster;
import geecache.Geecache;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.Peer;
import geecache.PeerValue;
import geecache.Stamp;
import geecache.Ticker;
import geecache.cluster.ClusterNode;
import geecache.cluster.ClusterRuntime;
import geecache.cluster.LeaveReport;
import geecache.cluster.PeerStats;
import geecache.cluster.WatchedCluster;
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
 * The HTTP side of a node: turns a request into a reply, and asks the peers that own keys. Knows no
 * servlet: any server that can fill in a {@link Request} can serve a node. Safe for use by many
 * threads.
 *
 * <p>Register it with its node by {@link Geecache#registerPeers}. The node then closes it.
 */
public final class HTTPPool implements Cluster, WatchedCluster {
  /** The path to which a node's servlet is mapped by default. */
  public static final String DEFAULT_BASE_PATH = "/_geecache/";

  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final String self;
  private final String basePath;
  private final PeerThreads threads = new PeerThreads();
  private final long id = new SecureRandom().nextLong();
  private final PeerClient client;
  private final ClusterNode cluster;
  private final WrongSecrets wrongSecrets = new WrongSecrets(Ticker.system());
  private final RequestHandler handler;
  private final ServedCheck served;

  /** Whether the ring is that of Go nodes, which hash URLs byte for byte. */
  private final boolean goRing;

  /** Tells the nodes of the cluster; written once, before other threads see this pool. */
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
   * @param requestLevel the level at which each request is logged; null to log none
   * @param options limits and ways of asking peers
   * @throws IllegalArgumentException if {@code basePath} does not start and end with a slash
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
            Ticker.system(),
            System::currentTimeMillis,
            threads.executor(),
            threads.timer(),
            new Random(),
            Waiting.REAL);
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
            wrongSecrets,
            cluster,
            new KeyHandler(node, cluster.incoming(), cluster.counters(), threads, options),
            new ClusterHandler(local, cluster.incoming(), open),
            new LeaveHandler(cluster),
            new StatusHandler(
                node, id, cluster, threads, client, wrongSecrets, options, Ticker.system()),
            new GroupcacheHandler(cluster, options.groupcache()));
    this.goRing = options.groupcache();
    cluster.onView(() -> cluster.peers().forEach(peer -> peer.traffic().measure()));
    new StateLog(local, cluster, threads, client).begin();
    Duration limit = options.timeout().multipliedBy(10); // As for meetings.
    this.served = new ServedCheck(local::after, threads.executor(), cluster, client, limit);
    served.begin();
  }

  /**
   * Returns the pool of {@code node}.
   *
   * @throws IllegalArgumentException if it has none
   */
  public static HTTPPool of(Geecache node) {
    if (node.local().cluster() instanceof HTTPPool pool) {
      return pool;
    }
    throw new IllegalArgumentException(
        "the node has no HTTPPool: make it by geecache.node.GeecacheBuilder");
  }

  /** Returns this node's base URL as it was given; a path if that is all the node was told. */
  public String self() {
    return self;
  }

  /** Returns the URL below which peers find the groups of this node; ends with a slash. */
  public String baseUrl() {
    String shown = ControlCharacters.escape(self);
    return (shown.endsWith("/") ? shown.substring(0, shown.length() - 1) : shown) + basePath;
  }

  /**
   * Replaces the list of nodes of the cluster, this one included. All nodes must use the same URL
   * for a node. Returns at once. Contact with new peers is made in the background; until it is
   * made, they are not asked.
   *
   * <p>This node finds itself in the list by its {@code self}, or else by asking each node for its
   * id. If it is not in the list, it owns no keys, and asks the others for all of them.
   *
   * <p>The Go nodes of its {@link PeerOptions} are always nodes of the cluster, even if they are
   * not in {@code urls}.
   *
   * @param urls base URLs, context path included; empty for a node that is alone
   * @throws IllegalArgumentException if one is not an absolute URL of http or https without query,
   *     or if Go nodes are allowed and {@link #baseUrlOf} would change it; the list stays the same
   *     then
   */
  public void set(Collection<String> urls) {
    cluster.set(
        urls.stream()
            .map(url -> goRing ? BaseUrl.requireNormalized(url) : BaseUrl.normalized(url))
            .toList());
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
    return cluster.leave();
  }

  /** Cancels {@link #leave}: this node owns keys again, like a node that has just joined. */
  public void stay() {
    cluster.stay();
  }

  /** Returns the progress of this node's leaving; empty unless it is leaving or has left. */
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
  public @Nullable Peer pick(LocalGroup group, String key) {
    return cluster.pick(group, key);
  }

  @Override
  public @Nullable Peer pickInstead(LocalGroup group, String key, Peer failed) {
    return cluster.pickInstead(group, key, failed);
  }

  @Override
  public boolean owns(String key) {
    return cluster.owns(key);
  }

  @Override
  public boolean owns(LocalGroup group, String key) {
    return cluster.owns(group, key);
  }

  @Override
  public long view() {
    return cluster.view();
  }

  /** Returns the id of this node, drawn at random when the node was made. */
  public long id() {
    return id;
  }

  /**
   * Returns a node's base URL as all nodes write it: scheme and host in lower case, no slash at the
   * end.
   *
   * @throws IllegalArgumentException if {@code url} is not an absolute URL of http or https without
   *     user, query and fragment
   */
  public static String baseUrlOf(String url) {
    return BaseUrl.normalized(url);
  }

  /**
   * Returns {@code url}, a node's base URL in a cluster with Go nodes, which hash it byte for byte.
   *
   * @throws IllegalArgumentException if {@link #baseUrlOf} would change it
   */
  public static String baseUrlAsWritten(String url) {
    return BaseUrl.requireNormalized(url);
  }

  /** Returns the base URLs of all nodes, this one included, in order; unmodifiable. */
  public List<String> nodes() {
    return List.copyOf(cluster.clusterView().urls());
  }

  /**
   * Returns the base URLs of the peers that this node is in contact with, and so asks for values.
   */
  public List<String> inContact() {
    return cluster.inContact();
  }

  @Override
  public Stamp nextStamp() {
    return cluster.nextStamp();
  }

  @Override
  public CompletableFuture<Void> removeAll(LocalGroup group, Collection<String> keys) {
    return cluster.removeAll(group, keys);
  }

  @Override
  public CompletableFuture<Void> clear(LocalGroup group) {
    return cluster.clear(group);
  }

  @Override
  public CompletableFuture<Void> set(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    return cluster.set(group, key, value, timeToLive);
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    return cluster.putIfAbsent(group, key, value, timeToLive);
  }

  @Override
  public boolean isJoined() {
    return cluster.isJoined();
  }

  @Override
  public boolean givesLeases() {
    return cluster.givesLeases();
  }

  @Override
  public @Nullable CompletableFuture<@Nullable PeerValue> look(LocalGroup group, String key) {
    return cluster.look(group, key);
  }

  /** Returns this node's own base URL; null until the node knows it. */
  public @Nullable String ownUrl() {
    return cluster.ownName();
  }

  /** Returns the reason why this node should get no requests now; empty if it should get them. */
  public Optional<String> notReady() {
    return cluster.notReady();
  }

  /**
   * Takes over the membership that calls {@link #set}: closing this pool closes it first. Call this
   * at most once.
   */
  public void attachMembership(AutoCloseable membership) {
    this.membership = membership;
  }

  /** Returns the counts over all peers. */
  public PeerStats stats() {
    return cluster.stats();
  }

  @Override
  public ClusterNode clusterNode() {
    return cluster;
  }

  @Override
  public int peerThreads() {
    return threads.active();
  }

  /** Returns how many requests with a wrong secret this node has refused since it began. */
  @Override
  public long wrongSecrets() {
    return wrongSecrets.count();
  }

  /**
   * Returns the refusal of a request that has to show the secret, for a servlet of its own; empty
   * if it shows it, or none is set. A wrong secret is counted.
   *
   * @param authorization the header of that name; null if the request has none
   */
  public Optional<Reply> refusal(@Nullable String authorization) {
    return Optional.ofNullable(handler.refusal(authorization));
  }

  /**
   * Whether a node has sent {@code request}, as its secret proves. Nothing proves it without one.
   */
  public boolean isProvenNode(Request request) {
    return handler.isProvenNode(request);
  }

  /**
   * Answers {@code request}. An answer from memory is complete when this returns; an answer that
   * needs a load completes later. Blocks only to read the request's body. Never throws, and the
   * future never fails: an internal error becomes a {@code 500} with an id, and is logged under
   * that id. Dependent actions must be short: they run on a thread of the node.
   */
  public CompletableFuture<Reply> handle(Request request) {
    served.noteServer();
    return handler.handle(request);
  }

  /**
   * Notes that a server is about to serve this node, which may take it long to start: then the node
   * does not warn that none does. A request notes that, too.
   */
  public void noteServer() {
    served.noteServer();
  }

  /**
   * Counts an answer that cannot be written now, and returns the one to write instead: that the
   * node is overloaded.
   *
   * @param reply what would have been written
   * @param why for the client
   */
  public Reply refuse(Reply reply, String why) {
    cluster.counters().countAnswerRefused();
    Reply overloaded = ReplyFactory.overloaded("overloaded: " + why);
    String sender = reply.headers().get(PeerHeaders.SENDER);
    return sender == null
        ? overloaded
        : overloaded.with(PeerHeaders.SENDER, sender).notToBeTransformed();
  }

  /**
   * Stops asking peers: questions under way fail, and their keys are loaded here. Requests are
   * still answered from memory. Waits up to 5 s for the threads to end.
   */
  @Override
  public void close() {
    closeMembership();
    cluster.close();
    client.close();
    if (!threads.close(CLOSE_LIMIT)) {
      log.warn(
          "a request to a peer did not end within {} s: its thread goes on",
          CLOSE_LIMIT.toSeconds());
    }
  }

  /** A membership may be foreign code. Its failure must not keep the rest open. */
  private void closeMembership() {
    try {
      membership.close();
    } catch (Exception failure) { // As AutoCloseable declares it.
      log.warn("closing the membership failed", failure);
    }
  }
}
