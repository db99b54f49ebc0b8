package geecache.settings;

import geecache.internal.ControlCharacters;

/**
 * The text of a setting, as it is written in one place.
 *
 * @param name the name under which it is written, with the application's name in it or without
 * @param value without the blanks around it
 * @param place the name of the place
 */
record SettingText(String name, String value, String place) {

  /** Returns the line that tells users why {@code type} refuses the text. */
  String fault(SettingType<?> type, String complaint) {
    return "%s=%s (%s): %s"
        .formatted(
            ControlCharacters.escape(name),
            type.shown(value),
            place,
            ControlCharacters.escape(complaint));
  }
}
