package geecache.web;

import geecache.internal.ControlCharacters;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * A place where settings are written, as one application reads it: what is written there for that
 * application alone beats what is written there for all.
 *
 * @param getName what the place is called
 * @param names what is written there, name for name
 */
record SettingSource(String getName, Set<String> names, ConfigSource source, ContextName context)
    implements ConfigSource {
  /** What the environment is called. */
  static final String ENVIRONMENT = "environment variable";

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

  /** Returns {@code setting} as it is written here. */
  Optional<Written> find(String setting) {
    return context.own(setting).flatMap(this::written).or(() -> written(setting));
  }

  private Optional<Written> written(String name) {
    return Optional.ofNullable(source.getValue(name))
        .map(value -> new Written(name, value.strip(), placeOf(name)));
  }

  private String placeOf(String name) {
    return isEnvironment() ? getName + " " + variable(name) : getName;
  }

  boolean isEnvironment() {
    return getName.equals(ENVIRONMENT);
  }

  /** Returns what {@code name} is in the environment, where {@code a.b-c} is {@code A_B_C}. */
  static String variable(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  @Override
  public @Nullable String getValue(String setting) {
    return find(setting).map(Written::value).orElse(null);
  }

  @Override
  public Set<String> getPropertyNames() {
    return names;
  }

  @Override
  public int getOrdinal() {
    return source.getOrdinal();
  }
}
