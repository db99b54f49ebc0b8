package geecache.web;

import geecache.Geecache;
import geecache.settings.Setting;
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
    log.info("geecache started with {}", shown(settings));
  }

  /** Returns what is written and what decides most; the rest is default. */
  private static String shown(Settings settings) {
    StringBuilder all = new StringBuilder(settings.toString());
    for (String group : settings.groups()) {
      show(
          GroupSettingTable.MAX_LOADS.of(group),
          GroupSettingTable.loadsByDefault(group, settings),
          all);
      show(
          GroupSettingTable.CONNECTIONS.of(group),
          GroupSettingTable.connectionsByDefault(group, settings),
          all);
    }
    return all.isEmpty() ? "the default settings" : all.toString();
  }

  private static void show(Setting<?> setting, Optional<Integer> value, StringBuilder all) {
    value.ifPresent(most -> all.append(' ').append(setting.name()).append('=').append(most));
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    WebNode.end(event.getServletContext());
  }
}
