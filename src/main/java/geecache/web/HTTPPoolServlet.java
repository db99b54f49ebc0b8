package geecache.web;

import geecache.Geecache;
import geecache.http.HTTPPool;
import geecache.http.Reply;
import geecache.http.Request;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Serves the node of its web application, mapped to {@code /_geecache/*} or to any other prefix. A
 * thin adapter: what is answered is decided by {@link HTTPPool}.
 */
public final class HTTPPoolServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

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
              HTTPPool.DEFAULT_BASE_PATH,
              settings.requestLevel());
    }
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (pool == null) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    write(pool.handle(read(request)), request, response);
  }

  private static Request read(HttpServletRequest request) {
    return new Request(
        request.getMethod(),
        request.getRequestURI(),
        RawPath.afterMapping(request),
        RawPath.pathInfo(request),
        request.getQueryString(),
        request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null);
  }

  private static void write(Reply reply, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setStatus(reply.code());
    reply.headers().forEach(response::setHeader);
    response.setContentLength(reply.body().length());
    if (!request.getMethod().equals("HEAD")) {
      reply.body().writeTo(response.getOutputStream());
    }
  }
}
