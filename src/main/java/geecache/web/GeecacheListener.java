package geecache.web;

import geecache.Geecache;
import geecache.settings.Settings;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the node of a web application, and closes it at undeploy. {@link Geecache#of} returns the
 * node. It has the groups that settings name; if they name none and {@code geecache.demo} is true,
 * it has {@code scores}. If {@code geecache.enabled} is false, nothing is started, but a node that
 * the application's own code has made is still closed.
 */
public final class GeecacheListener implements ServletContextListener {
  private static final Logger log = LoggerFactory.getLogger(GeecacheListener.class);

  /** For the container, or for code that registers the listener. */
  public GeecacheListener() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    Settings settings = ContextSettings.of(context);
    if (NodeSettingTable.isSwitchedOff(settings)) {
      log.info("geecache is switched off by geecache.enabled=false");
      return;
    }
    WebNode.of(context, settings);
    Optional<ConfiguredNode> node = ConfiguredNode.of(context);
    if (node.isPresent()) {
      log.info("geecache started with {}", node.get().shownSettings());
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    WebNode.end(event.getServletContext());
  }
}
