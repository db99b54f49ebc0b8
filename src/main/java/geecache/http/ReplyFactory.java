package geecache.http;

import geecache.ByteView;
import geecache.CacheException;
import geecache.CachedValue;
import geecache.ClosedException;
import geecache.KeyNotFoundException;
import geecache.LeaseGiven;
import geecache.LoadException;
import geecache.LoadTimeoutException;
import geecache.NotReachedException;
import geecache.NotReachedException.Reason;
import geecache.OverloadedException;
import geecache.cluster.RefusedException;
import geecache.cluster.VersionVector;
import geecache.http.Reply.Status;
import geecache.internal.EscapedThrowable;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a group's answers and failures as HTTP: validators (RFC 9110, sections 8.8 and 13.1),
 * freshness (RFC 9111, sections 4.2 and 5) and {@code Cache-Status} (RFC 9211).
 */
final class ReplyFactory {
  private static final Logger log = LoggerFactory.getLogger(ReplyFactory.class);

  /** The seconds that a client should wait after the node was overloaded. */
  private static final String RETRY_AFTER = "1";

  private ReplyFactory() {}

  /**
   * Returns the answer to a peer: as to a client, with times to the millisecond and the stamp.
   *
   * @param known the changes that this node knew before it read the value; null if the peer does
   *     not want to know
   * @param rate how often callers of other nodes asked for the value in a minute; 0 if rarely
   */
  static Reply toPeer(
      CachedValue answer,
      String contentType,
      @Nullable String ifNoneMatch,
      boolean isPrivate,
      @Nullable VersionVector known,
      int rate) {
    Reply reply = of(answer, contentType, ifNoneMatch, isPrivate);
    PeerHeaders.Life life = PeerHeaders.Life.of(answer);
    if (life != null) {
      reply = reply.with(PeerHeaders.LIFE, life.toString());
      if (answer.timeToLive() == null) {
        reply = reply.with(PeerHeaders.ENDLESS, "true");
      }
    }
    if (answer.change() != null) {
      reply = reply.with(PeerHeaders.STAMP, PeerHeaders.of(answer.change()));
    }
    if (known != null) {
      reply = reply.with(PeerHeaders.KNOWN, PeerHeaders.of(known));
    }
    if (rate > 0) {
      reply = reply.with(PeerHeaders.RATE, String.valueOf(rate));
    }
    return reply;
  }

  /**
   * Returns the answer to a peer whose get failed. If only its time is over, it may have callers by
   * now who wait for longer, and is told to ask again.
   */
  static Reply toPeer(Throwable failure, boolean canLoad) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof LeaseGiven given) {
      return Reply.error(202, Status.LEASED, "load the key yourself")
          .with(PeerHeaders.LEASE, String.valueOf(given.number()));
    }
    if (canLoad && cause instanceof KeyNotFoundException absent && absent.isUnfilled()) {
      return Reply.error(404, Status.UNFILLED, absent.getMessage());
    }
    return cause instanceof LoadTimeoutException late && late.isStillLoading()
        ? pending(false)
        : of(failure);
  }

  /**
   * Tells a node to ask again.
   *
   * @param queued whether the load waits for a place
   */
  static Reply pending(boolean queued) {
    Reply reply = Reply.error(202, Status.PENDING, "loading, ask again");
    return queued ? reply.with(PeerHeaders.QUEUED, "true") : reply;
  }

  /** RFC 9111, section 5.2.1.7. */
  static Reply notCached() {
    return Reply.error(504, Status.NOT_CACHED, "not in memory");
  }

  static Reply changesNeedSecret() {
    return Reply.error(
        403, Status.FORBIDDEN, "changes need a secret: set geecache.secret on all nodes");
  }

  static Reply of(RefusedException refused) {
    return switch (refused.reason()) {
      case CHANGES_NOT_ALLOWED -> changesNeedSecret();
      case OTHER_NODE, NOT_IN_CONTACT -> Reply.error(403, Status.FORBIDDEN, refused.getMessage());
      case BEHIND -> Reply.error(503, Status.BEHIND, refused.getMessage());
      case BAD_REQUEST -> Reply.error(400, Status.BAD_REQUEST, refused.getMessage());
    };
  }

  static Reply unauthorized() {
    return Reply.error(401, Status.UNAUTHORIZED, "the secret of this cluster is required")
        .with("WWW-Authenticate", "Bearer");
  }

  static Reply noContent() {
    return new Reply(
        204, ReplyHeaders.of(Reply.STATUS_HEADER, Status.OK.token()), ByteView.of(""), null);
  }

  /**
   * Returns the value, or {@code 304} if one of the client's validators matches it.
   *
   * @param isPrivate whether clients must show a secret to read: caches between them and the node
   *     must not give the answer to others (RFC 9111, section 5.2.2.7)
   */
  static Reply of(
      CachedValue answer, String contentType, @Nullable String ifNoneMatch, boolean isPrivate) {
    String etag = EntityTags.of(answer.value().digest());
    boolean modified = ifNoneMatch == null || !EntityTags.hasMatch(ifNoneMatch, etag);
    return new Reply(
        modified ? 200 : 304,
        ReplyHeaders.of(
            "ETag",
            etag,
            "Cache-Control",
            isPrivate ? "private, " + cacheControl(answer) : cacheControl(answer),
            "Age",
            answer.age() == null ? null : String.valueOf(answer.age().toSeconds()),
            "Cache-Status",
            cacheStatus(answer),
            Reply.STATUS_HEADER,
            Status.OK.token(),
            "Content-Type",
            modified ? contentType : null,
            "X-Content-Type-Options",
            modified ? "nosniff" : null),
        modified ? answer.value() : ByteView.of(""),
        null);
  }

  /** Logs an internal error of the node under an id. The reply has the id alone. */
  static Reply internalError(Throwable fault) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    log.error("internal error: {}", id, EscapedThrowable.of(fault));
    return Reply.error(500, Status.INTERNAL_ERROR, "internal error: " + id);
  }

  static Reply overloaded(String message) {
    return Reply.error(503, Status.OVERLOADED, message).with("Retry-After", RETRY_AFTER);
  }

  /** Returns the failure of a get, even if a future wraps it. */
  static Reply of(Throwable thrown) {
    Throwable failure = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    if (!(failure instanceof CacheException known)) {
      throw new CompletionException(failure);
    }
    String message = known.getMessage();
    if (known instanceof KeyNotFoundException) {
      return Reply.error(404, Status.NO_SUCH_KEY, message);
    }
    if (known instanceof LoadTimeoutException) {
      return Reply.error(504, Status.LOAD_TIMEOUT, message);
    }
    if (known instanceof OverloadedException) {
      return overloaded(message);
    }
    if (known instanceof ClosedException) {
      return Reply.error(503, Status.CLOSED, message).with("Retry-After", RETRY_AFTER);
    }
    if (known instanceof NotReachedException missed) {
      Set<Reason> reasons = Set.copyOf(missed.reasons().values());
      return reasons.contains(Reason.NOT_REACHED)
          ? Reply.error(502, Status.NOT_REACHED, message)
          : Reply.error(
              reasons.equals(Set.of(Reason.TOO_LARGE)) ? 413 : 502, Status.REFUSED, message);
    }
    if (known instanceof LoadException) {
      return Reply.error(500, Status.LOAD_FAILED, message);
    }
    throw new AssertionError("a failure without an answer", known);
  }

  /**
   * As {@link #of(Throwable)}, to a client.
   *
   * @param isPrivate whether clients must show a secret to read: they may learn the names of nodes
   */
  static Reply toClient(Throwable thrown, boolean isPrivate) {
    Throwable failure = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return isPrivate && failure instanceof LoadTimeoutException late && late.peer().isPresent()
        ? Reply.error(504, Status.LOAD_TIMEOUT, late.getMessage() + " (" + late.peer().get() + ")")
        : of(thrown);
  }

  /** Uses relative times: the clocks of nodes and clients may differ. */
  private static String cacheControl(CachedValue answer) {
    if (answer.timeToLive() == null) {
      return "no-cache";
    }
    // Clients subtract Age from max-age, so max-age is the whole time to live.
    Duration life = answer.age().plus(answer.timeToLive());
    return "max-age=" + Math.max(0, life.toSeconds());
  }

  private static String cacheStatus(CachedValue answer) {
    if (answer.origin() == CachedValue.Origin.HIT && answer.timeToLive() == null) {
      return "geecache; hit"; // As below; the most frequent case needs no strings joined.
    }
    String ttl = answer.timeToLive() == null ? "" : "; ttl=" + answer.timeToLive().toSeconds();
    return "geecache"
        + switch (answer.origin()) {
          case HIT -> "; hit" + ttl;
          case PEER -> "; fwd=miss" + ttl + "; detail=peer";
          case MISS -> "; fwd=miss" + ttl;
          case EXPIRED -> "; fwd=stale" + ttl;
          case STALE -> "; fwd=stale" + ttl + "; detail=stale-if-error";
        }
        + (answer.stored() ? "; stored" : "")
        + (answer.collapsed() ? "; collapsed" : "");
  }
}
