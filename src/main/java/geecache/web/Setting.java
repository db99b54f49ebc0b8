package geecache.web;

import org.jspecify.annotations.Nullable;

/**
 * One setting there is.
 *
 * @param <T> the type of its value
 * @param name in full, {@code geecache.} included; of a group's setting with {@link #GROUP} in it
 * @param kind what it may be
 * @param otherwise what it is if nothing is set, as it would be written; null for nothing, or for
 *     what {@code about} says
 * @param about what it is for, in a few words
 */
record Setting<T>(String name, Kind<T> kind, @Nullable String otherwise, String about) {
  /** Stands for the name of a group. */
  static final String GROUP = "{group}";

  /** What all names begin with. */
  static final String PREFIX = "geecache.";

  /** Returns the setting of one group, of which this is the pattern. */
  Setting<T> of(String group) {
    return new Setting<>(name.replace(GROUP, group), kind, otherwise, about);
  }
}
