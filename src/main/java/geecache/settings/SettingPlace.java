package geecache.settings;

import geecache.internal.ControlCharacters;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A place where settings are written: a name for users, and a map from settings' names to texts. It
 * copies the entries whose names begin like a setting, and forgets all others.
 */
public final class SettingPlace {
  private final String name;
  private final Notation notation;

  /** The names that begin like a setting, as they are written here. */
  private final Set<String> names;

  /** The texts, by the names of settings in the notation of this place. */
  private final Map<String, String> values = new HashMap<>();

  private SettingPlace(String name, Notation notation, Map<String, String> texts) {
    this.name = name;
    this.notation = notation;
    Map<String, String> sorted = new TreeMap<>(texts); // If two mean the same, capitals win.
    sorted.keySet().removeIf(each -> !concerns(each));
    this.names = Set.copyOf(sorted.keySet());
    sorted.forEach((each, text) -> values.putIfAbsent(notation.of(each), text));
  }

  /**
   * Makes a place that has settings under their own names.
   *
   * @param name tells users where a text is written, such as {@code system property}
   */
  public static SettingPlace of(String name, Map<String, String> texts) {
    return new SettingPlace(ControlCharacters.escape(name), Notation.NAME, texts);
  }

  /**
   * Makes the environment, where {@code geecache.peer-timeout} is {@code GEECACHE_PEER_TIMEOUT}.
   */
  public static SettingPlace environment(Map<String, String> variables) {
    return new SettingPlace("environment variable", Notation.VARIABLE, variables);
  }

  /** Returns the name that users are told. */
  String name() {
    return name;
  }

  /**
   * Whether {@code name} begins like a setting in any notation, even if that is not the notation of
   * its place: users are told of such names.
   */
  public static boolean concerns(String name) {
    return Notation.VARIABLE.of(name).startsWith(Notation.VARIABLE.of(Setting.PREFIX));
  }

  /** Returns the names that begin like a setting in any notation, as they are written here. */
  Set<String> names() {
    return names;
  }

  /** Returns the notation of one of the {@link #names}; the environment may have both. */
  Notation notationOf(String written) {
    return written.startsWith(Setting.PREFIX) ? Notation.NAME : notation;
  }

  /** Returns the text that is written here under {@code name}. */
  Optional<SettingText> find(String name) {
    return Optional.ofNullable(values.get(notation.of(name)))
        .map(text -> new SettingText(name, text.strip(), placeOf(name)));
  }

  private String placeOf(String setting) {
    return notation == Notation.VARIABLE ? name + " " + notation.of(setting) : name;
  }
}
