package geecache.http;

import com.google.protobuf.InvalidProtocolBufferException;
import geecache.CachedValue;
import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.OwnedBytes;
import geecache.ValueTooLargeException;
import geecache.cluster.IncomingRequests;
import geecache.cluster.KeyRead;
import geecache.cluster.PeerCounters;
import geecache.cluster.RefusedException;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.Reply.Status;
import geecache.internal.FairPlaces;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests for keys: reads of one key and of many, and changes. A request of another node
 * is answered from memory or by a load of this node; no third node is asked.
 */
final class KeyHandler {
  private static final Pattern MAX_AGE =
      Pattern.compile("(?:^|[,\\s])max-age\\s*=\\s*\"?(\\d+)\"?", Pattern.CASE_INSENSITIVE);

  /** A time to live with more digits counts as 68 years (RFC 9111, section 1.2.2). */
  private static final int LONGEST_MAX_AGE = 10;

  private final Geecache node;
  private final IncomingRequests incoming;
  private final PeerCounters counters;
  private final PeerThreads threads;

  /** Whether there is a secret: changes need one. */
  private final boolean changesAllowed;

  /** Whether reads need the secret. */
  private final boolean isPrivate;

  private final FairPlaces openAnswers;

  /**
   * Strangers have places of their own, so that they take none from nodes. A sender that cannot
   * prove that it is a node is a stranger here.
   */
  private final FairPlaces openAnswersToStrangers;

  /**
   * Makes a handler.
   *
   * @param incoming answers the reads of nodes
   */
  KeyHandler(
      Geecache node,
      IncomingRequests incoming,
      PeerCounters counters,
      PeerThreads threads,
      PeerOptions options) {
    this.node = node;
    this.incoming = incoming;
    this.counters = counters;
    this.threads = threads;
    this.changesAllowed = !options.secrets().isEmpty();
    this.isPrivate = changesAllowed && !options.publicReads();
    LocalNode local = node.local();
    this.openAnswers = new FairPlaces(options.maxOpenAnswers(), local::groupCount);
    this.openAnswersToStrangers = new FairPlaces(options.maxOpenAnswers(), local::groupCount);
  }

  /**
   * Answers.
   *
   * @param sender the node that the request comes from; null if it bears no mark of a node, or not
   *     the secret. Without a secret a mark proves nothing
   */
  CompletableFuture<Reply> answer(Request request, @Nullable Sender sender) throws IOException {
    try {
      return switch (request.method()) {
        case "GET", "HEAD" -> get(request, sender);
        case "POST" -> post(request, sender);
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

  /** Ends a request that breaks a rule, from any depth of calls. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Reply reply;

    Refused(Reply reply) {
      super(null, null, false, false); // Nobody reads the stack trace.
      this.reply = reply;
    }
  }

  private CompletableFuture<Reply> get(Request request, @Nullable Sender sender) throws Refused {
    if (request.hasBody()) {
      throw badRequest(request.method() + " takes no body");
    }
    KeyTarget asked = KeyTarget.parse(request.rawPath(), request.rawQuery());
    requireOneKey(asked);
    Group group = group(asked);
    String key = key(request, asked, group);
    String contentType = group.contentType();
    String ifNoneMatch = request.headers().get("If-None-Match");
    if (sender == null) {
      return reply(
          group.answer(key),
          ifNoneMatch,
          (value, validators) -> ReplyFactory.of(value, contentType, validators, isPrivate),
          failure -> ReplyFactory.toClient(failure, isPrivate));
    }
    KeyRead read =
        new KeyRead(
            key,
            removed(request),
            isOnlyIfCached(request),
            left(request),
            count(request, PeerHeaders.CALLERS, 1),
            count(request, PeerHeaders.COPY_HITS, 0),
            "true".equals(request.headers().get(PeerHeaders.LEASE)));
    requireKnown(required(request));
    VersionVector known = read.onlyIfCached() ? incoming.known() : null; // Before the value.
    LocalGroup local = LocalNode.partOf(group);
    CompletableFuture<@Nullable CachedValue> answer = incoming.read(local, read, sender.node());
    CompletableFuture<Reply> reply =
        reply(
            answer,
            ifNoneMatch,
            (value, validators) ->
                value == null
                    ? ReplyFactory.notCached()
                    : ReplyFactory.toPeer(
                        value, contentType, validators, isPrivate, known, local.rate(key)),
            failure -> ReplyFactory.toPeer(failure, read.canLoad()));
    return pendingAfter(
        request.headers().get(PeerHeaders.WAIT),
        reply,
        () -> incoming.hold(local, read, sender.node(), answer));
  }

  private static List<Removal.Named> removed(Request request) throws Refused {
    String header = request.headers().get(PeerHeaders.REMOVED);
    List<Removal.Named> removed =
        header == null
            ? List.of()
            : PeerHeaders.parseRemoved(header, request.headers().get(PeerHeaders.REMOVED_TIMES));
    if (removed == null) {
      throw badRequest(PeerHeaders.REMOVED + " is malformed");
    }
    return removed;
  }

  private static @Nullable Duration left(Request request) throws Refused {
    String header = request.headers().get(PeerHeaders.LEFT);
    try {
      return header == null ? null : PeerHeaders.left(Long.parseUnsignedLong(header));
    } catch (NumberFormatException malformed) {
      throw badRequest(PeerHeaders.LEFT + " is malformed");
    }
  }

  private static int count(Request request, String name, int ifAbsent) throws Refused {
    String header = request.headers().get(name);
    Integer count = header == null ? Integer.valueOf(ifAbsent) : PeerHeaders.parseCount(header);
    if (count == null) {
      throw badRequest(name + " is malformed");
    }
    return count;
  }

  private static VersionVector required(Request request) throws Refused {
    String header = request.headers().get(PeerHeaders.REQUIRED);
    VersionVector required = header == null ? VersionVector.EMPTY : PeerHeaders.parseKnown(header);
    if (required == null) {
      throw badRequest(PeerHeaders.REQUIRED + " is malformed");
    }
    return required;
  }

  private void requireKnown(VersionVector required) throws Refused {
    try {
      incoming.requireKnown(required);
    } catch (RefusedException behind) {
      throw new Refused(ReplyFactory.of(behind));
    }
  }

  private static boolean isOnlyIfCached(Request request) {
    return KeyReader.ONLY_IF_CACHED.equals(request.headers().get("Cache-Control"));
  }

  /** Adds no stage to an answer that is complete, such as that of a hit. */
  private static CompletableFuture<Reply> reply(
      CompletableFuture<@Nullable CachedValue> future,
      @Nullable String ifNoneMatch,
      BiFunction<@Nullable CachedValue, @Nullable String, Reply> toReply,
      Function<Throwable, Reply> ofFailure) {
    if (future.isDone() && !future.isCompletedExceptionally()) {
      return now(toReply.apply(future.join(), ifNoneMatch));
    }
    return future.handle(
        (answer, failure) ->
            failure == null ? toReply.apply(answer, ifNoneMatch) : ofFailure.apply(failure));
  }

  /**
   * Answers "pending" if {@code reply} is not complete after {@code wait} milliseconds.
   *
   * @param putOff runs then, before the answer; returns whether the load waits for a place
   */
  private CompletableFuture<Reply> pendingAfter(
      @Nullable String wait, CompletableFuture<Reply> reply, BooleanSupplier putOff)
      throws Refused {
    if (wait == null || reply.isDone()) {
      return reply;
    }
    CompletableFuture<Reply> either = new CompletableFuture<>();
    AtomicBoolean decided = new AtomicBoolean(); // To put the answer off may end the reply.
    try {
      var timeout =
          threads
              .timer()
              .schedule(
                  () -> {
                    if (decided.compareAndSet(false, true)) {
                      boolean queued = false;
                      try {
                        queued = putOff.getAsBoolean();
                      } finally {
                        either.complete(ReplyFactory.pending(queued));
                      }
                    }
                  },
                  Long.parseLong(wait),
                  TimeUnit.MILLISECONDS);
      reply.whenComplete(
          (value, failure) -> {
            if (!decided.compareAndSet(false, true)) {
              return;
            }
            if (failure == null) {
              either.complete(value);
            } else {
              either.completeExceptionally(failure);
            }
          });
      either.whenComplete((r, failure) -> timeout.cancel(false));
      return either;
    } catch (NumberFormatException malformed) {
      throw badRequest(PeerHeaders.WAIT + " is malformed");
    } catch (RejectedExecutionException closed) {
      return reply;
    }
  }

  private CompletableFuture<Reply> post(Request request, @Nullable Sender sender)
      throws IOException, Refused {
    KeyTarget named = KeyTarget.parse(request.rawPath(), request.rawQuery());
    if (!named.hasNoKey()) {
      throw badRequest("POST reads many keys of a group, named in its body");
    }
    Group group = group(named);
    if (!BatchCodec.CONTENT_TYPE.equals(request.headers().get("Content-Type"))) {
      throw new Refused(
          Reply.error(
              415, Status.UNSUPPORTED, "the body has to be of type " + BatchCodec.CONTENT_TYPE));
    }
    BatchRead asked;
    try {
      asked = BatchCodec.readRequest(request.stream(BatchCodec.LONGEST_REQUEST));
    } catch (Request.TooLongBody tooLong) {
      throw tooLarge("a request may have at most " + BatchCodec.LONGEST_REQUEST + " bytes");
    } catch (InvalidProtocolBufferException malformed) {
      throw badRequest("malformed request: " + malformed.getMessage());
    }
    if (sender != null) {
      requireKnown(asked.required());
    }
    FairPlaces places = sender != null && changesAllowed ? openAnswers : openAnswersToStrangers;
    boolean peeks = asked.keys().stream().anyMatch(KeyRead::onlyIfCached);
    VersionVector known = // Before the values are read.
        sender != null && peeks ? incoming.known() : null;
    return now(
        new BatchAnswer(places, group.name(), counters, threads.executor())
            .reply(asked, known, source(LocalNode.partOf(group), sender)));
  }

  private BatchAnswer.Source source(LocalGroup group, @Nullable Sender sender) {
    return new BatchAnswer.Source() {
      @Override
      public LocalGroup.Burst beginBurst() {
        return group.beginBurst();
      }

      @Override
      public CompletableFuture<@Nullable CachedValue> get(KeyRead read) {
        return sender == null
            ? group.getForGuest(read.key())
            : incoming.read(group, read, sender.node());
      }

      @Override
      public int rate(KeyRead read) {
        return sender == null ? 0 : group.rate(read.key());
      }

      @Override
      public boolean putOff(KeyRead read, CompletableFuture<@Nullable CachedValue> answer) {
        if (sender == null) {
          answer.cancel(false);
          return false;
        }
        return incoming.hold(group, read, sender.node(), answer);
      }
    };
  }

  private CompletableFuture<Reply> change(Request request) throws IOException, Refused {
    if (!changesAllowed) {
      throw new Refused(ReplyFactory.changesNeedSecret());
    }
    KeyTarget named = KeyTarget.parse(request.rawPath(), request.rawQuery());
    boolean put = request.method().equals("PUT");
    if (!put && !named.hasNoKey() && named.all()) {
      throw badRequest("all=true is for a whole group, and a key is named too");
    }
    if (!put && named.hasNoKey()) {
      Group group = group(named);
      if (!named.all()) {
        throw badRequest("DELETE of a whole group needs ?all=true");
      }
      return reply(group.clearAsync());
    }
    requireOneKey(named);
    Group group = group(named);
    String key = key(request, named, group);
    if (!put) {
      return reply(group.removeAsync(key));
    }
    byte[] value = request.body(group.maxValueBytes());
    if (value == null) {
      String length = request.headers().get("Content-Length");
      throw tooLarge(
          "a value of this group may have at most %d bytes, and this one has %s"
              .formatted(group.maxValueBytes(), length == null ? "more" : length));
    }
    Duration life = maxAge(request.headers().get("Cache-Control"));
    try {
      return reply(group.setAsync(key, OwnedBytes.view(value), life));
    } catch (ValueTooLargeException noRoom) {
      throw tooLarge(noRoom.getMessage());
    }
  }

  private static CompletableFuture<Reply> reply(CompletableFuture<Void> change) {
    return change.handle(
        (none, failure) -> failure == null ? ReplyFactory.noContent() : ReplyFactory.of(failure));
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

  private static void requireOneKey(KeyTarget asked) throws Refused {
    if (asked.hasNoKey()) {
      throw badRequest("bad request"); // As the seed has it.
    }
    if (asked.repeated()) {
      throw badRequest("the query has more than one key");
    }
    if (!asked.hasOneKey()) {
      throw badRequest("there is a key in the path and one in the query");
    }
  }

  private Group group(KeyTarget asked) throws Refused {
    String name = PercentCoding.decode(asked.rawGroup(), false);
    if (name == null) {
      throw badRequest("group is not percent-encoded UTF-8");
    }
    return node.find(name).orElseThrow(() -> new Refused(noSuchGroup(name)));
  }

  private static Reply noSuchGroup(String name) {
    return Reply.error(404, Status.NO_SUCH_GROUP, "no such group: " + name);
  }

  /** Returns the key that the request names. */
  private static String key(Request request, KeyTarget asked, Group group) throws Refused {
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

  /** Whether {@code path} is {@code /group/key}. Joins no strings to find out. */
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
