package geecache.web;

import geecache.settings.Settings;
import java.util.List;
import java.util.Map;

/** Settings as tests write them. */
record WrittenSettings(
    String contextPath,
    Map<String, String> system,
    Map<String, String> environment,
    Map<String, String> parameters) {

  static WrittenSettings of(String contextPath) {
    return new WrittenSettings(contextPath, Map.of(), Map.of(), Map.of());
  }

  static WrittenSettings ofParameters(Map<String, String> parameters) {
    return of("/shop").parameters(parameters);
  }

  WrittenSettings system(Map<String, String> properties) {
    return new WrittenSettings(contextPath, properties, environment, parameters);
  }

  WrittenSettings environment(Map<String, String> variables) {
    return new WrittenSettings(contextPath, system, variables, parameters);
  }

  WrittenSettings parameters(Map<String, String> ofContext) {
    return new WrittenSettings(contextPath, system, environment, ofContext);
  }

  Settings settings() {
    return ContextSettings.read(contextPath, system, environment, parameters);
  }

  /** What an application is told that has these. */
  List<String> faults() {
    Settings settings = settings();
    try (ConfiguredGroups groups = new ConfiguredGroups(settings)) {
      return ConfiguredNode.faults(settings, groups);
    }
  }
}
