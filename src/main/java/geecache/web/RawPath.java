package geecache.web;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * The part of a request's path after the mapping, as the client sent it. A container's own {@code
 * getPathInfo} is decoded and normalised, in each container differently, so it cannot be trusted
 * with a key.
 */
final class RawPath {
  private RawPath() {}

  /**
   * Returns the raw path after context path and servlet path. Their end is found by counting
   * slashes, because their raw form may be escaped in any way. If the client wrote them with more
   * or fewer slashes than the container reports, the rest differs from the path info, and the
   * request is refused for that.
   */
  static String afterMapping(HttpServletRequest request) {
    String uri = request.getRequestURI();
    int slashes = slashes(request.getContextPath()) + slashes(request.getServletPath());
    int end = -1;
    for (int i = 0; i <= slashes; i++) {
      end = uri.indexOf('/', end + 1);
      if (end < 0) {
        return "";
      }
    }
    return uri.substring(end);
  }

  /** Returns the container's path info; null if there is none, or if the container refuses. */
  static @Nullable String pathInfo(HttpServletRequest request) {
    try {
      return request.getPathInfo();
    } catch (IllegalArgumentException ambiguous) {
      return null; // Jetty 12 throws if it is configured to let ambiguous paths pass.
    }
  }

  private static int slashes(String path) {
    int slashes = 0;
    for (int at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      slashes++;
    }
    return slashes;
  }
}
