package geecache.http;

import geecache.ByteView;
import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.Ticker;
import geecache.cluster.ClusterNode;
import geecache.cluster.LeaveReport;
import geecache.cluster.ObservedPeer;
import geecache.cluster.PeerStats;
import geecache.http.PeerReports.Told;
import geecache.http.Reply.Status;
import geecache.internal.JsonWriter;
import geecache.internal.MediaType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Answers operators: {@code GET /_cluster/status} says how this node is, with {@code ?all=true} how
 * all are, and {@code GET /_cluster/explain?group=&key=} what all nodes have of one key. A node
 * that asks is told of this one alone, so that no question goes round. Nothing here changes
 * anything.
 */
final class StatusHandler {
  private static final String STATUS = "/status";
  private static final String EXPLAIN = "/explain";

  /** Grows if a field ever gets another meaning, or goes. More fields are no other format. */
  private static final int FORMAT = 1;

  private final Geecache geecache;
  private final LocalNode node;
  private final long id;
  private final ClusterNode cluster;
  private final PeerThreads threads;
  private final PeerClient client;
  private final WrongSecrets wrongSecrets;
  private final PeerReports reports;
  private final Ticker ticker;
  private final long begun;

  /**
   * Makes a handler.
   *
   * @param id of this node
   * @param ticker for the time since now
   */
  StatusHandler(
      Geecache geecache,
      long id,
      ClusterNode cluster,
      PeerThreads threads,
      PeerClient client,
      WrongSecrets wrongSecrets,
      PeerOptions options,
      Ticker ticker) {
    this.geecache = geecache;
    this.node = geecache.local();
    this.id = id;
    this.cluster = cluster;
    this.threads = threads;
    this.client = client;
    this.wrongSecrets = wrongSecrets;
    this.reports = new PeerReports(client, threads, options);
    this.ticker = ticker;
    this.begun = ticker.nanos();
  }

  /** Whether {@code request} is for this. */
  static boolean isFor(Request request) {
    return request.mapping() == Request.Mapping.NODES
        && (request.rawPath().equals(STATUS) || request.rawPath().equals(EXPLAIN));
  }

  /** Where there is no secret, anybody could ask. */
  static Reply needsSecret() {
    return Reply.error(
        403,
        Status.FORBIDDEN,
        "the state of nodes is told only where there is a secret: set geecache.secret on all nodes");
  }

  /**
   * Answers a request that has shown the secret.
   *
   * @param ofNode whether another node asks
   */
  CompletableFuture<Reply> answer(Request request, boolean ofNode) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return now(
          Reply.error(405, Status.METHOD_NOT_ALLOWED, "method not allowed")
              .with("Allow", "GET, HEAD"));
    }
    StatusQuery query = StatusQuery.parse(request.rawQuery());
    if (query == null) {
      return now(badRequest("the query is malformed, or names something twice"));
    }
    return request.rawPath().equals(STATUS) ? status(query, ofNode) : explain(query, ofNode);
  }

  private CompletableFuture<Reply> status(StatusQuery query, boolean ofNode) {
    int points = query.history();
    Consumer<JsonWriter> here = to -> writeStatus(points, to);
    String question = points == 0 ? "status" : "status?history=" + points;
    return ofNode || !query.all() ? now(json(document(here))) : all(question, here, to -> {});
  }

  private CompletableFuture<Reply> explain(StatusQuery query, boolean ofNode) {
    String group = query.group();
    String key = query.key();
    if (group == null || key == null) {
      return now(badRequest("explain needs ?group= and &key="));
    }
    LocalGroup found = node.find(group).orElse(null);
    if (found == null) {
      return now(Reply.error(404, Status.NO_SUCH_GROUP, "no such group: " + group));
    }
    try {
      Group.requireKey(key);
    } catch (IllegalArgumentException refused) {
      return now(badRequest(refused.getMessage()));
    }
    Consumer<JsonWriter> here =
        to -> {
          to.field("groupVersion", found.version().isEmpty() ? null : found.version());
          cluster.report().explain(group, key, to);
          found.explain(key, to);
        };
    Consumer<JsonWriter> subject =
        to -> {
          to.field("group", group);
          to.field("key", key);
        };
    return ofNode
        ? now(json(document(here)))
        : all(
            "explain?group=" + PercentCoding.encode(group) + "&key=" + PercentCoding.encode(key),
            here,
            subject);
  }

  /** Answers for all nodes of the view: this one, then the others by their URLs. */
  private CompletableFuture<Reply> all(
      String question, Consumer<JsonWriter> here, Consumer<JsonWriter> subject) {
    Told own = new Told(cluster.ownName(), document(here), view(), null);
    List<ObservedPeer> peers =
        cluster.peers().stream().sorted(Comparator.comparing(ObservedPeer::url)).toList();
    CompletableFuture<List<Told>> told = reports.ask(question, peers);
    return told == null
        ? now(ReplyFactory.overloaded("overloaded: all nodes are being asked; ask again"))
        : told.thenApply(others -> json(together(subject, own, others)));
  }

  private static String together(Consumer<JsonWriter> subject, Told own, List<Told> others) {
    List<Told> nodes = new ArrayList<>(List.of(own));
    nodes.addAll(others);
    JsonWriter to = new JsonWriter();
    to.object(
        () -> {
          to.field("format", FORMAT);
          subject.accept(to);
          to.field("viewsDiffer", others.stream().anyMatch(told -> told.hasOtherView(own)));
          to.array("nodes", nodes, told -> to.object(() -> write(told, to)));
        });
    return to.toString();
  }

  private String view() {
    return HexFormat.of().toHexDigits(cluster.clusterView().fingerprint());
  }

  private static void write(Told told, JsonWriter to) {
    to.field("node", told.url());
    to.field("failure", told.failure());
    if (told.json() != null) {
      to.json("answer", told.json());
    }
  }

  /** Returns what {@code fields} writes of this node, as a document of its own. */
  private String document(Consumer<JsonWriter> fields) {
    JsonWriter to = new JsonWriter();
    to.object(
        () -> {
          to.field("format", FORMAT);
          to.field("self", cluster.ownName());
          to.field("id", HexFormat.of().toHexDigits(id));
          fields.accept(to);
        });
    return to.toString();
  }

  private void writeStatus(int points, JsonWriter to) {
    to.field("version", Version.TEXT);
    to.field("uptimeMillis", TimeUnit.NANOSECONDS.toMillis(ticker.nanos() - begun));
    to.field("notReady", cluster.notReady().orElse(null));
    to.texts("missingGroups", geecache.missingGroups());
    to.field("leaving", cluster.leaving().map(LeaveReport::toString).orElse(null));
    cluster.report().writeStatus(to);
    to.object("sinceStart", () -> writeCounts(cluster.stats(), to));
    to.object("pools", () -> writePools(to));
    List<LocalGroup> groups =
        node.groups().stream().sorted(Comparator.comparing(LocalGroup::name)).toList();
    to.array(
        "groups",
        groups,
        group ->
            to.object(
                () -> {
                  to.field("name", group.name());
                  group.writeStatus(to);
                  if (points > 0) {
                    group.writeHistory(points, to);
                  }
                }));
  }

  private void writeCounts(PeerStats stats, JsonWriter to) {
    to.field("requestsFailed", stats.failures());
    to.field("keysRefused", stats.refused());
    to.field("answersPending", stats.pending());
    to.field("viewDifferences", stats.viewDifferences());
    to.field("handedOver", stats.handedOver());
    to.field("taken", stats.taken());
    to.field("notTaken", stats.notTaken());
    to.field("bodiesRefused", stats.bodiesRefused());
    to.field("answersRefused", stats.answersRefused());
    to.field("nodesNamed", stats.named());
    to.field("wrongSecrets", wrongSecrets.count());
  }

  private void writePools(JsonWriter to) {
    to.field("loaderThreads", node.loaderThreads());
    to.field("peerThreads", threads.active());
    to.field("changesUnderWay", cluster.changesUnderWay());
    to.array(
        "connections",
        cluster.peers(),
        peer -> to.object(() -> writeConnections(peer.url(), client.connections(peer.url()), to)));
  }

  private static void writeConnections(String peer, PeerConnections.Use use, JsonWriter to) {
    to.field("peer", peer);
    to.field("inUse", use.inUse());
    to.field("idle", use.idle());
    to.field("most", use.most());
  }

  /** As any answer to {@code GET}, it goes without its body to {@code HEAD}. */
  private Reply json(String document) {
    return new Reply(
        200,
        ReplyHeaders.of(
            "Content-Type",
            MediaType.JSON,
            "X-Content-Type-Options",
            "nosniff",
            "Cache-Control",
            "no-store",
            PeerHeaders.VIEW,
            view(),
            Reply.STATUS_HEADER,
            Status.OK.token()),
        ByteView.of(document),
        null);
  }

  private static Reply badRequest(String message) {
    return Reply.error(400, Status.BAD_REQUEST, message);
  }

  private static CompletableFuture<Reply> now(Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }
}
