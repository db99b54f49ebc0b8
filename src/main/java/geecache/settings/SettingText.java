package geecache.settings;

import geecache.internal.ControlCharacters;

/**
 * The text of a setting, as it is written in one place.
 *
 * @param name the name under which it is written, with the application's name in it or without
 * @param value without the blanks around it
 * @param place what the place is called
 */
record SettingText(String name, String value, String place) {

  /** Returns the line that tells users of a text which {@code type} refuses. */
  String fault(SettingType<?> type, String complaint) {
    return "%s=%s (%s): %s"
        .formatted(
            ControlCharacters.escape(name),
            type.shown(value),
            place,
            ControlCharacters.escape(complaint));
  }
}
