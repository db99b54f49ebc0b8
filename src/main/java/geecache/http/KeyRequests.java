package geecache.http;

import geecache.ByteView;
import geecache.CacheException;
import geecache.CachedValue;
import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.http.BatchCodec.Asked;
import geecache.http.Reply.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests for keys: reads of one key and of many, and changes. A request that comes from a
 * node is answered from memory or by a load of this node's own, and asks no other.
 */
final class KeyRequests {
  private static final Pattern MAX_AGE =
      Pattern.compile("(?:^|[,\\s])max-age\\s*=\\s*\"?(\\d+)\"?", Pattern.CASE_INSENSITIVE);

  /** Past this many digits, a time to live is as good as 68 years (RFC 9111, section 1.2.2). */
  private static final int LONGEST_MAX_AGE = 10;

  private final Geecache node;
  private final PeerLinks links;
  private final ChangesOfOthers changes;
  private final Semaphore parking;

  /** Strangers have places of their own, so that they take none from nodes. */
  private final Semaphore parkingOfStrangers;

  KeyRequests(Geecache node, PeerLinks links, ChangesOfOthers changes) {
    this.node = node;
    this.links = links;
    this.changes = changes;
    this.parking = new Semaphore(links.options().parked());
    this.parkingOfStrangers = new Semaphore(links.options().parked());
  }

  /**
   * Answers.
   *
   * @param ofNode whether a node asks
   */
  CompletableFuture<Reply> answer(Request request, boolean ofNode) throws IOException {
    try {
      return switch (request.method()) {
        case "GET", "HEAD" -> get(request, ofNode);
        case "POST" -> post(request, ofNode);
        case "PUT", "DELETE" -> change(request);
        default ->
            throw new Refused(
                Reply.error(405, Status.METHOD_NOT_ALLOWED, "method not allowed")
                    .with("Allow", "GET, HEAD, POST, PUT, DELETE"));
      };
    } catch (Refused refused) {
      return now(refused.reply);
    }
  }

  /** Ends a request that breaks a rule, wherever that shows. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Reply reply;

    Refused(Reply reply) {
      super(null, null, false, false); // Nobody looks at where it came from.
      this.reply = reply;
    }
  }

  private CompletableFuture<Reply> get(Request request, boolean ofNode) throws Refused {
    if (request.hasBody()) {
      throw badRequest(request.method() + " takes no body");
    }
    KeyRequest asked = KeyRequest.parse(request.rawPath(), request.rawQuery());
    requireOneKey(asked);
    Group group = group(asked);
    String key = key(request, asked, group);
    String ifNoneMatch = request.headers().get("If-None-Match");
    if (!ofNode) {
      return reply(group.answer(key), ifNoneMatch, Replies::of);
    }
    LocalGroup local = LocalGroup.of(group);
    String removed = request.headers().get(CarriedHeader.NAME);
    if (removed != null) {
      List<Removal.Carried> carried = CarriedHeader.parse(removed);
      if (carried == null) {
        throw badRequest(CarriedHeader.NAME + " is malformed");
      }
      changes.catchUp(local, key, carried);
    }
    if (KeyQuestion.ONLY_IF_CACHED.equals(request.headers().get("Cache-Control"))) {
      CachedValue held = local.handOut(key);
      return now(held == null ? Replies.notCached() : Replies.toPeer(held, ifNoneMatch));
    }
    return pendingAfter(
        request.headers().get(PeerMark.WAIT_HEADER),
        reply(local.get(key), ifNoneMatch, Replies::toPeer));
  }

  /** Adds no stage to an answer that is there, as that of a hit is. */
  private static CompletableFuture<Reply> reply(
      CompletableFuture<CachedValue> future,
      @Nullable String ifNoneMatch,
      BiFunction<CachedValue, @Nullable String, Reply> toReply) {
    if (future.isDone() && !future.isCompletedExceptionally()) {
      return now(toReply.apply(future.join(), ifNoneMatch));
    }
    return future.handle(
        (answer, failure) ->
            failure == null ? toReply.apply(answer, ifNoneMatch) : Replies.of(failure));
  }

  /** Says "pending" when {@code reply} is not there in as many milliseconds as {@code wait} has. */
  private CompletableFuture<Reply> pendingAfter(
      @Nullable String wait, CompletableFuture<Reply> reply) throws Refused {
    if (wait == null || reply.isDone()) {
      return reply;
    }
    CompletableFuture<Reply> either = reply.copy();
    try {
      var timeout =
          links
              .timer()
              .schedule(
                  () -> either.complete(Replies.pending()),
                  Long.parseLong(wait),
                  TimeUnit.MILLISECONDS);
      either.whenComplete((r, failure) -> timeout.cancel(false));
      return either;
    } catch (NumberFormatException malformed) {
      throw badRequest(PeerMark.WAIT_HEADER + " is malformed");
    } catch (RejectedExecutionException closed) {
      return reply;
    }
  }

  private CompletableFuture<Reply> post(Request request, boolean ofNode)
      throws IOException, Refused {
    KeyRequest named = KeyRequest.parse(request.rawPath(), request.rawQuery());
    if (!named.namesNoKey()) {
      throw badRequest("POST reads many keys of a group, named in its body");
    }
    Group group = group(named);
    if (!BatchCodec.CONTENT_TYPE.equals(request.headers().get("Content-Type"))) {
      throw new Refused(
          Reply.error(
              415, Status.UNSUPPORTED, "the body has to be of type " + BatchCodec.CONTENT_TYPE));
    }
    byte[] body = request.body(BatchCodec.LONGEST_REQUEST);
    if (body == null) {
      throw tooLarge("a request may have at most " + BatchCodec.LONGEST_REQUEST + " bytes");
    }
    Asked asked;
    try {
      asked = BatchCodec.readRequest(body);
    } catch (IOException malformed) {
      throw badRequest("malformed request: " + malformed.getMessage());
    }
    if (!ofNode) {
      return now(
          new BatchAnswer(parkingOfStrangers, links).to(asked, ask -> group.answer(ask.key())));
    }
    LocalGroup local = LocalGroup.of(group);
    return now(
        new BatchAnswer(parking, links)
            .to(
                asked,
                ask -> {
                  changes.catchUp(local, ask.key(), ask.removed());
                  return ask.onlyIfCached()
                      ? CompletableFuture.completedFuture(
                          local.handOut(Group.requireKey(ask.key())))
                      : local.get(ask.key());
                }));
  }

  private CompletableFuture<Reply> change(Request request) throws IOException, Refused {
    if (links.options().secrets().isEmpty()) {
      throw new Refused(Replies.changesNeedSecret());
    }
    KeyRequest named = KeyRequest.parse(request.rawPath(), request.rawQuery());
    boolean put = request.method().equals("PUT");
    if (!put && named.namesNoKey()) {
      Group group = group(named);
      if (!named.all()) {
        throw badRequest("DELETE of a whole group needs ?all=true");
      }
      return changed(group::clear);
    }
    requireOneKey(named);
    Group group = group(named);
    String key = key(request, named, group);
    if (!put) {
      return changed(() -> group.remove(key));
    }
    byte[] value = request.body(group.maxValueBytes());
    if (value == null) {
      throw tooLarge("a value of this group may have at most " + group.maxValueBytes() + " bytes");
    }
    Duration life = maxAge(request.headers().get("Cache-Control"));
    return changed(() -> group.set(key, ByteView.of(value), life));
  }

  private interface Change {
    void make() throws CacheException;
  }

  /** A change waits for other nodes, and so runs on a thread of its own. */
  private CompletableFuture<Reply> changed(Change change) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            change.make();
            return Replies.noContent();
          } catch (CacheException notReached) {
            return Replies.of(notReached);
          }
        },
        links.executor());
  }

  private static @Nullable Duration maxAge(@Nullable String cacheControl) {
    if (cacheControl == null) {
      return null;
    }
    Matcher matcher = MAX_AGE.matcher(cacheControl);
    if (!matcher.find()) {
      return null;
    }
    String seconds = matcher.group(1).replaceFirst("^0+(?=.)", "");
    return Duration.ofSeconds(
        seconds.length() > LONGEST_MAX_AGE ? Integer.MAX_VALUE : Long.parseLong(seconds));
  }

  private static void requireOneKey(KeyRequest asked) throws Refused {
    if (!asked.namesOneKey()) {
      throw badRequest("bad request");
    }
  }

  private Group group(KeyRequest asked) throws Refused {
    String name = PercentCoding.decode(asked.rawGroup(), false);
    if (name == null) {
      throw badRequest("group is not percent-encoded UTF-8");
    }
    return node.find(name)
        .orElseThrow(
            () -> new Refused(Reply.error(404, Status.NO_SUCH_GROUP, "no such group: " + name)));
  }

  /** Returns the one key that is asked for. */
  private static String key(Request request, KeyRequest asked, Group group) throws Refused {
    boolean inPath = asked.rawPathKey() != null;
    String key = PercentCoding.decode(inPath ? asked.rawPathKey() : asked.rawQueryKey(), !inPath);
    if (key == null) {
      throw badRequest("key is not percent-encoded UTF-8");
    }
    try {
      Group.requireKey(key);
    } catch (IllegalArgumentException refused) {
      throw badRequest(refused.getMessage());
    }
    if (inPath && !isPath(request.pathInfo(), group.name(), key)) {
      throw badRequest(
          "the path cannot carry this key, ask for "
              + request.mappedPath()
              + "/"
              + group.name()
              + "?key="
              + PercentCoding.encode(key));
    }
    return key;
  }

  /** Whether {@code path} is {@code /group/key}; joins no strings to find out. */
  private static boolean isPath(@Nullable String path, String group, String key) {
    return path != null
        && path.length() == group.length() + key.length() + 2
        && path.startsWith("/")
        && path.startsWith(group, 1)
        && path.startsWith("/", group.length() + 1)
        && path.endsWith(key);
  }

  private static Refused badRequest(String message) {
    return new Refused(Reply.error(400, Status.BAD_REQUEST, message));
  }

  private static Refused tooLarge(String message) {
    return new Refused(Reply.error(413, Status.BAD_REQUEST, message));
  }

  private static CompletableFuture<Reply> now(Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }
}
