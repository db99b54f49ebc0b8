package geecache.http;

import geecache.ControlCharacters;
import geecache.Geecache;
import geecache.Group;
import geecache.http.Reply.Status;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A node as HTTP sees it: turns a request into a reply. Knows no servlet, so that anything which
 * can fill in a {@link Request} can serve a node. Safe for use by many threads.
 */
public final class HTTPPool {
  /** Where a node's servlet is mapped unless it is told otherwise. */
  public static final String DEFAULT_BASE_PATH = "/_geecache/";

  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);

  private final Geecache node;
  private final String self;
  private final String basePath;
  private final @Nullable Level requestLevel;

  /**
   * Serves {@code node} under {@link #DEFAULT_BASE_PATH}, and logs requests at {@link Level#DEBUG}.
   *
   * @param self this node's base URL, as peers name it, context path included
   */
  public HTTPPool(Geecache node, String self) {
    this(node, self, DEFAULT_BASE_PATH, Level.DEBUG);
  }

  /**
   * Serves {@code node}.
   *
   * @param self this node's base URL, as peers name it, context path included
   * @param basePath where the node is mapped below {@code self}; starts and ends with a slash
   * @param requestLevel the level at which each request is logged, or null for not at all
   * @throws IllegalArgumentException if {@code basePath} breaks its rule
   */
  public HTTPPool(Geecache node, String self, String basePath, @Nullable Level requestLevel) {
    if (!basePath.startsWith("/") || !basePath.endsWith("/")) {
      throw new IllegalArgumentException("base path must start and end with a slash: " + basePath);
    }
    this.node = node;
    this.self = ControlCharacters.escape(self);
    this.basePath = basePath;
    this.requestLevel = requestLevel;
  }

  /** Returns the URL below which peers find this node's groups; ends with a slash. */
  public String baseUrl() {
    return (self.endsWith("/") ? self.substring(0, self.length() - 1) : self) + basePath;
  }

  /**
   * Answers {@code request}, now or once a load is over: what memory can answer is done when this
   * returns. Never blocks, never throws, and the future never fails: a fault of the node's own
   * becomes a {@code 500} with an id, under which the log has it. Dependent actions must be short:
   * they run on a thread of the node's.
   */
  public CompletableFuture<Reply> handle(Request request) {
    try {
      logRequest(request);
      return answer(request).exceptionally(HTTPPool::internalError);
    } catch (RuntimeException | Error fault) {
      return CompletableFuture.completedFuture(internalError(fault));
    }
  }

  private CompletableFuture<Reply> answer(Request request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> get(request);
      default ->
          now(
              Reply.error(405, Status.METHOD_NOT_ALLOWED, "method not allowed")
                  .with("Allow", "GET, HEAD"));
    };
  }

  private static Reply internalError(Throwable fault) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    log.error("internal error: {}", id, ControlCharacters.escape(fault));
    return Reply.error(500, Status.INTERNAL_ERROR, "internal error: " + id);
  }

  private CompletableFuture<Reply> get(Request request) {
    if (request.hasBody()) {
      return badRequest(request.method() + " takes no body");
    }
    KeyRequest asked = KeyRequest.parse(request.rawPath(), request.rawQuery());
    if (!asked.namesOneKey()) {
      return badRequest("bad request");
    }
    String groupName = PercentCoding.decode(asked.rawGroup(), false);
    if (groupName == null) {
      return badRequest("group is not percent-encoded UTF-8");
    }
    Optional<Group> group = node.find(groupName);
    if (group.isEmpty()) {
      return now(Reply.error(404, Status.NO_SUCH_GROUP, "no such group: " + groupName));
    }
    return get(request, asked, group.get());
  }

  private CompletableFuture<Reply> get(Request request, KeyRequest asked, Group group) {
    boolean inPath = asked.rawPathKey() != null;
    String key = PercentCoding.decode(inPath ? asked.rawPathKey() : asked.rawQueryKey(), !inPath);
    if (key == null) {
      return badRequest("key is not percent-encoded UTF-8");
    }
    try {
      Group.requireKey(key);
    } catch (IllegalArgumentException refused) {
      return badRequest(refused.getMessage());
    }
    if (inPath && !("/" + group.name() + "/" + key).equals(request.pathInfo())) {
      return badRequest(
          "the path cannot carry this key, ask for "
              + request.mapping()
              + "/"
              + group.name()
              + "?key="
              + PercentCoding.encode(key));
    }
    return group
        .answer(key)
        .handle(
            (answer, failure) ->
                failure == null ? Replies.of(answer, request.ifNoneMatch()) : Replies.of(failure));
  }

  /** The line of the seed: {@code [Server <self>] <METHOD> <path>}. */
  private void logRequest(Request request) {
    if (requestLevel == null || !log.isEnabledForLevel(requestLevel)) {
      return;
    }
    String query = request.rawQuery() == null ? "" : "?" + request.rawQuery();
    log.atLevel(requestLevel)
        .log(
            "[Server {}] {} {}",
            self,
            ControlCharacters.escape(request.method()),
            ControlCharacters.escape(request.uri() + query));
  }

  private static CompletableFuture<Reply> badRequest(String message) {
    return now(Reply.error(400, Status.BAD_REQUEST, message));
  }

  private static CompletableFuture<Reply> now(Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }
}
