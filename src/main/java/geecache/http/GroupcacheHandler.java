package geecache.http;

import geecache.CachedValue;
import geecache.Group;
import geecache.LocalGroup;
import geecache.OwnedBytes;
import geecache.cluster.ClusterNode;
import geecache.cluster.ClusterView;
import geecache.cluster.RefusedException;
import geecache.http.Reply.Status;
import geecache.internal.ControlCharacters;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers Go nodes as golang/groupcache's own {@code HTTPPool} does: {@code GET
 * /_groupcache/{group}/{key}} is the value as a {@code GetResponse}. A request here counts as one
 * of a node: it is answered from memory or by a load of this node, and no third node is asked.
 *
 * <p>Group and key are read from the raw path alone, as Go's {@code url.QueryEscape} writes them: a
 * {@code +} is a space. A path with a character that {@code QueryEscape} would have escaped is
 * refused. So it does not matter how a container decodes the path.
 */
final class GroupcacheHandler {
  private static final Logger log = LoggerFactory.getLogger(GroupcacheHandler.class);
  private static final String UNESCAPED_MARKS = "-_.~+%";
  private static final int MOST_HOSTS_LOGGED = 100;

  private final ClusterNode cluster;

  /** Whether the ring is that of Go nodes, so that they may ask. */
  private final boolean goRing;

  /** The names by which Go nodes called this node when they asked for keys of other owners. */
  private final Set<String> loggedHosts = ConcurrentHashMap.newKeySet();

  /** Whether the log has said that Go nodes send no secret. Once is enough. */
  private final AtomicBoolean warnedOfSecret = new AtomicBoolean();

  GroupcacheHandler(ClusterNode cluster, boolean goRing) {
    this.cluster = cluster;
    this.goRing = goRing;
  }

  CompletableFuture<Reply> answer(Request request) {
    if (!goRing) {
      return refused(404, "geecache.groupcache is not true on this node");
    }
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return now(
          Reply.error(405, Status.METHOD_NOT_ALLOWED, "method not allowed")
              .with("Allow", "GET, HEAD"));
    }
    String path = request.rawPath();
    int slash = path.indexOf('/', 1);
    if (slash < 0 || request.rawQuery() != null || request.hasBody()) {
      return refused(400, "bad request");
    }
    String name = unescaped(path.substring(1, slash));
    Optional<LocalGroup> group = name == null ? Optional.empty() : find(name);
    if (group.isEmpty()) {
      String shown = name == null ? path.substring(1, slash) : name;
      return now(Reply.error(404, Status.NO_SUCH_GROUP, "no such group: " + shown));
    }
    String key = unescaped(path.substring(slash + 1));
    if (key == null) {
      return refused(400, "key is not UTF-8, escaped as Go's url.QueryEscape does, or is . or ..");
    }
    try {
      Group.requireKey(key);
    } catch (IllegalArgumentException refused) {
      return refused(400, refused.getMessage());
    }
    noteRingMismatch(request, name, key);
    return group
        .get()
        .get(key)
        .handle((answer, failure) -> failure == null ? reply(answer) : ReplyFactory.of(failure));
  }

  /** A Go node knows no versions of values. */
  private Optional<LocalGroup> find(String name) {
    try {
      return Optional.of(cluster.incoming().find(name));
    } catch (RefusedException otherVersion) {
      return Optional.empty();
    }
  }

  /**
   * Decodes {@code raw}. Returns null if {@code url.QueryEscape} cannot have written it, and for
   * {@code .} and {@code ..}: Go does not escape them, and containers and proxies give them a
   * meaning of their own.
   */
  private static @Nullable String unescaped(String raw) {
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (!(c >= 'a' && c <= 'z')
          && !(c >= 'A' && c <= 'Z')
          && !(c >= '0' && c <= '9')
          && UNESCAPED_MARKS.indexOf(c) < 0) {
        return null;
      }
    }
    String text = PercentCoding.decode(raw, true);
    return ".".equals(text) || "..".equals(text) ? null : text;
  }

  /** Sends no stale value: a Go node keeps its copies until it has no more room. */
  private static Reply reply(CachedValue answer) {
    if (answer.origin() == CachedValue.Origin.STALE) {
      return Reply.error(500, Status.LOAD_FAILED, "load failed, and the old value is stale");
    }
    return new Reply(
        200,
        ReplyHeaders.of(
            "Content-Type",
            GroupcacheCodec.CONTENT_TYPE,
            "X-Content-Type-Options",
            "nosniff",
            "Cache-Control",
            "no-store",
            Reply.STATUS_HEADER,
            Status.OK.token()),
        OwnedBytes.view(GroupcacheCodec.encode(answer.value().toByteArray())),
        null);
  }

  /**
   * Notes a request for a key that another node owns. A Go node asks only the owner of a key, so
   * the two nodes have different rings. The name by which the Go node called this one may tell why.
   */
  private void noteRingMismatch(Request request, String group, String key) {
    ClusterView now = cluster.clusterView();
    if (now.self() == null || now.owns(group, key)) {
      return;
    }
    cluster.counters().countViewDifference();
    String called = request.headers().get("Host") + contextPath(request);
    if (loggedHosts.size() < MOST_HOSTS_LOGGED && loggedHosts.add(called)) {
      log.warn(
          "a Go node asked this node, {}, by the name {} for a key of another owner: all nodes must"
              + " have the same list of URLs, byte for byte; here it is {}",
          now.self(),
          ControlCharacters.escape(called),
          now.urls());
    }
  }

  private static String contextPath(Request request) {
    String mapped = request.mappedPath();
    int end = mapped.lastIndexOf('/');
    return end < 0 ? "" : mapped.substring(0, end);
  }

  /**
   * Warns once that Go nodes send no secret. A Go node does not log a refusal: it loads the key
   * itself, every time.
   */
  void warnOfMissingSecret() {
    if (goRing && warnedOfSecret.compareAndSet(false, true)) {
      log.warn(
          "a request to /_groupcache came without the secret: give the HTTPPool of all Go nodes a"
              + " Transport that sends it, or set geecache.public-reads");
    }
  }

  private static CompletableFuture<Reply> refused(int code, String message) {
    return now(Reply.error(code, Status.BAD_REQUEST, message));
  }

  private static CompletableFuture<Reply> now(Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }
}
