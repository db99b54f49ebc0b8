package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.settings.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The metadata by which editors complete properties are those of the code. {@code mvn test
 * -Dtest=MetadataTest -Dsettings.write} writes the file and the table of the document.
 */
class MetadataTest {
  private static final Path FILE =
      Path.of("src", "main", "resources", "META-INF", "spring-configuration-metadata.json");
  private static final Path DOCUMENT = Path.of("docs", "spring.md");

  /** Stands for the name of a cache. */
  private static final String ANY_GROUP = "*";

  @Test
  void theFileHasEverySettingAsTheCodeHasIt() throws Exception {
    String expected =
        SpringSettingTable.ALL
            .all()
            .map(MetadataTest::property)
            .collect(Collectors.joining(",\n", "{\"properties\": [\n", "\n]}\n"));
    if (System.getProperty("settings.write") != null) {
      Files.writeString(FILE, expected);
    }
    assertThat(Files.readString(FILE)).isEqualTo(expected);
    JsonNode properties = JsonMapper.shared().readTree(expected).get("properties");
    assertThat(properties.findValuesAsString("name"))
        .hasSize((int) SpringSettingTable.ALL.all().count())
        .contains("geecache.peers", "geecache.groups.*.ttl", "geecache.spring.packages");
  }

  private static String property(Setting<?> setting) {
    String text = setting.defaultText();
    String rule = setting.description() + ". Must be " + setting.type().rule();
    return "  {\"name\": %s, \"type\": %s, \"description\": %s%s}"
        .formatted(
            quoted(setting.name().replace("{group}", ANY_GROUP)),
            quoted(
                setting.type().rule().equals("`true` or `false`")
                    ? "java.lang.Boolean"
                    : "java.lang.String"),
            quoted(
                rule.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + rule.substring(1) + "."),
            text == null || text.isEmpty() ? "" : ", \"defaultValue\": " + quoted(text));
  }

  private static String quoted(String text) {
    return JsonMapper.shared().writeValueAsString(text);
  }

  @Test
  void theDocumentHasTheSettingsOfSpring() throws Exception {
    List<String> rows =
        SpringSettingTable.OWN.stream()
            .map(
                each ->
                    "| `%s` | %s | %s | %s |"
                        .formatted(
                            each.name(),
                            each.type().rule(),
                            each.defaultText().isEmpty() ? "" : "`" + each.defaultText() + "`",
                            each.description()))
            .toList();
    assertThat(Files.readString(DOCUMENT)).contains(rows);
  }
}
