package geecache.web;

import geecache.settings.SettingPlace;
import geecache.settings.SettingPlaces;
import geecache.settings.SettingTable;
import geecache.settings.Settings;
import jakarta.servlet.ServletContext;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the settings of a web application: from system properties, the environment, a file and
 * context parameters, in this order.
 */
final class ContextSettings {
  private static final Logger log = LoggerFactory.getLogger(ContextSettings.class);
  private static final String ATTRIBUTE = Settings.class.getName();
  private static final String ROOT = "ROOT";

  /** All that a node and its groups have. */
  static final SettingTable TABLE =
      new SettingTable(NodeSettingTable.all(), GroupSettingTable.all());

  private ContextSettings() {}

  /**
   * Returns the settings of an application. The first call reads them, and warns of unknown names;
   * faults are left to {@link Settings#faults}.
   */
  static Settings of(ServletContext context) {
    if (context.getAttribute(ATTRIBUTE) instanceof Settings read) {
      return read;
    }
    Map<String, String> system =
        System.getProperties().stringPropertyNames().stream()
            .filter(SettingPlace::concerns)
            .collect(Collectors.toMap(name -> name, name -> System.getProperty(name, "")));
    Map<String, String> parameters =
        Collections.list(context.getInitParameterNames()).stream()
            .distinct()
            .filter(name -> SettingPlace.concerns(name) && context.getInitParameter(name) != null)
            .collect(Collectors.toMap(name -> name, context::getInitParameter));
    Settings settings = read(context.getContextPath(), system, System.getenv(), parameters);
    for (String warning : settings.warnings()) {
      log.warn(warning);
    }
    set(context, settings);
    return settings;
  }

  /** Makes {@code settings} those of an application. */
  static void set(ServletContext context, Settings settings) {
    context.setAttribute(ATTRIBUTE, settings);
  }

  /** Reads what is written in these places for the application at {@code contextPath}. */
  static Settings read(
      String contextPath,
      Map<String, String> system,
      Map<String, String> environment,
      Map<String, String> parameters) {
    return Settings.read(
        TABLE,
        application(contextPath),
        new SettingPlaces(
            List.of(
                SettingPlace.of("system property", system), SettingPlace.environment(environment)),
            List.of(SettingPlace.of("context parameter", parameters))));
  }

  /** Returns the name that stands for an application in settings for it alone. */
  private static String application(String contextPath) {
    String name = contextPath.replaceFirst("^/", "");
    return name.isEmpty() ? ROOT : name;
  }
}
