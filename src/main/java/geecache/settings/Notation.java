package geecache.settings;

import java.util.Locale;

/** How places write the name of a setting. */
enum Notation {
  /** As it is: {@code geecache.peer-timeout}. */
  NAME,

  /** As a variable of the environment: {@code GEECACHE_PEER_TIMEOUT}. */
  VARIABLE;

  /** Returns {@code name}, or the beginning of one, as it is written in this notation. */
  String of(String name) {
    return this == NAME ? name : name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }
}
