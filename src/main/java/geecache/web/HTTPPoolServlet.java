package geecache.web;

import geecache.Geecache;
import geecache.http.HTTPPool;
import geecache.http.Reply;
import geecache.http.Request;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the node of its web application, mapped to {@code /_geecache/*} or to any other prefix. A
 * thin adapter: what is answered is decided by {@link HTTPPool}.
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

  /** Made by the container, or by whoever registers it in code. */
  public HTTPPoolServlet() {}

  @Override
  public void init() throws ServletException {
    Settings settings = Settings.of(getServletContext());
    if (settings.enabled()) {
      pool =
          new HTTPPool(
              Geecache.of(getServletContext()),
              settings.self(),
              basePath(),
              settings.requestLevel());
      log.info("geecache answers at {}", pool.baseUrl());
    }
  }

  /** Where it is mapped, if by a prefix: {@code /_geecache/*} is {@code /_geecache/}. */
  private String basePath() {
    ServletRegistration own = getServletContext().getServletRegistration(getServletName());
    return own == null
        ? HTTPPool.DEFAULT_BASE_PATH
        : own.getMappings().stream()
            .filter(mapping -> mapping.endsWith("/*"))
            .map(mapping -> mapping.substring(0, mapping.length() - 1))
            .findFirst()
            .orElse(HTTPPool.DEFAULT_BASE_PATH);
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
    Request asked = read(request);
    CompletableFuture<Reply> reply = takeParked(request, asked);
    if (reply == null) {
      reply = pool.handle(asked);
      if (!reply.isDone() && park(request, asked, reply)) {
        return;
      }
    }
    write(reply.join(), request, response);
  }

  /** A reply that a request waits for, and what it asked for. */
  private record Parked(Request asked, CompletableFuture<Reply> reply) {}

  /**
   * Returns the reply that this request was parked for, if this is its second dispatch, and null
   * else. A request that was forwarded here is dispatched again to where it came in first, and so
   * is forwarded again, maybe to ask for something else; then what it asks for tells. A request
   * that came here by itself comes here again, but some containers have lost its query or decoded
   * its path by then: how it is dispatched tells.
   */
  private static @Nullable CompletableFuture<Reply> takeParked(
      HttpServletRequest request, Request asked) {
    if (request.getAttribute(PARKED) instanceof Parked parked
        && (request.getDispatcherType() == DispatcherType.ASYNC || parked.asked.equals(asked))) {
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
    AsyncContext parked = request.startAsync();
    parked.setTimeout(0); // Its deadline is the group's own, which always completes the reply.
    request.setAttribute(PARKED, new Parked(asked, reply));
    reply.thenRun(parked::dispatch);
    return true;
  }

  private static Request read(HttpServletRequest request) {
    return new Request(
        request.getMethod(),
        request.getRequestURI(),
        RawPath.afterMapping(request),
        RawPath.pathInfo(request),
        request.getQueryString(),
        ifNoneMatch(request),
        request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null);
  }

  private static @Nullable String ifNoneMatch(HttpServletRequest request) {
    Enumeration<String> lines = request.getHeaders("If-None-Match");
    return lines == null || !lines.hasMoreElements()
        ? null
        : String.join(",", Collections.list(lines));
  }

  private static void write(Reply reply, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setStatus(reply.code());
    reply.headers().forEach(response::setHeader);
    if (reply.code() == HttpServletResponse.SC_NOT_MODIFIED) {
      return;
    }
    response.setContentLength(reply.body().length());
    if (!request.getMethod().equals("HEAD")) {
      reply.body().writeTo(response.getOutputStream());
    }
  }
}
