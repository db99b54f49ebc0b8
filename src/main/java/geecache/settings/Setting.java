package geecache.settings;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One setting, of the node or of each of its groups.
 *
 * @param <T> the type of its value
 * @param name in full, such as {@code geecache.peers}; a setting that each group has contains
 *     {@code {group}} where the name of a group stands
 * @param type the rule for its text, and how the text becomes a value
 * @param defaultText the text that counts where none is written; null if there is no default
 * @param description what the setting is for, in a few words
 * @param otherWords what users may call it, such as its name in Java; they are told its name
 * @param shownAlways whether its default is shown too when the application starts
 */
public record Setting<T>(
    String name,
    SettingType<T> type,
    @Nullable String defaultText,
    String description,
    Set<String> otherWords,
    boolean shownAlways) {
  /** The beginning of every name. */
  static final String PREFIX = "geecache.";

  /** The beginning of the names of groups' settings. */
  static final String GROUPS = PREFIX + "groups.";

  /** Stands for the name of a group. */
  static final String GROUP = "{group}";

  /** Makes a setting of the node; {@code name} is without {@code geecache.}. */
  public static <T> Setting<T> ofNode(
      String name, SettingType<T> type, @Nullable String defaultText, String description) {
    return new Setting<>(PREFIX + name, type, defaultText, description, Set.of(), false);
  }

  /** Makes a setting that each group has; {@code name} goes after the group's name. */
  public static <T> Setting<T> ofEachGroup(
      String name, SettingType<T> type, @Nullable String defaultText, String description) {
    return new Setting<>(
        ofGroup(GROUP) + "." + name, type, defaultText, description, Set.of(), false);
  }

  /** Returns the beginning of the names of one group's settings, without the last dot. */
  public static String ofGroup(String group) {
    return GROUPS + group;
  }

  /** Returns the part of the name after the name of the group. */
  public String nameInGroup() {
    return name.substring(ofGroup(GROUP).length() + 1);
  }

  /** Returns this setting, which each group has, as that of {@code group}. */
  public Setting<T> of(String group) {
    return new Setting<>(
        ofGroup(group) + "." + nameInGroup(),
        type,
        defaultText,
        description,
        otherWords,
        shownAlways);
  }

  /** Returns this setting, which users may look for under {@code words}. */
  public Setting<T> alsoCalled(String... words) {
    return new Setting<>(name, type, defaultText, description, Set.of(words), shownAlways);
  }

  /** Returns this setting, whose default is worth a look when the application starts. */
  public Setting<T> alwaysShown() {
    return new Setting<>(name, type, defaultText, description, otherWords, true);
  }
}
