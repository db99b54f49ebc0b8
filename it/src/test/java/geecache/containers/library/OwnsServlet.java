package geecache.containers.library;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.http.HTTPPool;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;

/** Answers whether the node owns the key of {@code ?key=}. */
public final class OwnsServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  /** Made by the container. */
  public OwnsServlet() {}

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    HTTPPool pool = (HTTPPool) getServletContext().getAttribute(HTTPPool.class.getName());
    String key = URLDecoder.decode(request.getQueryString().substring("key=".length()), UTF_8);
    response.setContentType("text/plain");
    response.getWriter().print(pool.owns(key));
  }
}
