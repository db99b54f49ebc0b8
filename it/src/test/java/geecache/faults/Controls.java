package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.Group;
import geecache.NotReachedException;
import geecache.OverloadedException;
import geecache.http.HTTPPool;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/** What an application does with its node in code, by HTTP. */
public final class Controls extends HttpServlet {
  static final String PATH = "/_faults/";

  /** {@code POST} removes the keys in its body, one a line: {@code 204}, or as the product says. */
  static final String REMOVE = PATH + "remove";

  /** {@code POST} makes the URLs in its body, one a line, the nodes that this one sees. */
  static final String SEE = PATH + "see";

  /** {@code POST} answers those of the keys in its body that the node owns. */
  static final String OWNED = PATH + "owned";

  private static final long serialVersionUID = 1;

  /** Made by {@link Versions}. */
  public Controls() {}

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    List<String> lines =
        new String(request.getInputStream().readAllBytes(), UTF_8).lines().toList();
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    switch (PATH + request.getPathInfo().substring(1)) {
      case REMOVE -> remove(lines, response);
      case SEE -> pool().set(lines);
      case OWNED -> {
        response.setStatus(HttpServletResponse.SC_OK);
        List<String> owned = lines.stream().filter(pool()::owns).toList();
        response.getWriter().print(String.join("\n", owned));
      }
      default -> response.setStatus(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  private void remove(List<String> keys, HttpServletResponse response) throws IOException {
    try {
      group().removeAll(keys);
    } catch (NotReachedException notReached) {
      response.setStatus(HttpServletResponse.SC_BAD_GATEWAY);
      response.getWriter().print(String.join(" ", notReached.nodes()));
    } catch (OverloadedException overloaded) {
      response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    }
  }

  private Group group() {
    return Geecache.of(getServletContext()).find(Versions.GROUP).orElseThrow();
  }

  private HTTPPool pool() {
    return (HTTPPool) getServletContext().getAttribute(HTTPPool.class.getName());
  }
}
