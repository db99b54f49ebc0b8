package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.settings.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/settings.md} says what the code does. {@code mvn test -Dtest=SettingsDocumentTest
 * -Dsettings.write} writes the table into it.
 */
class SettingsDocumentTest {
  private static final Path DOCUMENT = Path.of("docs", "settings.md");

  @Test
  void theTableOfTheDocumentIsThatOfTheCode() throws Exception {
    String text = Files.readString(DOCUMENT);
    String expected =
        withTable(
            withTable(text, "settings", NodeSettingTable.all()), "groups", GroupSettingTable.all());
    if (System.getProperty("settings.write") != null) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(expected);
  }

  @Test
  void everyDefaultKeepsItsRule() {
    Stream.concat(NodeSettingTable.all().stream(), GroupSettingTable.all().stream())
        .filter(setting -> setting.defaultText() != null)
        .forEach(setting -> assertThat(setting.type().parse(setting.defaultText())).isNotNull());
  }

  private static String withTable(String text, String name, List<Setting<?>> settings) {
    Matcher table = Pattern.compile("(?s)(<!-- " + name + " -->\n).*?(<!-- end -->)").matcher(text);
    assertThat(table.find()).isTrue();
    String rows =
        settings.stream().map(SettingsDocumentTest::row).collect(Collectors.joining("\n"));
    return text.substring(0, table.end(1))
        + "| setting | must be | default | what for |\n| --- | --- | --- | --- |\n"
        + rows
        + "\n"
        + text.substring(table.start(2));
  }

  private static String row(Setting<?> setting) {
    String text = setting.defaultText();
    return "| `%s` | %s | %s | %s |"
        .formatted(
            setting.name(),
            setting.type().rule(),
            text == null || text.isEmpty() ? "" : "`" + text + "`",
            setting.description());
  }
}
