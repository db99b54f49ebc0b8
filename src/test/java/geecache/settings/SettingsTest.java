package geecache.settings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private static final String SELF = "geecache.self";
  private static final String FILE = "geecache.config";

  @TempDir private Path directory;

  @Test
  void withoutAnyAreTheDefaults() {
    Settings settings = Sample.of("shop").read();

    assertThat(settings.get(Sample.DEMO)).isFalse();
    assertThat(settings.get(Sample.PEER_TIMEOUT)).hasSeconds(1);
    assertThat(settings.find(Sample.SELF)).isEmpty();
    assertThatIllegalStateException().isThrownBy(() -> settings.get(Sample.SELF)).withMessage(SELF);
    assertThat(settings.groups()).isEmpty();
    assertThat(settings.faults()).isEmpty();
    assertThat(settings.warnings()).isEmpty();
  }

  /** Each place in turn is the first that has the setting. */
  @ParameterizedTest
  @CsvSource({"4, first", "3, environment", "2, file", "1, last"})
  void theFirstPlaceThatHasASettingDecides(int places, String expected) throws Exception {
    Map<String, String> first =
        places < 4 ? Map.of() : Map.of(SELF, "http://first", FILE, file("").toString());
    Map<String, String> environment =
        places < 3 ? Map.of() : Map.of("GEECACHE_SELF", "http://environment");
    Path file = file(places < 2 ? "" : "geecache.self=http://file");
    Sample sample =
        Sample.of("shop")
            .first(first)
            .environment(environment)
            .last(Map.of(SELF, "http://last", FILE, file.toString()));

    assertThat(sample.read().find(Sample.SELF)).contains("http://" + expected);
  }

  @Test
  void withinAPlaceTheApplicationsOwnBeatsThatOfAll() throws Exception {
    Map<String, String> both = Map.of(SELF, "http://all", "geecache.shop.self", "http://shop");
    Map<String, String> variables =
        Map.of("GEECACHE_SELF", "http://all", "GEECACHE_SHOP_SELF", "http://shop");
    Path file = file("geecache.self=http://all\ngeecache.shop.self=http://shop\n");
    List<Sample> places =
        List.of(
            Sample.of("shop").first(both),
            Sample.of("shop").environment(variables),
            Sample.of("shop").first(Map.of(FILE, file.toString())),
            Sample.of("shop").last(both));

    for (Sample sample : places) {
      assertThat(sample.read().find(Sample.SELF)).contains("http://shop");
      assertThat(sample.with("other").read().find(Sample.SELF)).contains("http://all");
    }
  }

  @Test
  void whatIsForAllInAFormerPlaceBeatsTheApplicationsOwnInALaterOne() {
    Sample sample =
        Sample.of("shop")
            .first(Map.of(SELF, "http://all"))
            .environment(Map.of("GEECACHE_SHOP_SELF", "http://shop"));

    assertThat(sample.read().find(Sample.SELF)).contains("http://all");
  }

  @ParameterizedTest
  @CsvSource({"GEECACHE_SHOP_2_SELF", "geecache_shop_2_self", "geecache.shop-2.self"})
  void theEnvironmentIsReadInAnyCase(String variable) {
    assertThat(
            Sample.of("shop-2").environment(Map.of(variable, "http://x")).read().find(Sample.SELF))
        .contains("http://x");
  }

  @Test
  void ofTwoVariablesForOneSettingThatInCapitalsDecides() {
    Map<String, String> both =
        Map.of("geecache_self", "http://small", "GEECACHE_SELF", "http://capital");
    assertThat(Sample.of("shop").environment(both).read().find(Sample.SELF))
        .contains("http://capital");
  }

  /** An application that is called {@code groups} cannot be told from the groups of all. */
  @Test
  void anApplicationWhoseNameBeginsOtherSettingsHasNoneOfItsOwn() {
    Map<String, String> texts =
        Map.of("geecache.groups.self", "http://own", "geecache.groups.self.ttl", "1s");
    Settings settings = Sample.of("groups").first(texts).read();

    assertThat(settings.find(Sample.SELF)).isEmpty();
    assertThat(settings.groups()).containsExactly("self");
  }

  @Test
  void aBlankTextStandsForTheDefault() {
    Settings settings =
        Sample.of("shop")
            .environment(Map.of("GEECACHE_PEER_TIMEOUT", " "))
            .last(Map.of("geecache.peer-timeout", "5s"))
            .read();

    assertThat(settings.get(Sample.PEER_TIMEOUT)).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.isSet(Sample.PEER_TIMEOUT)).isFalse();
  }

  @Test
  void textsAreTakenAsTheyAreWritten() throws Exception {
    String text = "${geecache.self}\\$$ä";
    Path file = file("geecache.self=" + text.replace("\\", "\\\\"));

    assertThat(Sample.of("").first(Map.of(FILE, file.toString())).read().find(Sample.SELF))
        .contains(text);
    assertThat(Sample.of("").last(Map.of(SELF, text)).read().find(Sample.SELF)).contains(text);
  }

  /** Other readers of such files take this name for a command. */
  @Test
  void noNameInAPlaceMovesThePlace() throws Exception {
    Path file = file("config_ordinal=900\ngeecache.self=http://file\n");
    Sample sample =
        Sample.of("shop")
            .first(Map.of(SELF, "http://first", FILE, file.toString()))
            .environment(Map.of("CONFIG_ORDINAL", "900", "GEECACHE_SELF", "http://environment"));

    assertThat(sample.read().find(Sample.SELF)).contains("http://first");
  }

  @Test
  void allFaultsAreToldAtOnceWithTheirPlaces() throws Exception {
    Path file = file("geecache.groups.a.ttl=5\n");
    Settings settings =
        Sample.of("shop")
            .first(Map.of("geecache.shop.demo", "a\nb", FILE, file.toString()))
            .environment(Map.of("GEECACHE_SHOP_PEER_TIMEOUT", "5"))
            .last(Map.of("geecache.groups.a.hot-ttl", "5"))
            .read();

    String time = "a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, ";
    assertThat(settings.faults())
        .containsExactly(
            "geecache.shop.demo=a\\nb (first place): must be `true` or `false`",
            "geecache.shop.peer-timeout=5 (environment variable GEECACHE_SHOP_PEER_TIMEOUT): must be "
                + time
                + "at least `500ms`",
            "geecache.groups.a.ttl=5 (file " + file + "): must be " + time + "or `0`",
            "geecache.groups.a.hot-ttl=5 (last place): must be " + time + "or `0`");
    assertThat(settings.isRefused(Sample.DEMO)).isTrue();
    assertThat(settings.isSet(Sample.DEMO)).isFalse();
    assertThat(settings.find(Sample.DEMO)).isEmpty();
    assertThat(settings.isRefused(Sample.SELF)).isFalse();
  }

  @Test
  void aFileThatIsNotThereIsToldWithItsWholePath() {
    assertThat(Sample.of("shop").last(Map.of(FILE, "no-such-file")).read().faults())
        .containsExactly(
            "geecache.config=no-such-file (last place): must be the path of a properties file that"
                + " can be read: java.nio.file.NoSuchFileException: "
                + Path.of("no-such-file").toAbsolutePath());
  }

  @Test
  void aFileThatIsNoneIsRefused() throws Exception {
    Path file = file("geecache.self=\\u00");
    assertThat(Sample.of("").first(Map.of(FILE, file.toString())).read().faults())
        .singleElement()
        .asString()
        .contains("Malformed \\uxxxx encoding");
  }

  @Test
  void aDirectoryIsNoFile() {
    assertThat(Sample.of("").first(Map.of(FILE, directory.toString())).read().faults())
        .singleElement()
        .asString()
        .startsWith("geecache.config=" + directory + " (first place): must be the path of")
        .contains("java.io.IOException");
  }

  @ParameterizedTest
  @ValueSource(strings = {"no\0path", "no\nfile"})
  void aPathThatForgesALineIsToldOnOneLine(String path) {
    assertThat(Sample.of("").first(Map.of(FILE, path)).read().faults())
        .singleElement()
        .asString()
        .matches("\\P{Cntrl}*");
  }

  /** A default that decides much is shown, and others are not. */
  @Test
  void showTheirEffectOnOneLine() {
    Map<String, String> texts =
        Map.of(
            SELF,
            " http://a\nb ",
            "geecache.secret",
            "a-secret",
            "geecache.groups.users.source",
            "scores",
            "geecache.groups.users.hot-ttl",
            "30s");
    assertThat(Sample.of("shop").last(texts).read())
        .hasToString(
            "geecache.self=http://a\\nb geecache.secret=****"
                + " geecache.groups.users.source=scores geecache.groups.users.ttl=0"
                + " geecache.groups.users.hot-ttl=30s");
  }

  @Test
  void areSetByWhatIsWrittenAlone() {
    Settings settings = Sample.of("shop").last(Map.of(SELF, "http://a")).read();

    assertThat(settings.isSet(Sample.SELF)).isTrue();
    assertThat(settings.isSet(Sample.PEER_TIMEOUT)).isFalse();
  }

  private Path file(String text) throws Exception {
    return Files.writeString(
        Files.createTempFile(directory, "geecache", ".properties"), text, UTF_8);
  }
}
