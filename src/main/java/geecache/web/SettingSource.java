package geecache.web;

import geecache.internal.ControlCharacters;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A place where settings are written, as one application reads it: what is written there for that
 * application alone beats what is written there for all.
 */
final class SettingSource {
  /** What the environment is called. */
  private static final String ENVIRONMENT = "environment variable";

  /**
   * A setting as it is written in one place.
   *
   * @param name as it stands there, with the application's name in it or without
   */
  record Written(String name, String value, String place) {

    /** Returns the one line that says what is wrong with it, as {@code kind} may be shown. */
    String fault(Kind<?> kind, String complaint) {
      return "%s=%s (%s): %s"
          .formatted(
              ControlCharacters.escape(name),
              kind.mask().apply(value),
              place,
              ControlCharacters.escape(complaint));
    }
  }

  private final String name;
  private final ContextName context;
  private final UnaryOperator<String> notation;
  private final Set<String> names;
  private final Map<String, String> values = new HashMap<>();

  private SettingSource(
      String name,
      ContextName context,
      UnaryOperator<String> notation,
      Map<String, String> written) {
    this.name = name;
    this.context = context;
    this.notation = notation;
    this.names = Set.copyOf(written.keySet());
    // In order, so that of two names for one setting it is always the same that counts.
    new TreeMap<>(written)
        .forEach((each, value) -> values.putIfAbsent(notation.apply(each), value));
  }

  /** Makes a place where settings are written under their own names. */
  static SettingSource of(String name, ContextName context, Map<String, String> written) {
    return new SettingSource(name, context, setting -> setting, written);
  }

  /** Makes the environment, which takes {@link #variable}s for names. */
  static SettingSource environment(ContextName context, Map<String, String> variables) {
    return new SettingSource(ENVIRONMENT, context, SettingSource::variable, variables);
  }

  /** Returns what the place is called. */
  String name() {
    return name;
  }

  /** Returns what is written there, name for name. */
  Set<String> names() {
    return names;
  }

  /** Returns {@code setting} as it is written here. */
  Optional<Written> find(String setting) {
    return context.own(setting).flatMap(this::written).or(() -> written(setting));
  }

  private Optional<Written> written(String setting) {
    return Optional.ofNullable(values.get(notation.apply(setting)))
        .map(value -> new Written(setting, value.strip(), placeOf(setting)));
  }

  private String placeOf(String setting) {
    return isEnvironment() ? name + " " + variable(setting) : name;
  }

  boolean isEnvironment() {
    return name.equals(ENVIRONMENT);
  }

  /** Returns what {@code name} is in the environment, where {@code a.b-c} is {@code A_B_C}. */
  static String variable(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }
}
