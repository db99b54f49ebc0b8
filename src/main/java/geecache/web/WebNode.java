package geecache.web;

import geecache.Geecache;
import geecache.http.HTTPPool;
import geecache.http.Request;
import geecache.internal.ControlCharacters;
import geecache.internal.EscapedThrowable;
import geecache.settings.Settings;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node of a web application, with its {@link HTTPPool} and its groups, which listener and
 * servlets share. The first of them makes it: that is the listener, so that the node knows its
 * peers before the first request, or a servlet if there is no listener.
 */
final class WebNode {
  private static final Logger log = LoggerFactory.getLogger(WebNode.class);

  private WebNode() {}

  /**
   * Returns the pool of the node of {@code context}. The first call makes node, pool and groups.
   *
   * <p>A failure is logged as well as thrown: containers keep what listeners throw in logs of their
   * own, where operators do not look.
   *
   * @throws IllegalArgumentException if the settings are wrong; the message has a line for each
   *     fault
   */
  static HTTPPool of(ServletContext context, Settings settings) {
    synchronized (HTTPPool.class) { // Node and pool are made under it; no request waits for it.
      Optional<ConfiguredNode> known = ConfiguredNode.of(context);
      if (known.isPresent()) {
        return known.get().pool();
      }
      try {
        ConfiguredNode made =
            ConfiguredNode.start(Geecache.of(context), settings, application(context));
        made.serveIn(context);
        return made.pool();
      } catch (IllegalArgumentException wrong) {
        log.error("geecache does not start at {}: {}", shown(context), wrong.getMessage());
        throw wrong;
      } catch (RuntimeException | Error failure) {
        log.error("geecache does not start at {}", shown(context), EscapedThrowable.of(failure));
        throw failure;
      }
    }
  }

  private static ConfiguredNode.Application application(ServletContext context) {
    return new ConfiguredNode.Application(
        context.getContextPath(), basePath(context), context.getClassLoader(), false);
  }

  private static String shown(ServletContext context) {
    return ControlCharacters.escape(context.getContextPath() + "/");
  }

  /**
   * Ends the node of a web application, even if the application's own code has made it, and logs
   * what it held. Servlet and listener both call this; the second call does nothing.
   */
  static void end(ServletContext context) {
    Optional<ConfiguredNode> configured = ConfiguredNode.of(context);
    if (configured.isPresent()) {
      configured.get().close();
    } else if (context.getAttribute(Geecache.class.getName()) instanceof Geecache node) {
      node.close();
    }
  }

  /** Returns the node of {@code context} as servlets serve it; made by the first call. */
  static ServedNode served(ServletContext context, Settings settings) {
    HTTPPool pool = of(context, settings);
    return ServedNode.of(Geecache.of(context), pool, settings);
  }

  /** Returns the path where the servlet is mapped for reads, such as {@code /_geecache/}. */
  private static String basePath(ServletContext context) {
    try {
      return context.getServletRegistrations().values().stream()
          .filter(servlet -> HTTPPoolServlet.class.getName().equals(servlet.getClassName()))
          .map(ServletRegistration::getMappings)
          .flatMap(mappings -> mappings.stream().sorted())
          .filter(mapping -> mapping.endsWith("/*"))
          .map(mapping -> mapping.substring(0, mapping.length() - 1))
          .filter(mapping -> !mapping.equals(Request.Mapping.NODES.path()))
          .filter(mapping -> !mapping.equals(Request.Mapping.GROUPCACHE.path()))
          .findFirst()
          .orElse(HTTPPool.DEFAULT_BASE_PATH);
    } catch (UnsupportedOperationException refused) {
      return HTTPPool.DEFAULT_BASE_PATH; // To a listener that was added in code.
    }
  }
}
