package geecache.http;

import geecache.http.Reply.Status;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Turns a request into a reply: logs it, asks for the secret, and gives it to whoever answers
 * requests of its kind. Safe for use by many threads.
 */
final class RequestHandler {
  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);

  private final String self;
  private final @Nullable Level requestLevel;
  private final PeerLinks links;

  /** Whether there is no secret, so that anybody may ask. */
  private final boolean open;

  private final Supplier<View> view;
  private final OtherViews otherViews;
  private final KeyRequests keyRequests;
  private final NodeRequests nodeRequests;
  private final LeaveRequests leaveRequests;
  private final GroupcacheRequests groupcacheRequests;

  /**
   * Answers nothing yet.
   *
   * @param self this node's base URL, for the log
   * @param requestLevel the level at which each request is logged; null for not at all
   */
  RequestHandler(
      String self,
      @Nullable Level requestLevel,
      PeerLinks links,
      Supplier<View> view,
      OtherViews otherViews,
      KeyRequests keyRequests,
      NodeRequests nodeRequests,
      LeaveRequests leaveRequests,
      GroupcacheRequests groupcacheRequests) {
    this.self = self;
    this.requestLevel = requestLevel;
    this.links = links;
    this.open = links.options().secrets().isEmpty();
    this.view = view;
    this.otherViews = otherViews;
    this.keyRequests = keyRequests;
    this.nodeRequests = nodeRequests;
    this.leaveRequests = leaveRequests;
    this.groupcacheRequests = groupcacheRequests;
  }

  /** As {@link HTTPPool#handle} promises. */
  CompletableFuture<Reply> handle(Request request) {
    String header;
    try {
      logRequest(request);
      header = request.headers().get(PeerMark.HEADER);
    } catch (RuntimeException | Error fault) {
      return CompletableFuture.completedFuture(internalError(fault));
    }
    if (header == null) {
      return withoutFailure(request, null);
    }
    PeerMark mark = PeerMark.parse(header);
    if (mark == null) {
      return CompletableFuture.completedFuture(
          Reply.error(400, Status.BAD_REQUEST, PeerMark.HEADER + " is malformed"));
    }
    String own = new PeerMark(links.self(), mark.number()).toString();
    return withoutFailure(request, mark).thenApply(reply -> reply.with(PeerMark.HEADER, own));
  }

  /** Adds no stage to a reply that is there, as that of a hit is. */
  private CompletableFuture<Reply> withoutFailure(Request request, @Nullable PeerMark mark) {
    try {
      CompletableFuture<Reply> reply = answer(request, mark);
      return reply.isDone() && !reply.isCompletedExceptionally()
          ? reply
          : reply.exceptionally(RequestHandler::internalError);
    } catch (IOException | RuntimeException | Error fault) {
      return CompletableFuture.completedFuture(internalError(fault));
    }
  }

  private CompletableFuture<Reply> answer(Request request, @Nullable PeerMark mark)
      throws IOException {
    boolean trusted =
        open || links.options().secrets().accept(request.headers().get("Authorization"));
    if (!trusted && !(isRead(request) && links.options().publicReads())) {
      if (request.mapping() == Request.Mapping.GROUPCACHE) {
        groupcacheRequests.refuseStranger();
      }
      return CompletableFuture.completedFuture(Replies.unauthorized());
    }
    if (request.mapping() == Request.Mapping.NODES
        && request.rawPath().equals(LeaveRequests.PATH)) {
      return open
          ? CompletableFuture.completedFuture(Replies.changesNeedSecret())
          : leaveRequests.answer(request);
    }
    if (request.mapping() == Request.Mapping.NODES) {
      return CompletableFuture.completedFuture(nodeRequests.answer(request));
    }
    if (request.mapping() == Request.Mapping.GROUPCACHE) {
      return groupcacheRequests.answer(request);
    }
    boolean ofNode = mark != null && trusted;
    if (ofNode) {
      compareViews(request, mark);
    }
    return keyRequests.answer(request, ofNode);
  }

  private static boolean isRead(Request request) {
    return request.mapping() != Request.Mapping.NODES
        && (request.method().equals("GET") || request.method().equals("HEAD"));
  }

  /** Nodes that disagree on the ring answer all the same; it is counted, and told if it lasts. */
  private void compareViews(Request request, PeerMark mark) {
    String header = request.headers().get(PeerMark.VIEW_HEADER);
    if (header == null) {
      return;
    }
    try {
      View now = view.get();
      long other = Long.parseUnsignedLong(header, 16);
      if (other != now.fingerprint()) {
        links.counters().viewDifferences.increment();
        boolean changing = now.former().isOpen(System.nanoTime());
        if (!changing && otherViews.hasLasted(other, System.nanoTime())) {
          log.warn(
              "another node (id {}) knows of other nodes than this one, and has for {} s; this one"
                  + " knows {}: lists of nodes have to be the same on all",
              HexFormat.of().toHexDigits(mark.node()),
              OtherViews.TRANSITION.toSeconds(),
              List.copyOf(now.urls()));
        }
      }
    } catch (NumberFormatException malformed) {
      links.counters().viewDifferences.increment();
    }
  }

  /** Logs a fault of the node's own under an id, and tells the id alone. */
  static Reply internalError(Throwable fault) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    log.error("internal error: {}", id, ControlCharacters.escape(fault));
    return Reply.error(500, Status.INTERNAL_ERROR, "internal error: " + id);
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
            ControlCharacters.escape(self),
            ControlCharacters.escape(request.method()),
            ControlCharacters.escape(request.uri() + query));
  }
}
