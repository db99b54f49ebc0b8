package geecache.web;

import geecache.Geecache;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts and ends the node of a web application: {@link Geecache#of} has it from then on, and it is
 * closed at undeploy. Registers the {@code scores} group where {@code geecache.demo} is true. Does
 * nothing where {@code geecache.enabled} is false.
 */
public final class GeecacheListener implements ServletContextListener {
  private static final Logger log = LoggerFactory.getLogger(GeecacheListener.class);

  /** Written at start and read at undeploy, by the container's thread; null while switched off. */
  private @Nullable Geecache node;

  /** Made by the container, or by whoever registers it in code. */
  public GeecacheListener() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    Settings settings = Settings.of(context);
    if (!settings.enabled()) {
      log.info("geecache is switched off by geecache.enabled=false");
      return;
    }
    node = Geecache.of(context);
    if (settings.demo()) {
      Scores.register(node);
    }
    log.info("geecache started with {}", settings);
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (node != null) {
      node.close();
    }
  }
}
