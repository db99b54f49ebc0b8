package geecache.containers.library;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Forwards what comes to it to the node, as rewriting filters and frameworks do. */
public final class FrontServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  /** Made by the container. */
  public FrontServlet() {}

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    getServletContext()
        .getRequestDispatcher("/_geecache" + request.getPathInfo())
        .forward(request, response);
  }
}
