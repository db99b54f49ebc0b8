package geecache.web;

import geecache.http.Request;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes that a servlet is mapped to. With them, most requests need not be asked for their
 * servlet path, for which Tomcat makes a new string each time. Immutable.
 */
final class Mappings {
  static final Mappings NONE = new Mappings("", Set.of());

  private static final String WILDCARD = "/*";
  private static final String NODES = withoutSlash(Request.Mapping.NODES.path());
  private static final String GROUPCACHE = withoutSlash(Request.Mapping.GROUPCACHE.path());

  /**
   * @param path context path and servlet path
   */
  private record Prefix(String path, Request.Mapping mapping) {}

  private final Prefix[] prefixes;

  /**
   * Takes the patterns that end with a wildcard.
   *
   * @param context the context path
   * @param patterns the patterns that the servlet is mapped to
   */
  Mappings(String context, Collection<String> patterns) {
    prefixes =
        patterns.stream()
            .filter(pattern -> pattern.endsWith(WILDCARD))
            .map(pattern -> pattern.substring(0, pattern.length() - WILDCARD.length()))
            .map(path -> new Prefix(context + path, of(path)))
            .toArray(Prefix[]::new);
  }

  /** Returns the mappings of a servlet; none if the container does not know or does not tell. */
  static Mappings of(ServletContext context, String servlet) {
    try {
      ServletRegistration known = context.getServletRegistration(servlet);
      return known == null ? NONE : new Mappings(context.getContextPath(), known.getMappings());
    } catch (UnsupportedOperationException refused) {
      return NONE; // The specification lets contexts refuse.
    }
  }

  /**
   * Returns the mapping of a request whose raw path is a prefix followed by {@code pathInfo},
   * letter for letter; the raw path after the mapping is then {@code pathInfo} itself. Returns null
   * for other requests, which have to be asked. Joins no strings.
   *
   * @param uri the raw path of the request
   * @param pathInfo the part after the mapping, as the container decoded it
   */
  Request.@Nullable Mapping find(String uri, @Nullable String pathInfo) {
    if (pathInfo == null || !uri.endsWith(pathInfo)) {
      return null;
    }
    int end = uri.length() - pathInfo.length();
    for (Prefix prefix : prefixes) {
      if (prefix.path.length() == end && uri.startsWith(prefix.path)) {
        return prefix.mapping;
      }
    }
    return null;
  }

  /** Returns the mapping that a servlet path stands for. */
  static Request.Mapping of(String servletPath) {
    if (servletPath.equals(NODES)) {
      return Request.Mapping.NODES;
    }
    return servletPath.equals(GROUPCACHE) ? Request.Mapping.GROUPCACHE : Request.Mapping.KEYS;
  }

  private static String withoutSlash(String path) {
    return path.substring(0, path.length() - 1);
  }
}
