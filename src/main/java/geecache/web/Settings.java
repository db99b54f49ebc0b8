package geecache.web;

import geecache.ControlCharacters;
import jakarta.servlet.ServletContext;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The settings of one web application, read once. A system property beats the context parameter of
 * the same name.
 *
 * @param enabled {@code geecache.enabled}: whether servlet and listener do anything; default true
 * @param demo {@code geecache.demo}: whether the {@code scores} group is registered; default false
 * @param self {@code geecache.self}: this node's base URL; default the context path
 * @param requestLevel {@code geecache.request-log}: {@code info}, {@code debug} or {@code off}
 *     (then null); default {@code debug}
 */
record Settings(boolean enabled, boolean demo, String self, @Nullable Level requestLevel) {

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException if a value breaks its rule; the message names both
   */
  static Settings of(ServletContext context) {
    return new Settings(
        flag(context, "geecache.enabled", true),
        flag(context, "geecache.demo", false),
        text(context, "geecache.self", "/" + context.getContextPath().replaceFirst("^/", "")),
        level(context, "geecache.request-log"));
  }

  /** The effective settings on one line, as they would be written. */
  @Override
  public String toString() {
    return "geecache.enabled=%s geecache.demo=%s geecache.self=%s geecache.request-log=%s"
        .formatted(
            enabled,
            demo,
            ControlCharacters.escape(self),
            requestLevel == null ? "off" : requestLevel.name().toLowerCase(Locale.ROOT));
  }

  private static String text(ServletContext context, String name, String otherwise) {
    String value = System.getProperty(name, context.getInitParameter(name));
    return value == null || value.isBlank() ? otherwise : value.strip();
  }

  private static boolean flag(ServletContext context, String name, boolean otherwise) {
    String value = text(context, name, String.valueOf(otherwise));
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(name + " must be true or false: " + value);
    };
  }

  private static @Nullable Level level(ServletContext context, String name) {
    String value = text(context, name, "debug").toLowerCase(Locale.ROOT);
    return switch (value) {
      case "info" -> Level.INFO;
      case "debug" -> Level.DEBUG;
      case "off" -> null;
      default -> throw new IllegalArgumentException(name + " must be info, debug or off: " + value);
    };
  }
}
