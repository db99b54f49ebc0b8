package geecache.containers.library;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;

/**
 * Answers how often the application's getters were asked, for the key of {@code ?key=} or in all;
 * only what they gave can be stored.
 */
public final class LoadsServlet extends HttpServlet {
  private static final long serialVersionUID = 1;
  private static final String KEY = "key=";

  /** Made by the container. */
  public LoadsServlet() {}

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Loads loads = (Loads) getServletContext().getAttribute(LibraryListener.LOADS);
    String query = request.getQueryString(); // Containers decode parameters each in its own way.
    int count =
        query != null && query.startsWith(KEY)
            ? loads.of(URLDecoder.decode(query.substring(KEY.length()), UTF_8))
            : loads.total();
    response.setContentType("text/plain");
    response.getWriter().print(count);
  }
}
