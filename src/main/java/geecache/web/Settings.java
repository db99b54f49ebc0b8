package geecache.web;

import geecache.web.SettingSource.Written;
import jakarta.servlet.ServletContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings in effect of one application, read once. Safe for use by many threads. */
final class Settings {
  private static final Logger log = LoggerFactory.getLogger(Settings.class);
  private static final String ATTRIBUTE = Settings.class.getName();

  /** By the settings' names; settings that are not set and have no default are left out. */
  private final Map<String, Object> values = new HashMap<>();

  /** What may be shown of them, in the order of the table. */
  private final Map<String, String> shown = new LinkedHashMap<>();

  private final List<String> faults = new ArrayList<>();

  private Settings(SettingSources sources) {
    faults.addAll(sources.faults());
    for (Setting<?> setting : SettingTable.all()) {
      read(setting, sources);
    }
  }

  /**
   * Returns the settings of an application: reads them on the first call, and then warns of names
   * that no setting has.
   *
   * @throws IllegalArgumentException if a value breaks its rule; the message has a line for each
   */
  static Settings of(ServletContext context) {
    if (context.getAttribute(ATTRIBUTE) instanceof Settings read) {
      return read;
    }
    SettingSources sources = SettingSources.of(context);
    Settings settings = read(sources);
    UnknownNames.in(sources).forEach(log::warn);
    context.setAttribute(ATTRIBUTE, settings);
    return settings;
  }

  /**
   * Reads the settings. Of an application in which geecache is switched off, nothing else matters.
   *
   * @throws IllegalArgumentException if a value breaks its rule; the message has a line for each
   */
  static Settings read(SettingSources sources) {
    Settings settings = new Settings(sources);
    settings.faults.addAll(SettingTable.faultsTogether(settings));
    boolean off = Boolean.FALSE.equals(settings.values.get(SettingTable.ENABLED.name()));
    if (!settings.faults.isEmpty() && !off) {
      throw new IllegalArgumentException(
          settings.faults.stream().collect(Collectors.joining("\n  ", "wrong settings:\n  ", "")));
    }
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
      if (!text.isEmpty()) {
        shown.put(setting.name(), setting.kind().mask().apply(text));
      }
    } catch (IllegalArgumentException refused) {
      faults.add(written.orElseThrow().fault(setting.kind(), setting.kind().complaint(refused)));
    }
  }

  /** Returns the value of a setting that has a default. */
  <T> T get(Setting<T> setting) {
    return find(setting).orElseThrow();
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
