package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.web.SettingSource.Written;
import jakarta.servlet.ServletContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * What is written for one application in system properties, in the environment, in the file that
 * {@code geecache.config} names and in context parameters. The first place that has a setting
 * decides. A snapshot of texts, taken as they are, without expressions in them.
 */
final class SettingSources {
  /** How many places come before the file. */
  private static final int BEFORE_FILE = 2;

  private final ContextName context;
  private final List<SettingSource> sources = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  /** Reads what is written in these places for the application at {@code contextPath}. */
  SettingSources(
      String contextPath,
      Map<String, String> system,
      Map<String, String> environment,
      Map<String, String> parameters) {
    context = ContextName.of(contextPath);
    sources.add(SettingSource.of("system property", context, system));
    sources.add(SettingSource.environment(context, environment));
    sources.add(SettingSource.of("context parameter", context, parameters));
    find(SettingTable.CONFIG.name()).filter(w -> !w.value().isEmpty()).ifPresent(this::addFile);
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

  private void addFile(Written written) {
    try {
      Path file = Path.of(written.value());
      sources.add(BEFORE_FILE, SettingSource.of("file " + file, context, read(file)));
    } catch (IOException | IllegalArgumentException unreadable) {
      faults.add(
          written.fault(
              SettingTable.CONFIG.kind(),
              "must be the path of a properties file that can be read: " + unreadable));
    }
  }

  private static Map<String, String> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file.toAbsolutePath()), UTF_8))) {
      properties.load(reader);
    }
    return properties.stringPropertyNames().stream()
        .collect(Collectors.toMap(name -> name, properties::getProperty));
  }

  /** Returns {@code setting} as it is written in the first place that has it. */
  Optional<Written> find(String setting) {
    return sources.stream().flatMap(source -> source.find(setting).stream()).findFirst();
  }

  /** Returns a line for each place that cannot be read. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** Returns the places, first the one that beats all others. */
  List<SettingSource> all() {
    return List.copyOf(sources);
  }

  ContextName context() {
    return context;
  }
}
