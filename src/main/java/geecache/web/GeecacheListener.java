package geecache.web;

import geecache.Geecache;
import geecache.settings.Settings;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts and ends the node of a web application: {@link Geecache#of} has it from then on, and it is
 * closed at undeploy. It has the groups that settings name, and where they name none, {@code
 * scores} if {@code geecache.demo} is true. Starts nothing where {@code geecache.enabled} is false,
 * and still closes a node that the application's own code has made.
 */
public final class GeecacheListener implements ServletContextListener {
  private static final Logger log = LoggerFactory.getLogger(GeecacheListener.class);

  /** Made by the container, or by whoever registers it in code. */
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
    log.info("geecache started with {}", settings);
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    WebNode.end(event.getServletContext());
  }
}
