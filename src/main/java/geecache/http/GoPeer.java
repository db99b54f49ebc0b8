package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.failsafe.CircuitBreaker;
import geecache.ByteView;
import geecache.ControlCharacters;
import geecache.Fetched;
import geecache.Group;
import geecache.LoadException;
import geecache.LoadTimeoutException;
import geecache.OverloadedException;
import geecache.http.PeerClient.Question;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
  private final CircuitBreaker<Object> breaker;
  private final AtomicBoolean probing = new AtomicBoolean();

  /** Guards the four below. No I/O runs under it, and no action of who waits. */
  private final Object lock = new Object();

  private final ArrayDeque<Wanted> waiting = new ArrayDeque<>();
  private int senders;
  private boolean retired;
  private @Nullable Future<?> watch;

  /**
   * Made true by probes, and false under {@code lock}; a picker that reads it late is told so when
   * it asks.
   */
  private volatile boolean inContact;

  /** When it last gave a sign of life, by {@link System#nanoTime}; a late reader probes. */
  private volatile long heard = System.nanoTime();

  /** Why it is not in contact, as last logged. Written by probes alone, one at a time. */
  private String trouble = "";

  GoPeer(String url, PeerLinks links) {
    this.url = url;
    this.base = URI.create(url);
    this.links = links;
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
    return inContact;
  }

  @Override
  public void seekContact() {
    long silence = links.options().silence().toMillis();
    synchronized (lock) {
      try {
        watch =
            links.timer().scheduleWithFixedDelay(this::watch, 0, silence, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        retired = true;
      }
    }
  }

  @Override
  public CompletableFuture<Fetched> get(Group group, String key) {
    Wanted wanted = new Wanted(group, key);
    boolean full = false;
    boolean send = false;
    synchronized (lock) {
      if (retired || !inContact) {
        wanted.isNowhere(PeerFailure.silent("no contact with " + url, null)); // Nobody waits yet.
      } else if (waiting.size() >= links.options().waiting()) {
        full = true;
      } else {
        waiting.add(wanted);
        send = senders < links.options().connections();
        senders += send ? 1 : 0;
      }
    }
    if (full) {
      links.counters().refused.increment();
      wanted.fails(
          new OverloadedException(
              "overloaded: %d keys are waiting to be asked of one node"
                  .formatted(links.options().waiting())));
    } else if (send) {
      startSender();
    }
    return wanted.answer;
  }

  private void startSender() {
    try {
      links.executor().execute(this::send);
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      synchronized (lock) {
        senders--;
      }
      failWaiting(PeerFailure.silent("the node is closed, or has no thread", noThread));
    }
  }

  /** Runs on a thread of its own until nothing waits. */
  private void send() {
    for (Wanted next = take(); next != null; next = take()) {
      ask(next);
    }
  }

  private @Nullable Wanted take() {
    synchronized (lock) {
      Wanted next = waiting.poll();
      if (next == null) {
        senders--;
      }
      return next;
    }
  }

  private void ask(Wanted wanted) {
    if (wanted.isLate()) {
      wanted.fails(late(wanted));
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
    PeerFailure why =
        failure instanceof PeerFailure known
            ? known
            : PeerFailure.silent(url + " does not answer: " + failure, failure);
    if (why.isUnasked()) {
      links.counters().refused.increment();
      wanted.fails(new OverloadedException("overloaded: all connections to one node are in use"));
    } else if (why.isAlive()) {
      heard = System.nanoTime();
      breaker.recordSuccess();
      wanted.isNowhere(why);
    } else if (wanted.isLate() && inContact) {
      wanted.fails(late(wanted));
    } else {
      links.counters().failures.increment();
      breaker.recordFailure();
      wanted.isNowhere(why);
    }
  }

  private static LoadTimeoutException late(Wanted wanted) {
    return new LoadTimeoutException(
        "gave up waiting for %s/%s, which is loading on another node"
            .formatted(wanted.group.name(), wanted.key),
        null);
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

  private Fetched value(PeerReply reply, Group group) throws IOException {
    String type = reply.headers().get("Content-Type");
    if (!GroupcacheCodec.CONTENT_TYPE.equals(type) || !reply.status().isEmpty()) {
      throw PeerFailure.silent(notGos(reply), null);
    }
    byte[] message = reply.bytes(group.maxValueBytes() + GroupcacheCodec.ALLOWANCE);
    byte[] value = GroupcacheCodec.decode(message);
    if (value.length > group.maxValueBytes()) {
      throw PeerFailure.silent(url + " sent a value of " + value.length + " bytes", null);
    }
    return new Fetched(ByteView.of(value), null, null, false);
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
    boolean expected;
    synchronized (lock) {
      expected = senders > 0;
    }
    boolean silent = System.nanoTime() - heard > links.options().silence().toNanos();
    if ((!inContact || (expected && silent)) && probing.compareAndSet(false, true)) {
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
      if (!inContact) {
        breaker.close();
        inContact = true;
        trouble = "";
        links.log("in contact with " + url + ", a Go node");
      }
    } catch (IOException | RuntimeException | Error failure) {
      String why = failure instanceof PeerFailure ? failure.getMessage() : failure.toString();
      if (inContact) {
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
    synchronized (lock) {
      if (!inContact) {
        return; // By the failures of what was given up, when it was lost.
      }
      inContact = false;
    }
    links.log("lost contact with " + url + ", a Go node: " + why);
    links.client().giveUp(base);
    links.client().closeIdle(); // The probe is to come over a new connection.
    failWaiting(PeerFailure.silent("lost contact with " + url, null));
  }

  private void failWaiting(PeerFailure why) {
    List<Wanted> all;
    synchronized (lock) {
      all = new ArrayList<>(waiting);
      waiting.clear();
    }
    all.forEach(wanted -> wanted.isNowhere(why));
  }

  @Override
  public void retire() {
    synchronized (lock) {
      retired = true;
      if (watch != null) {
        watch.cancel(false);
      }
    }
    failWaiting(PeerFailure.silent(url + " is not in the view any more", null));
  }
}
