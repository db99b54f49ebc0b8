package geecache.containers.library;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers how often the application's getters were asked; only what they gave can be stored. */
public final class LoadsServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  /** Made by the container. */
  public LoadsServlet() {}

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/plain");
    response.getWriter().print(getServletContext().getAttribute(LibraryListener.LOADS));
  }
}
