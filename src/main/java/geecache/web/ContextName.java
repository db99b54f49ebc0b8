package geecache.web;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an application is called in the names of settings that are meant for it alone: its context
 * path without the leading slash, {@code ROOT} for the root.
 */
record ContextName(String name) {
  private static final String ROOT = "ROOT";

  /** With which settings of several words begin, such as {@code groups}. */
  private static final Set<String> FIRST_WORDS =
      SettingTable.all().stream()
          .map(setting -> setting.name().substring(Setting.PREFIX.length()))
          .filter(name -> name.contains("."))
          .map(name -> name.substring(0, name.indexOf('.')))
          .collect(Collectors.toUnmodifiableSet());

  /** Returns the name of the application at {@code contextPath}. */
  static ContextName of(String contextPath) {
    String name = contextPath.replaceFirst("^/", "");
    return new ContextName(name.isEmpty() ? ROOT : name);
  }

  /**
   * Returns what the names begin with that are meant for this application; nothing where the names
   * of settings begin so too, as {@code geecache.groups.} does: those are always settings of all.
   */
  Optional<String> prefix() {
    return FIRST_WORDS.contains(name) ? Optional.empty() : Optional.of(Setting.PREFIX + name + ".");
  }

  /** Returns the name under which {@code setting} is set for this application alone. */
  Optional<String> own(String setting) {
    return prefix().map(prefix -> prefix + setting.substring(Setting.PREFIX.length()));
  }
}
