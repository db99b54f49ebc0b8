package geecache.web;

import geecache.web.SettingSource.Written;
import jakarta.servlet.ServletContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings in effect of one application, read once. Safe for use by many threads. */
final class Settings {
  private static final Logger log = LoggerFactory.getLogger(Settings.class);
  private static final String ATTRIBUTE = Settings.class.getName();

  /** By the settings' names; settings that are not set and have no default are left out. */
  private final Map<String, Object> values = new HashMap<>();

  /** What may be shown of them, in the order of the tables; of groups only what is set. */
  private final Map<String, String> shown = new LinkedHashMap<>();

  private final Set<String> refused = new HashSet<>();
  private final List<String> faults = new ArrayList<>();
  private final SortedSet<String> groups;

  private Settings(SettingSources sources) {
    faults.addAll(sources.faults());
    groups = GroupNames.in(sources);
    for (Setting<?> setting : SettingTable.all()) {
      read(setting, sources);
    }
    for (String group : groups) {
      for (Setting<?> setting : GroupSettingTable.all()) {
        read(setting.of(group), sources);
      }
    }
  }

  /**
   * Returns the settings of an application: reads them on the first call, and then warns of names
   * that no setting has. What is wrong with them is among their {@link #faults}.
   */
  static Settings of(ServletContext context) {
    if (context.getAttribute(ATTRIBUTE) instanceof Settings read) {
      return read;
    }
    SettingSources sources = SettingSources.of(context);
    Settings settings = read(sources);
    UnknownNames.in(sources, settings.groups()).forEach(log::warn);
    context.setAttribute(ATTRIBUTE, settings);
    return settings;
  }

  /** Reads the settings. */
  static Settings read(SettingSources sources) {
    Settings settings = new Settings(sources);
    settings.faults.addAll(SettingTable.faultsTogether(settings));
    return settings;
  }

  private <T> void read(Setting<T> setting, SettingSources sources) {
    Optional<Written> written = sources.find(setting.name()).filter(w -> !w.value().isEmpty());
    String text = written.map(Written::value).orElse(setting.otherwise());
    if (text == null) {
      return;
    }
    try {
      values.put(setting.name(), setting.kind().reader().apply(text));
      if (written.isPresent() || !text.isEmpty() && !setting.name().startsWith(Setting.GROUPS)) {
        shown.put(setting.name(), setting.kind().mask().apply(text));
      }
    } catch (IllegalArgumentException breach) {
      refused.add(setting.name());
      faults.add(written.orElseThrow().fault(setting.kind(), setting.kind().complaint(breach)));
    }
  }

  /** Whether nothing is to be done, so that nothing else matters. */
  boolean off() {
    return Boolean.FALSE.equals(values.get(SettingTable.ENABLED.name()));
  }

  /** Whether {@code setting} is one of a group, and is set to anything but its default. */
  boolean isSet(Setting<?> setting) {
    return shown.containsKey(setting.name());
  }

  /** Whether {@code setting} was set to what breaks its rule. */
  boolean isRefused(Setting<?> setting) {
    return refused.contains(setting.name());
  }

  /** Returns a line for each value that breaks its rule; that setting then has none. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** Returns the names of the groups that are named in settings, in order. */
  Collection<String> groups() {
    return List.copyOf(groups);
  }

  /** Returns the value of a setting that has a default. */
  <T> T get(Setting<T> setting) {
    return find(setting).orElseThrow(() -> new IllegalStateException(setting.name()));
  }

  /** Returns the value of a setting that may not be set. */
  @SuppressWarnings("unchecked") // Put there by the setting of that name, with its own kind.
  <T> Optional<T> find(Setting<T> setting) {
    return Optional.ofNullable((T) values.get(setting.name()));
  }

  /** All that are set or have a default, on one line, as they would be written, secrets masked. */
  @Override
  public String toString() {
    return shown.entrySet().stream()
        .map(setting -> setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(" "));
  }
}
