package geecache.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Settings as tests write them. */
record Sources(
    String contextPath,
    Map<String, String> system,
    Map<String, String> environment,
    Map<String, String> parameters) {

  static Sources of(String contextPath) {
    return new Sources(contextPath, Map.of(), Map.of(), Map.of());
  }

  static Sources ofParameters(Map<String, String> parameters) {
    return of("/shop").parameters(parameters);
  }

  Sources system(Map<String, String> properties) {
    return new Sources(contextPath, properties, environment, parameters);
  }

  Sources environment(Map<String, String> variables) {
    return new Sources(contextPath, system, variables, parameters);
  }

  Sources parameters(Map<String, String> ofContext) {
    return new Sources(contextPath, system, environment, ofContext);
  }

  SettingSources read() {
    return new SettingSources(contextPath, system, environment, parameters);
  }

  Settings settings() {
    return Settings.read(read());
  }

  /** What an application is told that has these. */
  List<String> faults() {
    Settings settings = settings();
    List<String> faults = new ArrayList<>(settings.faults());
    try (ConfiguredGroups groups = new ConfiguredGroups(settings)) {
      faults.addAll(groups.faults());
    }
    faults.addAll(new ConfiguredTls(settings).faults());
    return faults;
  }
}
