package geecache.web;

import geecache.web.SettingSource.Written;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is written for one application in system properties, in the environment, in the file that
 * {@code geecache.config} names and in context parameters. The first place that has a setting
 * decides. A snapshot of texts, taken as they are, without expressions in them.
 *
 * <p>Read by a {@link SmallRyeConfig} that is made here and registered nowhere. It looks for no
 * services, and no thread or class loader knows of it.
 */
final class SettingSources {
  private static final int SYSTEM = 400;
  private static final int ENVIRONMENT = 300;
  private static final int FILE = 200;
  private static final int PARAMETERS = 100;

  private final ContextName context;
  private final List<SettingSource> sources = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private final SmallRyeConfig config;

  /** Reads what is written in these places for the application at {@code contextPath}. */
  SettingSources(
      String contextPath,
      Map<String, String> system,
      Map<String, String> environment,
      Map<String, String> parameters) {
    context = ContextName.of(contextPath);
    add("system property", new PropertiesConfigSource(system, "", SYSTEM));
    sources.add(
        new SettingSource(
            SettingSource.ENVIRONMENT,
            environment.keySet(),
            new EnvConfigSource(environment, ENVIRONMENT),
            context));
    add("context parameter", new PropertiesConfigSource(parameters, "", PARAMETERS));
    find(configOf(sources), SettingTable.CONFIG.name()).ifPresent(this::addFile);
    config = configOf(sources);
  }

  /** Reads what is written for the application of {@code context}. */
  static SettingSources of(ServletContext context) {
    Map<String, String> system =
        System.getProperties().stringPropertyNames().stream()
            .filter(name -> name.startsWith(Setting.PREFIX))
            .collect(Collectors.toMap(name -> name, name -> System.getProperty(name, "")));
    Map<String, String> parameters =
        Collections.list(context.getInitParameterNames()).stream()
            .filter(name -> name.startsWith(Setting.PREFIX))
            .collect(Collectors.toMap(name -> name, context::getInitParameter));
    return new SettingSources(context.getContextPath(), system, System.getenv(), parameters);
  }

  private static SmallRyeConfig configOf(List<SettingSource> sources) {
    return new SmallRyeConfigBuilder().withSources(sources.toArray(SettingSource[]::new)).build();
  }

  private void add(String place, PropertiesConfigSource source) {
    sources.add(new SettingSource(place, source.getPropertyNames(), source, context));
  }

  private void addFile(Written written) {
    if (written.value().isEmpty()) {
      return;
    }
    try {
      Path file = Path.of(written.value());
      add("file " + file, new PropertiesConfigSource(file.toUri().toURL(), FILE));
    } catch (IOException | IllegalArgumentException unreadable) {
      faults.add(
          written.fault(
              SettingTable.CONFIG.kind(),
              "must be the path of a properties file that can be read: " + unreadable));
    }
  }

  /** Returns {@code setting} as it is written in the first place that has it. */
  Optional<Written> find(String setting) {
    return find(config, setting);
  }

  private Optional<Written> find(SmallRyeConfig read, String setting) {
    String place = read.getConfigValue(setting).getSourceName();
    return sources.stream()
        .filter(source -> source.getName().equals(place))
        .findAny()
        .flatMap(source -> source.find(setting));
  }

  /** Returns a line for each place that cannot be read. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** Returns the places in no order. */
  List<SettingSource> all() {
    return List.copyOf(sources);
  }

  ContextName context() {
    return context;
  }
}
