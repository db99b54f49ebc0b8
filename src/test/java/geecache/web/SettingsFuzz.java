package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import geecache.settings.Setting;
import geecache.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Any text as the value of any setting, and as a name. */
final class SettingsFuzz {
  private static final List<Setting<?>> SETTINGS =
      Stream.<Setting<?>>concat(NodeSettingTable.all().stream(), GroupSettingTable.all().stream())
          .toList();

  @FuzzTest
  void isReadOrRefusedByItsRule(FuzzedDataProvider data) {
    boolean named = data.consumeInt(0, 999) == 7; // It takes that much longer.
    Setting<?> setting = data.pickValue(SETTINGS);
    String amount = data.consumeInt(0, 99) + data.consumeString(3);
    String text = data.consumeBoolean() ? amount : data.consumeString(200);
    String name = data.consumeRemainingAsString();
    assertShown(setting.type().shown(text));
    try {
      setting.type().parse(text);
    } catch (IllegalArgumentException refused) {
      assertThat(setting.type().complaint(refused)).isNotBlank();
    }
    if (named) {
      assertNamed("geecache." + name, text);
    }
  }

  private static void assertNamed(String name, String text) {
    WrittenSettings places =
        WrittenSettings.of("/shop").system(Map.of(name, text)).parameters(Map.of(name, text));
    Settings settings = places.settings();
    Stream.of(List.of(settings.toString()), settings.faults(), settings.warnings())
        .flatMap(List::stream)
        .forEach(SettingsFuzz::assertShown);
  }

  /** What is shown goes into the log. */
  private static void assertShown(String line) {
    assertThat(line).matches("\\P{Cntrl}*");
  }
}
