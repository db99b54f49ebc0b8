package geecache.web;

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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the node of its web application, mapped to {@code /_geecache/*} or to any other prefix, to
 * {@code /_cluster/*} where there are other nodes, and to {@code /_groupcache/*} where some of them
 * are Go's. A thin adapter: what is answered is decided by {@link HTTPPool}.
 */
public final class HTTPPoolServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  private static final Logger log = LoggerFactory.getLogger(HTTPPoolServlet.class);

  /** The attribute of a parked request that holds what it waits for. */
  private static final String PARKED = HTTPPoolServlet.class.getName() + ".parked";

  /** Whether the remedy for synchronous filters was named: once is enough. */
  private final transient AtomicBoolean warned = new AtomicBoolean();

  /** Written by {@link #init}, which the container runs before any request; null if disabled. */
  private transient @Nullable HTTPPool pool;

  /** Written with {@link #pool}. */
  private transient Mappings mappings = Mappings.NONE;

  /** Made by the container, or by whoever registers it in code. */
  public HTTPPoolServlet() {}

  @Override
  public void init() throws ServletException {
    Settings settings = ContextSettings.of(getServletContext());
    if (!NodeSettingTable.isSwitchedOff(settings)) {
      mappings = Mappings.of(getServletContext(), getServletName());
      pool = WebNode.of(getServletContext(), settings);
      log.info("geecache answers at {}", pool.baseUrl());
    }
  }

  /** The listener does the same, after this; where there is none, nobody else would. */
  @Override
  public void destroy() {
    if (pool != null) {
      WebNode.end(getServletContext());
    }
  }

  /**
   * Answers at once what memory can answer, and parks the rest: the request then holds no thread of
   * the container until its load is over and the container is asked to dispatch it once more.
   */
  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (pool == null) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    Request asked = read(request, mappings);
    CompletableFuture<Reply> reply = takeParked(request, asked);
    if (reply == null) {
      reply = pool.handle(asked);
      if (!reply.isDone() && park(request, asked, reply)) {
        return;
      }
    }
    write(reply.join(), asked.method(), request, response);
  }

  /** A reply that a request waits for, and what it asked for. */
  private record Parked(Request asked, CompletableFuture<Reply> reply) {
    boolean isFor(Request other) {
      return asked.method().equals(other.method())
          && asked.rawPath().equals(other.rawPath())
          && Objects.equals(asked.rawQuery(), other.rawQuery());
    }
  }

  /**
   * Returns the reply that this request was parked for, if this is its second dispatch, and null
   * else. A request that was forwarded here is dispatched again to where it came in first, and so
   * is forwarded again, maybe to ask for something else; then what it asks for tells. A request
   * that came here by itself comes here again, but some containers have lost its query or decoded
   * its path by then: how it is dispatched tells.
   */
  private static @Nullable CompletableFuture<Reply> takeParked(
      HttpServletRequest request, Request asked) {
    if (request.getDispatcherType() == DispatcherType.REQUEST) { // Its first, as for all hits.
      return null;
    }
    if (request.getAttribute(PARKED) instanceof Parked parked
        && (request.getDispatcherType() == DispatcherType.ASYNC || parked.isFor(asked))) {
      request.removeAttribute(PARKED);
      return parked.reply;
    }
    return null;
  }

  /** Returns false where a filter in front forbids it: then the caller has to wait. */
  private boolean park(HttpServletRequest request, Request asked, CompletableFuture<Reply> reply) {
    if (!request.isAsyncSupported()) {
      if (warned.compareAndSet(false, true)) {
        log.warn(
            "a filter or servlet in front of geecache forbids asynchronous requests, so that each"
                + " one that waits for a load holds a thread of the container: set"
                + " <async-supported>true</async-supported> on it");
      }
      return false;
    }
    OpenRequest parked = OpenRequest.of(request); // The group's own deadline completes the reply.
    request.setAttribute(PARKED, new Parked(asked, reply));
    reply.thenRun(parked::dispatch);
    return true;
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
        request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null,
        request::getInputStream);
  }

  /** Most headers that are asked for are absent, which containers tell faster of one line. */
  private static @Nullable String header(HttpServletRequest request, String name) {
    return request.getHeader(name) == null
        ? null
        : String.join(",", Collections.list(request.getHeaders(name)));
  }

  private static void write(
      Reply reply, String method, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setStatus(reply.code());
    reply.headers().forEach(response::setHeader);
    if (reply.code() == HttpServletResponse.SC_NOT_MODIFIED
        || reply.code() == HttpServletResponse.SC_NO_CONTENT) {
      return;
    }
    if (reply.rest() != null) {
      writeBitByBit(reply, reply.rest(), request, response);
      return;
    }
    response.setContentLength(reply.body().length());
    if (!method.equals("HEAD")) {
      reply.body().writeTo(response.getOutputStream());
    }
  }

  /** The rest holds no thread of the container, unless a filter in front forbids that. */
  private static void writeBitByBit(
      Reply reply, Reply.Rest rest, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    OutputStream out;
    OpenRequest open;
    try {
      out = response.getOutputStream();
      reply.body().writeTo(out);
      response.flushBuffer();
      open = request.isAsyncSupported() ? OpenRequest.of(request) : null;
    } catch (IOException | RuntimeException | Error gone) {
      rest.abandon();
      throw gone;
    }
    if (open == null) {
      rest.writeTo(out);
      return;
    }
    try {
      rest.start(open.guarded(out), open::complete);
    } catch (RejectedExecutionException closed) {
      open.complete();
    }
  }
}
