package geecache.web;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * The part of a request's path after the mapping, as it was sent. A container's own {@code
 * getPathInfo} is decoded and normalised, in each container otherwise, and so cannot be trusted
 * with a key.
 */
final class RawPath {
  private RawPath() {}

  /**
   * Returns the raw path after context path and servlet path. It finds their end by counting
   * slashes, since their raw form may be escaped in any way. Where a client wrote them with more or
   * fewer slashes than the container made of them, the rest does not equal the path info, and is
   * refused for that.
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

  /** Returns the container's path info, or null also where asking for it is refused. */
  static @Nullable String pathInfo(HttpServletRequest request) {
    try {
      return request.getPathInfo();
    } catch (IllegalArgumentException ambiguous) {
      return null; // Jetty 12 throws when it is set to let ambiguous paths pass.
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
