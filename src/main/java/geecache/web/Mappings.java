package geecache.web;

import geecache.http.Request;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a servlet is mapped to in its application, so that most requests need not be asked for their
 * servlet path, of which Tomcat makes a new string each time. Immutable.
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
   * Takes those that end with a wildcard.
   *
   * @param context the context path
   * @param patterns as the servlet is mapped
   */
  Mappings(String context, Collection<String> patterns) {
    prefixes =
        patterns.stream()
            .filter(pattern -> pattern.endsWith(WILDCARD))
            .map(pattern -> pattern.substring(0, pattern.length() - WILDCARD.length()))
            .map(path -> new Prefix(context + path, of(path)))
            .toArray(Prefix[]::new);
  }

  /** Returns those of a servlet; none if the container does not know it, or does not tell. */
  static Mappings of(ServletContext context, String servlet) {
    try {
      ServletRegistration known = context.getServletRegistration(servlet);
      return known == null ? NONE : new Mappings(context.getContextPath(), known.getMappings());
    } catch (UnsupportedOperationException refused) {
      return NONE; // As contexts may.
    }
  }

  /**
   * Returns where a request came in whose raw path is a prefix and {@code pathInfo}, letter for
   * letter, so that the raw path after the mapping is {@code pathInfo} itself; null for others,
   * which have to be asked. Joins no strings to find out.
   *
   * @param uri the raw path of the request
   * @param pathInfo what the container made of the part after the mapping
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

  /** Returns what a servlet path stands for. */
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
