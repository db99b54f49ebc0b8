package geecache.settings;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Collectors;

/** The properties file that a setting names, as one more place. */
public final class SettingFile {
  private static final String RULE = "the path of a properties file that can be read";

  /** The setting that names the file. */
  public static final Setting<String> SETTING =
      Setting.ofNode("config", SettingType.text(RULE), null, "more settings, in UTF-8");

  private SettingFile() {}

  /**
   * Reads the file at {@code path}.
   *
   * @throws IllegalArgumentException if it cannot be read; the message says why
   */
  static SettingPlace read(String path) {
    Properties properties = new Properties();
    try {
      Path file = Path.of(path);
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(Files.newInputStream(file.toAbsolutePath()), UTF_8))) {
        properties.load(reader);
      }
      return SettingPlace.of(
          "file " + file,
          properties.stringPropertyNames().stream()
              .collect(Collectors.toMap(name -> name, properties::getProperty)));
    } catch (IOException | IllegalArgumentException unreadable) {
      throw new IllegalArgumentException("must be " + RULE + ": " + unreadable, unreadable);
    }
  }
}
