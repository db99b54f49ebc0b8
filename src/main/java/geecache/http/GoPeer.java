package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.failsafe.CircuitBreaker;
import geecache.ByteView;
import geecache.LoadException;
import geecache.LocalGroup;
import geecache.PeerValue;
import geecache.http.PeerClient.Question;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.net.URI;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of golang/groupcache, asked for one key at a time as its own peers ask it. It cannot be
 * told of removals, so there is nothing to meet it for: it is in contact while it answers.
 *
 * <p>It says nothing while it loads a key. When nothing was heard of it for a while and something
 * is expected, or when it is out of contact, it is probed: a request that names no key, which
 * groupcache answers at once and in a way of its own. Only a probe makes contact.
 */
final class GoPeer implements ClusterPeer {
  private static final Logger log = LoggerFactory.getLogger(HTTPPool.class);
  private static final String PATH = HTTPPool.GROUPCACHE_PATH;
  private static final int FAILURES_TO_OPEN = 3;
  private static final int LONGEST_ERROR = 64 << 10;

  private final String url;
  private final URI base;
  private final PeerLinks links;
  private final SendQueue queue;
  private final CircuitBreaker<Object> breaker;
  private final AtomicBoolean probing = new AtomicBoolean();

  /** Set once, when contact is first sought. */
  private volatile @Nullable Future<?> watch;

  /** When it last gave a sign of life, by {@link System#nanoTime}; a late reader probes. */
  private volatile long heard = System.nanoTime();

  /** Why it is not in contact, as last logged. Written by probes alone, one at a time. */
  private String trouble = "";

  GoPeer(String url, PeerLinks links) {
    this.url = url;
    this.base = URI.create(url);
    this.links = links;
    this.queue =
        new SendQueue(
            url,
            links,
            false,
            () -> true,
            () -> links.options().connections(),
            () -> 1,
            (batch, turn) -> ask(batch.get(0)));
    this.breaker =
        CircuitBreaker.builder()
            .withFailureThreshold(FAILURES_TO_OPEN)
            .onOpen(event -> lose(FAILURES_TO_OPEN + " requests in a row failed"))
            .build();
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public boolean isUsable() {
    return queue.isOpen();
  }

  @Override
  public void seekContact() {
    long silence = links.options().silence().toMillis();
    try {
      watch = links.timer().scheduleWithFixedDelay(this::watch, 0, silence, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      queue.end();
    }
  }

  @Override
  public CompletableFuture<PeerValue> get(LocalGroup group, String key) {
    Wanted wanted = new Wanted(group, key);
    queue.add(wanted);
    return wanted.answer;
  }

  private void ask(Wanted wanted) {
    if (wanted.isLate()) {
      wanted.isGivenUp();
      return;
    }
    String path = PATH + wanted.group.name() + "/" + PercentCoding.encode(wanted.key);
    try {
      Question question = Question.get(base, path, new String[0], Wanted.longest(wanted.group));
      links
          .client()
          .askGo(
              question,
              question.limit(),
              reply -> {
                read(reply, wanted);
                return wanted;
              });
      heard = System.nanoTime();
      breaker.recordSuccess();
    } catch (IOException | RuntimeException | Error failure) {
      fail(wanted, failure);
    }
  }

  private void fail(Wanted wanted, Throwable failure) {
    PeerFailure why = PeerFailure.of(url, failure);
    if (why.isUnasked()) {
      links.counters().refused.increment();
      wanted.isUnasked();
    } else if (why.isAlive()) {
      heard = System.nanoTime();
      breaker.recordSuccess();
      wanted.isNowhere(why);
    } else if (wanted.isLate() && queue.isOpen()) {
      wanted.isGivenUp();
    } else {
      links.counters().failures.increment();
      breaker.recordFailure();
      wanted.isNowhere(why);
    }
  }

  private void read(PeerReply reply, Wanted wanted) throws IOException {
    int code = reply.code();
    if (code == 200) {
      wanted.is(value(reply, wanted.group));
      return;
    }
    String message = reply.message();
    boolean own = isGos(reply);
    if (own && code == 500) {
      wanted.fails(loadFailed(wanted, message));
    } else if ((own && (code == 400 || (code == 404 && message.startsWith("no such group"))))
        || code == 301
        || code == 307
        || code == 308) {
      // Go's ServeMux sends what has an empty segment, . or .. somewhere else.
      throw PeerFailure.refused(url + " refused with " + code + ": " + message);
    } else {
      throw PeerFailure.silent(notGos(reply), null);
    }
  }

  private PeerValue value(PeerReply reply, LocalGroup group) throws IOException {
    String type = reply.headers().get("Content-Type");
    if (!GroupcacheCodec.CONTENT_TYPE.equals(type) || !reply.status().isEmpty()) {
      throw PeerFailure.silent(notGos(reply), null);
    }
    byte[] message = reply.bytes(group.maxValueBytes() + GroupcacheCodec.ALLOWANCE);
    byte[] value = GroupcacheCodec.decode(message);
    if (value.length > group.maxValueBytes()) {
      throw PeerFailure.silent(url + " sent a value of " + value.length + " bytes", null);
    }
    return new PeerValue(ByteView.of(value), null, null, false);
  }

  /** Whether it is an error as Go's {@code http.Error} writes it. */
  private static boolean isGos(PeerReply reply) {
    return "text/plain; charset=utf-8".equals(reply.headers().get("Content-Type"))
        && "nosniff".equals(reply.headers().get("X-Content-Type-Options"))
        && reply.status().isEmpty();
  }

  private String notGos(PeerReply reply) {
    return reply.status().isEmpty()
        ? "the " + reply.code() + " of " + url + " is not groupcache's"
        : url + " is no Go node: it belongs into geecache.peers alone";
  }

  /** Go sends whatever message an error has, so clients get an id, and the log has the rest. */
  private LoadException loadFailed(Wanted wanted, String message) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    log.warn(
        "load failed: {} group {} key {} on {}: {}",
        id,
        wanted.group.name(),
        ControlCharacters.escape(wanted.key),
        url,
        ControlCharacters.escape(message));
    return new LoadException("load failed: " + id);
  }

  /** Runs on the timer, so often as it may be silent. */
  private void watch() {
    boolean silent = System.nanoTime() - heard > links.options().silence().toNanos();
    if ((!queue.isOpen() || (silent && queue.isSending())) && probing.compareAndSet(false, true)) {
      try {
        links.executor().execute(this::probe);
      } catch (RejectedExecutionException | OutOfMemoryError noThread) {
        probing.set(false);
      }
    }
  }

  /** A path without a key is "bad request" to groupcache, whatever its groups are. */
  private void probe() {
    try {
      Question question =
          Question.get(base, PATH, new String[0], links.options().silence().multipliedBy(2));
      links.client().askGo(question, links.options().silence(), this::requireGroupcache);
      heard = System.nanoTime();
      if (!queue.isOpen()) {
        breaker.close();
        queue.open();
        trouble = "";
        links.log("in contact with " + url + ", a Go node");
      }
    } catch (IOException | RuntimeException | Error failure) {
      String why = failure instanceof PeerFailure ? failure.getMessage() : failure.toString();
      if (queue.isOpen()) {
        lose(why);
      } else if (!why.equals(trouble)) {
        links.log("no contact with " + url + ", a Go node: " + why);
      }
      trouble = why;
    } finally {
      probing.set(false);
    }
  }

  private boolean requireGroupcache(PeerReply reply) throws IOException {
    String message = new String(reply.bytes(LONGEST_ERROR), UTF_8).strip();
    if (reply.code() == 400 && isGos(reply) && message.equals("bad request")) {
      return true;
    }
    String why = reply.code() == 401 ? " (is geecache.secret the same on both?)" : "";
    throw PeerFailure.refused(notGos(reply) + why);
  }

  /** Nobody asks it until a probe was answered; who waits for it is told. */
  private void lose(String why) {
    if (!queue.close()) {
      return; // By the failures of what was given up, when it was lost.
    }
    links.log("lost contact with " + url + ", a Go node: " + why);
    links.client().giveUp(base);
    links.client().closeIdle(); // The probe is to come over a new connection.
    queue.fail(PeerFailure.silent("lost contact with " + url, null));
  }

  @Override
  public void retire() {
    queue.end();
    Future<?> begun = watch;
    if (begun != null) {
      begun.cancel(false);
    }
    queue.fail(PeerFailure.silent(url + " is not in the view any more", null));
  }
}
