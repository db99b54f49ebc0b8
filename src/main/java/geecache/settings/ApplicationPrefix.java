package geecache.settings;

import java.util.Optional;

/**
 * The beginning of the names of settings that are meant for one application alone, such as {@code
 * geecache.shop.}.
 */
final class ApplicationPrefix {
  /** Empty if no setting can be meant for the application alone. */
  private final Optional<String> prefix;

  /**
   * Makes the prefix of the application that is called {@code application}. If settings of all
   * applications begin so too, as {@code geecache.groups.} does, there is none.
   */
  ApplicationPrefix(String application, SettingTable table) {
    String own = Setting.PREFIX + application + ".";
    this.prefix =
        table.all().anyMatch(setting -> setting.name().startsWith(own))
            ? Optional.empty()
            : Optional.of(own);
  }

  /** Returns the name under which {@code setting} is written for this application alone. */
  Optional<String> addTo(String setting) {
    return prefix.map(own -> own + setting.substring(Setting.PREFIX.length()));
  }

  /** Returns {@code written} without the name of this application in it. */
  String removeFrom(String written, Notation notation) {
    return prefix
        .map(notation::of)
        .filter(written::startsWith)
        .map(own -> notation.of(Setting.PREFIX) + written.substring(own.length()))
        .orElse(written);
  }
}
