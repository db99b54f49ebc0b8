package geecache.http;

import geecache.cluster.LinkFailure;
import geecache.cluster.Sender;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client of a node: sends a request to a peer and returns the answer, if it is one of a
 * node. Every step has a time limit. So have the head of an answer, each frame or 64 KiB of its
 * body, and the whole answer: a peer that sends a byte now and then cannot hold a thread. Safe for
 * use by many threads.
 */
final class PeerClient implements AutoCloseable {
  /** How many questions for operators are under way to one peer, at most. */
  static final int REPORTS = 2;

  /**
   * The connections beside those for reads: for changes, meetings, entries handed over, and for
   * operators.
   */
  static final int MESSAGES = 6 + REPORTS;

  private static final String NO_BODY_TYPE = "";
  private static final String IDENTITY = "identity";

  /** How long a connection over TLS is used. Certificates may be replaced meanwhile. */
  private static final TimeValue TLS_LIFE = TimeValue.ofMinutes(10);

  private final long self;
  private final PeerOptions options;
  private final PeerConnections connections;
  private final AtomicLong numbers = new AtomicLong();
  private final Set<Exchange> underWay = ConcurrentHashMap.newKeySet();

  /**
   * Makes a client without connections.
   *
   * @param self the id of this node
   */
  PeerClient(long self, PeerOptions options) {
    this(self, options, TLS_LIFE);
  }

  /**
   * Makes a client without connections.
   *
   * @param tlsLife how long a connection over TLS is used
   */
  PeerClient(long self, PeerOptions options, TimeValue tlsLife) {
    this.self = self;
    this.options = options;
    int most = options.connections() + options.maxOpenAnswers() + MESSAGES;
    this.connections = new PeerConnections(options, most, tlsLife);
  }

  /** Turns an answer into a result, and reads as much of its body as it needs. */
  @FunctionalInterface
  interface Reader<T> {
    T read(PeerReply reply) throws IOException;
  }

  /**
   * A request to a peer.
   *
   * @param peer the peer's base URL
   * @param pathAndQuery follows the path of the base URL
   * @param headers names and values in turn
   * @param body sent as {@code contentType}; null for none
   * @param limit the time within which the whole answer must have come
   */
  record Question(
      String method,
      URI peer,
      String pathAndQuery,
      String[] headers,
      String contentType,
      byte @Nullable [] body,
      Duration limit) {

    static Question get(URI peer, String pathAndQuery, String[] headers, Duration limit) {
      return new Question("GET", peer, pathAndQuery, headers, NO_BODY_TYPE, null, limit);
    }

    static Question post(
        URI peer, String pathAndQuery, String[] headers, String type, byte[] body, Duration limit) {
      return new Question("POST", peer, pathAndQuery, headers, type, body, limit);
    }
  }

  /** A request that is under way, and the time when it is given up. */
  private static final class Exchange {
    final HttpUriRequestBase request;

    private final Thread thread = Thread.currentThread();
    private final URI peer;

    /** The time by which the whole answer must have come. */
    private final long end;

    /** The time without progress after which it is given up, in nanoseconds. */
    private final long patience;

    /**
     * Written by the thread that reads the answer, read by the watchdog. A stale read delays the
     * giving up by one round.
     */
    volatile long deadline;

    /**
     * Starts the clock.
     *
     * @param head the time within which the head of the answer must have come
     */
    Exchange(HttpUriRequestBase request, Question question, Duration head, Duration silence) {
      long now = System.nanoTime();
      this.request = request;
      this.peer = question.peer();
      this.end = now + TimeUnit.NANOSECONDS.convert(question.limit());
      this.patience = 2 * silence.toNanos();
      long first = now + TimeUnit.NANOSECONDS.convert(head);
      this.deadline = first - end < 0 ? first : end;
    }

    /** Whether nobody waits for the answer any more, or it takes too long. */
    boolean isOver(long now) {
      return now - deadline > 0 || thread.isInterrupted();
    }

    /** Notes that the head, a frame or a piece of the body has come. */
    void noteProgress() {
      long next = System.nanoTime() + patience;
      deadline = next - end < 0 ? next : end;
    }
  }

  /**
   * Sends a request, and blocks until {@code reader} has read the answer.
   *
   * @throws LinkFailure if there is no answer, or it is not the answer of a node to this request
   * @throws IOException if anything else fails; the peer then counts as silent
   */
  <T> T ask(Question question, Reader<T> reader) throws IOException {
    HttpUriRequestBase request = request(question);
    long number = numbers.incrementAndGet();
    request.setHeader(PeerHeaders.SENDER, PeerHeaders.of(new Sender(self, number)));
    Duration silence = options.timeout();
    Exchange exchange = new Exchange(request, question, silence.multipliedBy(2), silence);
    return send(
        exchange,
        silence,
        (response, body) ->
            reader.read(check(response, body, question, number, exchange::noteProgress)));
  }

  /**
   * Sends a request to a Go node, which knows neither marks nor status headers: {@code reader} must
   * check that the answer is a Go node's. A Go node sends nothing while it loads.
   *
   * @param head the time within which the head of the answer must have come
   * @throws IOException if there is no answer
   */
  <T> T askGo(Question question, Duration head, Reader<T> reader) throws IOException {
    Exchange exchange = new Exchange(request(question), question, head, options.timeout());
    return send(
        exchange,
        head,
        (response, body) -> {
          String status = value(response, Reply.STATUS_HEADER);
          return reader.read(
              reply(response, body, 0, status == null ? "" : status, exchange::noteProgress));
        });
  }

  private HttpUriRequestBase request(Question question) {
    URI base = question.peer();
    HttpUriRequestBase request =
        new HttpUriRequestBase(
            question.method(), base.resolve(base.getRawPath() + question.pathAndQuery()));
    request.setHeader("Accept-Encoding", IDENTITY);
    String authorization = options.secrets().authorization();
    if (authorization != null) {
      request.setHeader("Authorization", authorization);
    }
    for (int i = 0; i < question.headers().length; i += 2) {
      request.setHeader(question.headers()[i], question.headers()[i + 1]);
    }
    if (question.body() != null) {
      request.setEntity(
          new ByteArrayEntity(question.body(), ContentType.create(question.contentType())));
    }
    return request;
  }

  private <T> T send(Exchange exchange, Duration patience, PeerConnections.Reader<T> reader)
      throws IOException {
    URI base = exchange.peer;
    underWay.add(exchange);
    try {
      return connections.exchange(
          hostOf(base),
          exchange.request,
          Timeout.of(patience),
          (response, body) -> {
            exchange.noteProgress();
            return reader.read(response, body);
          });
    } catch (SSLException refused) {
      throw LinkFailure.untrusted(TlsTrouble.of(refused), refused);
    } catch (HttpException malformed) {
      throw LinkFailure.silent("its answer is malformed: " + malformed.getMessage(), malformed);
    } catch (RuntimeException closed) {
      throw LinkFailure.silent("the connection cannot be used: " + closed, closed);
    } finally {
      underWay.remove(exchange);
    }
  }

  private static PeerReply check(
      ClassicHttpResponse response,
      InputStream body,
      Question question,
      long number,
      Runnable progress)
      throws IOException {
    String status = value(response, Reply.STATUS_HEADER);
    if (status == null) {
      throw LinkFailure.silent(notFromNode(response.getCode(), question), null);
    }
    String header = value(response, PeerHeaders.SENDER);
    Sender sender = header == null ? null : PeerHeaders.parseSender(header);
    if (sender == null || sender.number() != number) {
      throw LinkFailure.silent(
          "its answer belongs to another request: " + PeerHeaders.SENDER + " " + header, null);
    }
    return reply(response, body, sender.node(), status, progress);
  }

  /**
   * Names the path of a message, but no key: it goes into the log. Without a mapping, some
   * containers answer a {@code POST} with 404, others with 405.
   */
  private static String notFromNode(int code, Question question) {
    String messages = Request.Mapping.NODES.path();
    boolean isMessage = question.pathAndQuery().startsWith(messages);
    String what =
        "%d without %s from %s%s"
            .formatted(
                code,
                Reply.STATUS_HEADER,
                question.peer(),
                isMessage ? question.pathAndQuery() : "");
    return (code == 404 || code == 405) && isMessage
        ? "is the servlet mapped to %s*? (%s)".formatted(messages, what)
        : what;
  }

  /** A body that was coded on the way is not what the peer sent: its bytes are not the value's. */
  private static PeerReply reply(
      ClassicHttpResponse response, InputStream body, long node, String status, Runnable progress)
      throws IOException {
    String coding = value(response, "Content-Encoding");
    if (coding != null && !coding.equalsIgnoreCase(IDENTITY)) {
      throw LinkFailure.silent(
          "its answer has Content-Encoding "
              + coding
              + ", which the node itself never sends: is there a container or a proxy between"
              + " nodes that compresses?",
          null);
    }
    return new PeerReply(
        node, response.getCode(), status, name -> value(response, name), body, progress);
  }

  private static @Nullable String value(ClassicHttpResponse response, String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? null : header.getValue();
  }

  /**
   * Gives up requests beyond their limits or of interrupted threads, and closes connections that
   * were idle for long. Called at regular intervals.
   */
  void watch() {
    long now = System.nanoTime();
    for (Exchange exchange : underWay) {
      if (exchange.isOver(now)) {
        exchange.request.cancel();
      }
    }
    connections.closeLongIdle();
  }

  /** Returns how many connections to a peer there are. */
  PeerConnections.Use connections(String url) {
    return connections.use(hostOf(URI.create(url)));
  }

  private static HttpHost hostOf(URI base) {
    return new HttpHost(base.getScheme(), base.getHost(), base.getPort());
  }

  /** Gives up all requests to one peer. */
  void giveUp(URI peer) {
    for (Exchange exchange : underWay) {
      if (exchange.peer.equals(peer)) {
        exchange.request.cancel();
      }
    }
  }

  /** Closes all connections that are not in use, to all peers. */
  void closeIdle() {
    connections.closeIdle();
  }

  /** Ends all requests under way, and closes all connections. */
  @Override
  public void close() {
    underWay.forEach(exchange -> exchange.request.cancel());
    connections.close();
  }
}
