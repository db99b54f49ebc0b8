package geecache.web;

import java.util.Optional;

/**
 * What an application is called in the names of settings that are meant for it alone: its context
 * path without the leading slash, {@code ROOT} for the root.
 */
record ContextName(String name) {
  private static final String ROOT = "ROOT";

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
    String prefix = Setting.PREFIX + name + ".";
    return SettingTable.everything().stream().anyMatch(s -> s.name().startsWith(prefix))
        ? Optional.empty()
        : Optional.of(prefix);
  }

  /** Returns the name under which {@code setting} is set for this application alone. */
  Optional<String> own(String setting) {
    return prefix().map(prefix -> prefix + setting.substring(Setting.PREFIX.length()));
  }

  /** Returns {@code written} without the name of this application in it. */
  String plain(String written) {
    return prefix()
        .filter(written::startsWith)
        .map(prefix -> Setting.PREFIX + written.substring(prefix.length()))
        .orElse(written);
  }

  /** Returns an environment variable without the name of this application in it. */
  String plainVariable(String written) {
    return prefix()
        .map(SettingSource::variable)
        .filter(written::startsWith)
        .map(prefix -> SettingSource.variable(Setting.PREFIX) + written.substring(prefix.length()))
        .orElse(written);
  }
}
