package geecache.spring;

import geecache.internal.ControlCharacters;
import geecache.settings.Setting;
import geecache.settings.SettingPlace;
import geecache.settings.SettingPlaces;
import geecache.settings.SettingTable;
import geecache.settings.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.PlaceholderResolutionException;

/**
 * Reads settings from the environment of Spring Boot: each of its property sources is a place, in
 * their order. Names may be written as Boot allows it ({@code geecache.peerTimeout}, {@code
 * GEECACHE_PEERTIMEOUT}), and lists as items ({@code geecache.peers[0]}).
 */
final class EnvironmentSettings {
  private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("geecache");
  private static final String GROUPS = "groups";

  private final Environment environment;
  private final SettingTable table;
  private final List<ConfigurationPropertySource> earlier = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private EnvironmentSettings(Environment environment, SettingTable table) {
    this.environment = environment;
    this.table = table;
  }

  /** Returns the settings that {@code environment} has; see {@link Settings#faults}. */
  static Settings read(Environment environment) {
    EnvironmentSettings reader = new EnvironmentSettings(environment, SpringSettingTable.ALL);
    List<SettingPlace> places = new ArrayList<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource iterable) {
        places.add(reader.place(iterable));
      }
      reader.earlier.add(source);
    }
    // No setting is for one application alone: an empty name stands in none.
    return Settings.read(reader.table, "", new SettingPlaces(places, List.of()), reader.faults);
  }

  private SettingPlace place(IterableConfigurationPropertySource source) {
    if (source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource variables) {
      return SettingPlace.environment(variables(variables));
    }
    String name =
        source.getUnderlyingSource() instanceof PropertySource<?> known
            ? known.getName()
            : "environment";
    return SettingPlace.of(name, properties(source, name));
  }

  /** Boot writes a hyphen of a variable as nothing, and we as an underscore. */
  private Map<String, String> variables(SystemEnvironmentPropertySource source) {
    Map<String, String> bySpelling = new HashMap<>();
    table.ofNode().forEach(setting -> bySpelling.put(bootVariable(setting.name()), setting.name()));
    Map<String, String> texts = new HashMap<>();
    source
        .getSource()
        .forEach(
            (variable, text) -> {
              String upper = variable.toUpperCase(Locale.ROOT);
              String known = bySpelling.get(upper);
              texts.put(known != null ? variable(known) : ofGroup(upper), String.valueOf(text));
            });
    return texts;
  }

  private String ofGroup(String variable) {
    if (variable.startsWith("GEECACHE_GROUPS_")) {
      for (Setting<?> setting : table.ofEachGroup()) {
        String end = "_" + bootVariable(setting.nameInGroup());
        if (variable.endsWith(end)) {
          return variable.substring(0, variable.length() - end.length())
              + "_"
              + variable(setting.nameInGroup());
        }
      }
    }
    return variable;
  }

  private static String bootVariable(String name) {
    return variable(name.replace("-", ""));
  }

  private static String variable(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  private Map<String, String> properties(IterableConfigurationPropertySource source, String place) {
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, TreeMap<Integer, String>> lists = new LinkedHashMap<>();
    source.stream()
        .filter(PREFIX::isAncestorOf)
        .forEach(
            name -> {
              Object value =
                  Optional.ofNullable(source.getConfigurationProperty(name))
                      .map(property -> property.getValue())
                      .orElse("");
              String text = resolved(name, String.valueOf(value), place);
              if (text == null) {
                return;
              }
              if (name.isLastElementIndexed() && isNumber(name.getLastElement(Form.ORIGINAL))) {
                lists
                    .computeIfAbsent(
                        settingName(name.chop(name.getNumberOfElements() - 1)),
                        n -> new TreeMap<>())
                    .put(Integer.valueOf(name.getLastElement(Form.ORIGINAL)), text);
              } else {
                texts.put(settingName(name), text);
              }
            });
    lists.forEach((name, items) -> texts.put(name, String.join(",", items.values())));
    return texts;
  }

  /**
   * Returns the text without placeholders; null if one of them stands for nothing. That is a fault,
   * unless an earlier place has the setting. The text itself is not told: it may be a secret.
   */
  private @Nullable String resolved(ConfigurationPropertyName name, String text, String place) {
    try {
      return environment.resolveRequiredPlaceholders(text);
    } catch (IllegalArgumentException unknown) {
      if (earlier.stream().allMatch(source -> source.getConfigurationProperty(name) == null)) {
        String why =
            unknown instanceof PlaceholderResolutionException known
                ? "the placeholder " + known.getPlaceholder() + " cannot be resolved"
                : "a placeholder cannot be resolved";
        faults.add(
            ControlCharacters.escape("%s (%s): %s".formatted(settingName(name), place, why)));
      }
      return null;
    }
  }

  private static boolean isNumber(String text) {
    return text.matches("\\d{1,9}");
  }

  /** Returns the name of the setting that is meant, or the name as it is written. */
  private String settingName(ConfigurationPropertyName written) {
    int size = written.getNumberOfElements();
    List<String> parts =
        Stream.iterate(1, i -> i < size, i -> i + 1)
            .map(i -> written.getElement(i, Form.ORIGINAL))
            .toList();
    if (size > 3 && uniform(parts.get(0)).equals(GROUPS)) {
      String last = parts.get(parts.size() - 1);
      String group = String.join(".", parts.subList(1, parts.size() - 1));
      return table.ofEachGroup().stream()
          .filter(setting -> uniform(setting.nameInGroup()).equals(uniform(last)))
          .findFirst()
          .map(setting -> setting.of(group).name())
          .orElse(Setting.ofGroup(group) + "." + last);
    }
    String whole = "geecache." + String.join(".", parts);
    return table.ofNode().stream()
        .filter(setting -> uniform(setting.name()).equals(uniform(whole)))
        .findFirst()
        .<String>map(Setting::name)
        .orElse(whole);
  }

  /** As Boot compares the elements of names. */
  private static String uniform(String name) {
    return name.replaceAll("[^A-Za-z0-9.]", "").toLowerCase(Locale.ROOT);
  }
}
