package geecache.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The settings of one application, read once. Immutable, and safe for use by many threads. */
public final class Settings {
  /** By the settings' names; settings without text and default are left out. */
  private final Map<String, Object> values = new HashMap<>();

  /** The texts of all values, as they may be shown. */
  private final Map<String, String> texts = new HashMap<>();

  /** What may be shown of those that are written or always shown, in the order of the table. */
  private final Map<String, String> shown = new LinkedHashMap<>();

  private final Set<String> set = new HashSet<>();
  private final Set<String> refused = new HashSet<>();
  private final List<String> faults = new ArrayList<>();
  private final List<String> groups;
  private final List<String> warnings;

  private Settings(SettingTable table, SettingLookup lookup) {
    faults.addAll(lookup.faults());
    groups = List.copyOf(GroupNames.in(lookup, table));
    table.ofNode().forEach(setting -> read(setting, lookup));
    for (String group : groups) {
      table.ofEachGroup().forEach(setting -> read(setting.of(group), lookup));
    }
    warnings = UnknownSettings.in(lookup, table, groups);
  }

  /**
   * Reads the settings of one application. It never fails for a wrong one: see {@link #faults}.
   *
   * @param table all settings that exist
   * @param application the name that stands in settings for this application alone
   */
  public static Settings read(SettingTable table, String application, SettingPlaces places) {
    return read(table, application, places, List.of());
  }

  /**
   * As {@link #read(SettingTable, String, SettingPlaces)}.
   *
   * @param faults what is wrong with the places themselves, a line for each
   */
  public static Settings read(
      SettingTable table, String application, SettingPlaces places, Collection<String> faults) {
    Settings settings =
        new Settings(table, new SettingLookup(new ApplicationPrefix(application, table), places));
    settings.faults.addAll(faults);
    return settings;
  }

  private <T> void read(Setting<T> setting, SettingLookup lookup) {
    Optional<SettingText> written = lookup.find(setting.name()).filter(w -> !w.value().isEmpty());
    String text = written.map(SettingText::value).orElse(setting.defaultText());
    if (text == null) {
      return;
    }
    try {
      values.put(setting.name(), setting.type().parse(text));
      texts.put(setting.name(), setting.type().shown(text));
      written.ifPresent(each -> set.add(setting.name()));
      if (written.isPresent() || setting.shownAlways()) {
        shown.put(setting.name(), setting.type().shown(text));
      }
    } catch (IllegalArgumentException breach) {
      refused.add(setting.name());
      faults.add(written.orElseThrow().fault(setting.type(), setting.type().complaint(breach)));
    }
  }

  /** Returns the value of a setting that has a default. */
  public <T> T get(Setting<T> setting) {
    return find(setting).orElseThrow(() -> new IllegalStateException(setting.name()));
  }

  /** Returns the value of a setting; empty if it is not set and has no default, or is refused. */
  @SuppressWarnings("unchecked") // Put there by the setting of that name, with its own type.
  public <T> Optional<T> find(Setting<T> setting) {
    return Optional.ofNullable((T) values.get(setting.name()));
  }

  /**
   * Returns the text of a setting's value as it may be shown; that of its default if none is set.
   */
  public Optional<String> textOf(Setting<?> setting) {
    return Optional.ofNullable(texts.get(setting.name()));
  }

  /** Whether a text that is not blank is written for {@code setting}, and is not refused. */
  public boolean isSet(Setting<?> setting) {
    return set.contains(setting.name());
  }

  /** Whether the text for {@code setting} breaks its rule; the setting then has no value. */
  public boolean isRefused(Setting<?> setting) {
    return refused.contains(setting.name());
  }

  /** Returns a line for each text that breaks its rule, and for a file that cannot be read. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /** Returns a line for each name that begins like a setting, and that no setting has. */
  public List<String> warnings() {
    return warnings;
  }

  /** Returns the names of the groups that are named in settings, in order. */
  public List<String> groups() {
    return groups;
  }

  /** Returns those that are written or always shown, on one line, secrets masked. */
  @Override
  public String toString() {
    return shown.entrySet().stream()
        .map(setting -> setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(" "));
  }
}
