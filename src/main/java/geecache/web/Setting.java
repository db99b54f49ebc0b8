package geecache.web;

import org.jspecify.annotations.Nullable;

/**
 * One setting there is.
 *
 * @param <T> the type of its value
 * @param name in full, {@code geecache.} included; of all groups' setting with {@link #GROUP} in it
 * @param kind what it may be
 * @param otherwise what it is if nothing is set, as it would be written; null for nothing
 * @param about what it is for, in a few words
 */
record Setting<T>(String name, Kind<T> kind, @Nullable String otherwise, String about) {
  /** What all names begin with. */
  static final String PREFIX = "geecache.";

  /** What the names of groups' settings begin with. */
  static final String GROUPS = PREFIX + "groups.";

  /** Stands for the name of a group. */
  static final String GROUP = "{group}";

  /** Returns what the setting is called in the settings of a group. */
  String nameInGroup() {
    return name.substring(GROUPS.length() + GROUP.length() + 1);
  }

  /** Returns the setting of one group, of which this is the pattern. */
  Setting<T> of(String group) {
    return new Setting<>(GROUPS + group + "." + nameInGroup(), kind, otherwise, about);
  }
}
