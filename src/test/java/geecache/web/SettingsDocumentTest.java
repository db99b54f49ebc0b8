package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
            withTable(text, "settings", SettingTable.all()), "groups", GroupSettingTable.all());
    if (System.getProperty("settings.write") != null) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(expected);
  }

  @Test
  void everyDefaultKeepsItsRule() {
    for (Setting<?> setting : SettingTable.everything()) {
      if (setting.otherwise() != null) {
        assertThat(setting.kind().reader().apply(setting.otherwise())).isNotNull();
      }
    }
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
    String otherwise = setting.otherwise();
    return "| `%s` | %s | %s | %s |"
        .formatted(
            setting.name(),
            setting.kind().rule(),
            otherwise == null || otherwise.isEmpty() ? "" : "`" + otherwise + "`",
            setting.about());
  }
}
