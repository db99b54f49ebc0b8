package geecache.http;

import geecache.Ticker;
import geecache.cluster.ClusterNode;
import geecache.cluster.Sender;
import geecache.http.Reply.Status;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Turns a request into a reply: logs it, checks the secret, and passes it to the handler for its
 * kind. Safe for use by many threads.
 */
final class RequestHandler {
  private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

  private final String self;
  private final @Nullable Level requestLevel;
  private final long id;
  private final Secrets secrets;
  private final WrongSecrets wrongSecrets;
  private final boolean publicReads;

  /** Whether there is no secret, so that strangers may ask. */
  private final boolean open;

  private final ClusterNode cluster;
  private final KeyHandler keys;
  private final ClusterHandler messages;
  private final LeaveHandler leaving;
  private final StatusHandler status;
  private final GroupcacheHandler groupcache;
  private final BodyLimits bodiesOfStrangers;
  private final BodyLimits bodiesOfNodes;

  /**
   * Makes a handler.
   *
   * @param self this node's base URL, for the log
   * @param requestLevel the level at which each request is logged; null to log none
   * @param id of this node
   * @param wrongSecrets counts those that requests show
   */
  RequestHandler(
      String self,
      @Nullable Level requestLevel,
      long id,
      PeerOptions options,
      WrongSecrets wrongSecrets,
      ClusterNode cluster,
      KeyHandler keys,
      ClusterHandler messages,
      LeaveHandler leaving,
      StatusHandler status,
      GroupcacheHandler groupcache) {
    this.self = self;
    this.requestLevel = requestLevel;
    this.id = id;
    this.secrets = options.secrets();
    this.wrongSecrets = wrongSecrets;
    this.publicReads = options.publicReads();
    this.open = secrets.isEmpty();
    this.cluster = cluster;
    this.keys = keys;
    this.messages = messages;
    this.leaving = leaving;
    this.status = status;
    this.groupcache = groupcache;
    this.bodiesOfStrangers = bodyLimits(options);
    this.bodiesOfNodes = bodyLimits(options);
  }

  private BodyLimits bodyLimits(PeerOptions options) {
    return new BodyLimits(options, Ticker.system(), cluster.counters()::countBodyRefused);
  }

  /** Answers, now or later. Never throws, and the future never fails. */
  CompletableFuture<Reply> handle(Request request) {
    String header;
    try {
      logRequest(request);
      header = request.headers().get(PeerHeaders.SENDER);
    } catch (RuntimeException | Error fault) {
      return CompletableFuture.completedFuture(ReplyFactory.internalError(fault));
    }
    if (header == null) {
      return withoutFailure(request, null);
    }
    Sender sender = PeerHeaders.parseSender(header);
    if (sender == null) {
      return CompletableFuture.completedFuture(
          Reply.error(400, Status.BAD_REQUEST, PeerHeaders.SENDER + " is malformed"));
    }
    String own = PeerHeaders.of(new Sender(id, sender.number()));
    return withoutFailure(request, sender)
        .thenApply(reply -> reply.with(PeerHeaders.SENDER, own).notToBeTransformed());
  }

  /** Adds no stage to a reply that is complete, such as that of a hit. */
  private CompletableFuture<Reply> withoutFailure(Request request, @Nullable Sender sender) {
    if (isRead(request)) {
      return withoutFailureOf(request, sender);
    }
    BodyLimits bodies = sender == null ? bodiesOfStrangers : bodiesOfNodes;
    try (BodyLimits.Share share = bodies.share()) {
      return withoutFailureOf(request.with(share.limited(request.content())), sender);
    }
  }

  private CompletableFuture<Reply> withoutFailureOf(Request request, @Nullable Sender sender) {
    try {
      CompletableFuture<Reply> reply = answer(request, sender);
      return reply.isDone() && !reply.isCompletedExceptionally()
          ? reply
          : reply.exceptionally(ReplyFactory::internalError);
    } catch (BodyLimits.Refused refused) {
      return CompletableFuture.completedFuture(refused.reply);
    } catch (IOException left) { // Nothing but the request's body is read.
      log.debug("a request's body did not come to its end", left);
      return CompletableFuture.completedFuture(
          Reply.error(400, Status.BAD_REQUEST, "the body of the request did not come to its end"));
    } catch (RuntimeException | Error fault) {
      return CompletableFuture.completedFuture(ReplyFactory.internalError(fault));
    }
  }

  private CompletableFuture<Reply> answer(Request request, @Nullable Sender sender)
      throws IOException {
    String authorization = open ? null : request.headers().get("Authorization");
    boolean trusted = open || secrets.isShownIn(authorization);
    if (!trusted && !(isRead(request) && publicReads)) {
      if (request.mapping() == Request.Mapping.GROUPCACHE) {
        groupcache.warnOfMissingSecret();
      }
      return CompletableFuture.completedFuture(unauthorized(authorization));
    }
    if (StatusHandler.isFor(request)) {
      return open
          ? CompletableFuture.completedFuture(StatusHandler.needsSecret())
          : status.answer(request, sender != null);
    }
    if (request.mapping() == Request.Mapping.NODES && request.rawPath().equals(LeaveHandler.PATH)) {
      return open
          ? CompletableFuture.completedFuture(ReplyFactory.changesNeedSecret())
          : leaving.answer(request);
    }
    if (request.mapping() == Request.Mapping.NODES) {
      return CompletableFuture.completedFuture(messages.answer(request));
    }
    if (request.mapping() == Request.Mapping.GROUPCACHE) {
      return groupcache.answer(request);
    }
    boolean ofNode = sender != null && trusted;
    if (ofNode) {
      compareViews(request, sender);
    }
    return keys.answer(request, ofNode ? sender : null);
  }

  /**
   * Returns the refusal of a request that has to show the secret; null if it does, or none is set.
   * A wrong secret is counted.
   */
  @Nullable Reply refusal(@Nullable String authorization) {
    return open || secrets.isShownIn(authorization) ? null : unauthorized(authorization);
  }

  /** Whether the sender calls itself a node, and shows the secret. */
  boolean isProvenNode(Request request) {
    return !open
        && request.headers().get(PeerHeaders.SENDER) != null
        && secrets.isShownIn(request.headers().get("Authorization"));
  }

  private Reply unauthorized(@Nullable String authorization) {
    if (authorization != null) {
      wrongSecrets.add();
    }
    return ReplyFactory.unauthorized();
  }

  private static boolean isRead(Request request) {
    return request.mapping() != Request.Mapping.NODES
        && (request.method().equals("GET") || request.method().equals("HEAD"));
  }

  private void compareViews(Request request, Sender sender) {
    String header = request.headers().get(PeerHeaders.VIEW);
    if (header != null) {
      cluster.compareView(fingerprint(header), sender.node());
    }
  }

  private static @Nullable Long fingerprint(String header) {
    try {
      return Long.parseUnsignedLong(header, 16);
    } catch (NumberFormatException malformed) {
      return null;
    }
  }

  /** Logs a request as {@code [Server <self>] <METHOD> <path>}. */
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
