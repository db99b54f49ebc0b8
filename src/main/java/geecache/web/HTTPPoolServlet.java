package geecache.web;

import geecache.ByteView;
import geecache.Geecache;
import geecache.http.HTTPPool;
import geecache.http.Reply;
import geecache.http.Request;
import geecache.settings.Settings;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the node of its web application, or one that was made in code. It is mapped to {@code
 * /_geecache/*} or to any other prefix; to {@code /_cluster/*} too if there are other nodes, and to
 * {@code /_groupcache/*} if some of them are Go nodes. A thin adapter: {@link HTTPPool} decides
 * about the answers.
 */
public final class HTTPPoolServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  private static final Logger log = LoggerFactory.getLogger(HTTPPoolServlet.class);

  /** The attribute of a parked request that holds the reply it waits for. */
  private static final String PARKED = HTTPPoolServlet.class.getName() + ".parked";

  /**
   * The longest answer that is written at once although the container's buffer does not hold it.
   */
  private static final int LONGEST_AT_ONCE = 128 << 10;

  /** Containers keep a buffer that somebody else has enlarged. */
  private static final int LONGEST_BUFFERED = 32 << 10;

  /** Whether the log has the advice about synchronous filters: once is enough. */
  private final transient AtomicBoolean warned = new AtomicBoolean();

  /** The node that was made in code; null for that of the web application. */
  private final transient @Nullable ServedNode given;

  /** Written by {@link #init}, which the container runs before any request; null if disabled. */
  private transient @Nullable HTTPPool pool;

  /** Written with {@link #pool}. */
  private transient Mappings mappings = Mappings.NONE;

  /** Written with {@link #pool}; null if every host is allowed. */
  private transient @Nullable AllowedHosts hosts;

  /**
   * One for each large answer that may hold a thread of the container. Written with {@link #pool}.
   */
  private transient Semaphore blockingAnswers = new Semaphore(0);

  /** What large answers hold. Written with {@link #pool}. */
  private transient UntakenValues untaken = new UntakenValues(0);

  /**
   * Serves the node of the web application, which settings describe. For the container, or for code
   * that registers the servlet.
   */
  public HTTPPoolServlet() {
    this.given = null;
  }

  /**
   * Serves {@code node}, which was made in code; its maker closes it. No settings are read.
   *
   * @throws IllegalArgumentException if the node has no {@link HTTPPool}
   */
  public HTTPPoolServlet(Geecache node) {
    this(node, ServletOptions.defaults());
  }

  /** As {@link #HTTPPoolServlet(Geecache)}, with other limits. */
  public HTTPPoolServlet(Geecache node, ServletOptions options) {
    this.given = ServedNode.of(node, options);
    given.pool().noteServer();
  }

  @Override
  public void init() throws ServletException {
    ServedNode served = given != null ? given : configured();
    if (served != null) {
      mappings = Mappings.of(getServletContext(), getServletName());
      pool = served.pool();
      hosts = served.hosts();
      blockingAnswers = new Semaphore(served.options().maxBlockingAnswers());
      untaken = new UntakenValues(served.options().maxAnswerBytes());
      log.info("geecache answers at {}", pool.baseUrl());
    }
  }

  private @Nullable ServedNode configured() {
    Settings settings = ContextSettings.of(getServletContext());
    return NodeSettingTable.isSwitchedOff(settings)
        ? null
        : WebNode.served(getServletContext(), settings);
  }

  /** Ends the node of the web application, in case there is no listener that does so after this. */
  @Override
  public void destroy() {
    if (pool != null && given == null) {
      WebNode.end(getServletContext());
    }
  }

  /**
   * Answers hits at once, and parks all other requests. A parked request holds no thread of the
   * container until its load has ended and the container dispatches it once more.
   */
  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (pool == null) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    Request asked = read(request, mappings);
    if (hosts != null && !hosts.allows(request.getServerName())) {
      write(AllowedHosts.refusal(), asked, request, response);
      return;
    }
    CompletableFuture<Reply> reply = takeParked(request, asked);
    if (reply == null) {
      reply = pool.handle(asked);
      if (!reply.isDone() && park(request, asked, reply)) {
        return;
      }
    }
    write(reply.join(), asked, request, response);
  }

  /** The reply that a request waits for, and the request as it came in first. */
  private record Parked(Request asked, CompletableFuture<Reply> reply) {
    boolean isFor(Request other) {
      return asked.method().equals(other.method())
          && asked.rawPath().equals(other.rawPath())
          && Objects.equals(asked.rawQuery(), other.rawQuery());
    }
  }

  /**
   * Returns the reply that this request was parked for, or null if this is its first dispatch. Two
   * cases differ. A request that the application forwarded here is dispatched again to the servlet
   * where it came in, and may be forwarded again for another key: so path and query are compared. A
   * request that came here directly comes here again, but some containers have lost its query or
   * decoded its path by then: so the type of its dispatch decides.
   */
  private static @Nullable CompletableFuture<Reply> takeParked(
      HttpServletRequest request, Request asked) {
    if (request.getDispatcherType()
        == DispatcherType.REQUEST) { // The first dispatch; hits have no other.
      return null;
    }
    if (request.getAttribute(PARKED) instanceof Parked parked
        && (request.getDispatcherType() == DispatcherType.ASYNC || parked.isFor(asked))) {
      request.removeAttribute(PARKED);
      return parked.reply;
    }
    return null;
  }

  /** Returns false if a filter in front forbids it; the caller then waits on its thread. */
  private boolean park(HttpServletRequest request, Request asked, CompletableFuture<Reply> reply) {
    if (!mayBeAsynchronous(request)) {
      return false;
    }
    OpenRequest parked = OpenRequest.of(request); // Its reply comes by the group's own deadline.
    request.setAttribute(PARKED, new Parked(asked, reply));
    reply.thenRun(parked::dispatch);
    return true;
  }

  private boolean mayBeAsynchronous(HttpServletRequest request) {
    boolean may = request.isAsyncSupported();
    if (!may && warned.compareAndSet(false, true)) {
      log.warn(
          "a filter or servlet in front of geecache forbids asynchronous requests: each request"
              + " that waits for a load, or for its client to take a large answer, now blocks a"
              + " thread of the container. Set <async-supported>true</async-supported> on that"
              + " filter or servlet");
    }
    return may;
  }

  private static Request read(HttpServletRequest request, Mappings mappings) {
    String uri = request.getRequestURI();
    String pathInfo = RawPath.pathInfo(request);
    Request.Mapping found = mappings.find(uri, pathInfo);
    return new Request(
        request.getMethod(),
        uri,
        found != null ? pathInfo : RawPath.afterMapping(request),
        pathInfo,
        request.getQueryString(),
        found != null ? found : Mappings.of(request.getServletPath()),
        name -> header(request, name),
        UnreadBody.isAnnounced(request),
        request::getInputStream);
  }

  /** Looks for one line first: most headers are absent, and containers tell that faster. */
  private static @Nullable String header(HttpServletRequest request, String name) {
    return request.getHeader(name) == null
        ? null
        : String.join(",", Collections.list(request.getHeaders(name)));
  }

  private void write(
      Reply reply, Request asked, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (asked.hasBody()) {
      UnreadBody.answer(request, response, () -> writeReply(reply, asked, request, response));
    } else {
      writeReply(reply, asked, request, response);
    }
  }

  private void writeReply(
      Reply reply, Request asked, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (reply.rest() instanceof Reply.Later later) {
      writeHead(reply, response);
      writeInParts(reply, later, request, response);
    } else if (asked.method().equals("HEAD") || hasNoBody(reply)) {
      writeHead(reply, response);
    } else if (reply.length() <= Math.min(response.getBufferSize(), LONGEST_BUFFERED)) {
      writeWhole(reply, response);
    } else if (reply.length() <= LONGEST_AT_ONCE
        && ContainerStreams.isOf(response)
        && pool.isProvenNode(asked)
        && blockingAnswers.tryAcquire()) {
      try {
        writeAtOnce(reply, response);
      } finally {
        blockingAnswers.release();
      }
    } else {
      writeLarge(reply, request, response);
    }
  }

  private static boolean hasNoBody(Reply reply) {
    return reply.code() == HttpServletResponse.SC_NOT_MODIFIED
        || reply.code() == HttpServletResponse.SC_NO_CONTENT;
  }

  private static void writeHead(Reply reply, HttpServletResponse response) {
    response.setStatus(reply.code());
    reply.headers().forEach(response::setHeader);
    if (reply.length() >= 0 && !hasNoBody(reply)) {
      response.setContentLengthLong(reply.length());
    }
  }

  /**
   * Writes an answer of some keys by one write, which a node that reads takes at once: of parts, it
   * would wake up for each. A node that has stopped holds this thread.
   */
  private static void writeAtOnce(Reply reply, HttpServletResponse response) throws IOException {
    writeHead(reply, response);
    reply.inOne().writeTo(response.getOutputStream());
    response.flushBuffer();
  }

  private static void writeWhole(Reply reply, HttpServletResponse response) throws IOException {
    writeHead(reply, response);
    for (Iterator<ByteView> parts = reply.parts(); parts.hasNext(); ) {
      parts.next().writeTo(response.getOutputStream());
    }
  }

  /** Holds no thread of the container; where that cannot be, so many at most. */
  private void writeLarge(Reply reply, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    List<ByteView> values = reply.values();
    if (!untaken.tryHold(values)) {
      refuse(reply, response);
      return;
    }
    boolean staysOpen = false;
    try {
      if (mayBeAsynchronous(request) && LargeAnswer.isPossible(request, response)) {
        OpenRequest open = OpenRequest.of(request, () -> untaken.release(values));
        staysOpen = true;
        writeHead(reply, response);
        LargeAnswer.start(reply.parts(), open, response);
      } else {
        writeBlocking(reply, response);
      }
    } finally {
      if (!staysOpen) {
        untaken.release(values);
      }
    }
  }

  private void writeBlocking(Reply reply, HttpServletResponse response) throws IOException {
    if (!blockingAnswers.tryAcquire()) {
      refuse(reply, response);
      return;
    }
    try {
      writeWhole(reply, response);
    } finally {
      blockingAnswers.release();
    }
  }

  private void refuse(Reply reply, HttpServletResponse response) throws IOException {
    writeWhole(pool.refuse(reply, "too many large answers are being written"), response);
  }

  /** Holds no thread of the container, unless a filter in front forbids asynchronous requests. */
  private static void writeInParts(
      Reply reply, Reply.Later rest, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    OutputStream out;
    OpenRequest open;
    OutputStream guarded;
    try {
      out = response.getOutputStream();
      reply.body().writeTo(out);
      response.flushBuffer();
      open = request.isAsyncSupported() ? OpenRequest.of(request) : null;
      guarded = open == null ? out : open.guarded(out);
    } catch (IOException | RuntimeException | Error gone) {
      rest.abandon();
      throw gone;
    }
    if (open == null) {
      rest.writeTo(guarded);
      return;
    }
    try {
      rest.start(guarded, open::complete);
    } catch (RejectedExecutionException closed) {
      open.complete();
    }
  }
}
