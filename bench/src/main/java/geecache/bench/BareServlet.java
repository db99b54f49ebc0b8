package geecache.bench;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Goes into the WAR that {@link HttpHit} deploys beside the product's: answers every {@code GET} as
 * the product answers a hit on {@code scores/Tom}, from constants.
 */
public final class BareServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  private static final byte[] BODY = {'6', '3', '0'};

  /** Made by the container. */
  public BareServlet() {}

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setStatus(HttpServletResponse.SC_OK);
    response.setHeader("ETag", "\"21900f41ecb7b8e6\"");
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Cache-Status", "geecache; hit");
    response.setHeader("Geecache-Status", "ok");
    response.setHeader("Content-Type", "application/octet-stream");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setContentLength(BODY.length);
    response.getOutputStream().write(BODY);
  }
}
