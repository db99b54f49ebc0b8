package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.http.PeerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private static final String SELF = "geecache.self";

  @TempDir private Path directory;

  @Test
  void withoutAnyAreTheDefaultsOfALibrary() {
    Settings settings = Sources.of("/shop").settings();

    assertThat(settings.get(SettingTable.ENABLED)).isTrue();
    assertThat(settings.get(SettingTable.DEMO)).isFalse();
    assertThat(settings.find(SettingTable.SELF)).isEmpty();
    assertThat(settings.get(SettingTable.PEERS)).isEmpty();
    assertThat(settings.get(SettingTable.REQUIRED_GROUPS)).isEmpty();
    assertThat(ContextPool.peerOptions(settings)).isEqualTo(PeerOptions.defaults());
    assertThat(settings.get(SettingTable.REQUEST_LOG)).isEqualTo(SettingTable.RequestLog.DEBUG);
  }

  /** Each place in turn is the first that has the setting. */
  @ParameterizedTest
  @CsvSource({"4, system", "3, environment", "2, file", "1, parameter"})
  void theFirstPlaceThatHasASettingDecides(int places, String expected) throws Exception {
    Map<String, String> system =
        places < 4
            ? Map.of()
            : Map.of(SELF, "http://system", "geecache.config", file("").toString());
    Map<String, String> environment =
        places < 3 ? Map.of() : Map.of("GEECACHE_SELF", "http://environment");
    Path file = file(places < 2 ? "" : "geecache.self=http://file");
    Sources sources =
        Sources.of("/shop")
            .system(system)
            .environment(environment)
            .parameters(Map.of(SELF, "http://parameter", "geecache.config", file.toString()));

    assertThat(sources.settings().find(SettingTable.SELF)).contains("http://" + expected);
  }

  @Test
  void withinAPlaceTheApplicationsOwnBeatsThatOfAll() throws Exception {
    Map<String, String> both = Map.of(SELF, "http://all", "geecache.shop.self", "http://shop");
    Path file = file("geecache.self=http://all\ngeecache.shop.self=http://shop\n");
    List<Sources> places =
        List.of(
            Sources.of("/shop").system(both),
            Sources.of("/shop")
                .environment(
                    Map.of("GEECACHE_SELF", "http://all", "GEECACHE_SHOP_SELF", "http://shop")),
            Sources.of("/shop").system(Map.of("geecache.config", file.toString())),
            Sources.of("/shop").parameters(both));

    for (Sources sources : places) {
      assertThat(sources.settings().find(SettingTable.SELF)).contains("http://shop");
      Sources other =
          new Sources("/", sources.system(), sources.environment(), sources.parameters());
      assertThat(other.settings().find(SettingTable.SELF)).contains("http://all");
    }
  }

  @Test
  void whatIsForAllInAFormerPlaceBeatsTheApplicationsOwnInALaterOne() {
    Sources sources =
        Sources.of("/shop")
            .system(Map.of(SELF, "http://all"))
            .environment(Map.of("GEECACHE_SHOP_SELF", "http://shop"));

    assertThat(sources.settings().find(SettingTable.SELF)).contains("http://all");
  }

  @ParameterizedTest
  @CsvSource({
    "'', geecache.ROOT.self, GEECACHE_ROOT_SELF",
    "/shop, geecache.shop.self, GEECACHE_SHOP_SELF",
    "/a/b, geecache.a/b.self, GEECACHE_A_B_SELF",
    "/shop-2, geecache.shop-2.self, GEECACHE_SHOP_2_SELF",
    "/self, geecache.self.self, GEECACHE_SELF_SELF",
  })
  void anApplicationIsCalledByItsContextPath(String path, String property, String variable) {
    assertThat(
            Sources.of(path)
                .system(Map.of(property, "http://x"))
                .settings()
                .find(SettingTable.SELF))
        .contains("http://x");
    assertThat(
            Sources.of(path)
                .environment(Map.of(variable, "http://x"))
                .settings()
                .find(SettingTable.SELF))
        .contains("http://x");
  }

  @Test
  void aBlankValueStandsForTheDefault() {
    Sources sources =
        Sources.of("/shop")
            .environment(Map.of("GEECACHE_PEER_TIMEOUT", " "))
            .parameters(Map.of("geecache.peer-timeout", "5s"));

    assertThat(sources.settings().get(SettingTable.PEER_TIMEOUT)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void valuesAreTakenAsTheyAreWritten() throws Exception {
    String value = "${geecache.self}\\$$ä";
    Path file = file("geecache.config=" + value.replace("\\", "\\\\"));

    SettingSources sources =
        Sources.of("")
            .system(Map.of("geecache.config", file.toString()))
            .parameters(Map.of("geecache.demo", value))
            .read();

    assertThat(sources.find("geecache.demo").orElseThrow().value()).isEqualTo(value);
    assertThat(sources.all().get(2).find("geecache.config").orElseThrow().value()).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "enabled | FALSE | must be `true` or `false`",
        "demo | yes | must be `true` or `false`",
        "public-reads | 1 | must be `true` or `false`",
        "config | no-such-file | must be the path of a properties file that can be read:"
            + " java.nio.file.NoSuchFileException: %s",
        "required-groups | users;prices | must be names of groups, separated by commas",
        "self | shop | a node's URL must be http(s)://host[:port][/path], without user,"
            + " query or fragment: shop",
        "peers | 10.0.0.1:8080 | a node's URL must be http(s)://host[:port][/path], without user,"
            + " query or fragment: 10.0.0.1:8080",
        "peers | http://a,ftp://b | a node's URL must be http(s)://host[:port][/path], without user,"
            + " query or fragment: ftp://b",
        "peer-requests | put | must be `batch` or `get`",
        "peer-requests | BATCH | must be `batch` or `get`",
        "peer-timeout | 1000 | must be a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, at least"
            + " `500ms`",
        "peer-timeout | 499ms | must be a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, at"
            + " least `500ms`",
        "peer-timeout | 1.5s | must be a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, at least"
            + " `500ms`",
        "peer-timeout | -1s | must be a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, at least"
            + " `500ms`",
        "peer-timeout | 36501d | must be a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, at"
            + " least `500ms`",
        "peer-connections | 0 | must be a whole number of at least 1",
        "peer-parked | many | must be a whole number of at least 1",
        "peer-waiting | 99999999999 | must be a whole number of at least 1",
        "removal-log | 1e3 | must be a whole number of at least 1",
        "request-log | loud | must be `info`, `debug` or `off`",
      })
  void aWrongValueIsToldOnOneLine(String name, String value, String complaint) {
    String told =
        complaint.replace("%s", Path.of(value.replace(':', '-')).toAbsolutePath().toString());
    assertThat(Sources.ofParameters(Map.of("geecache." + name, value)).faults())
        .containsExactly("geecache.%s=%s (context parameter): %s".formatted(name, value, told));
  }

  @Test
  void aPasswordInAUrlIsNotTold() {
    assertThat(
            Sources.ofParameters(Map.of("geecache.peers", "http://a,http://me:pass\n@b")).faults())
        .containsExactly(
            "geecache.peers=http://a,http://****@b (context parameter): a node's"
                + " URL must be http(s)://host[:port][/path], without user, query or fragment:"
                + " http://****@b");
  }

  @ParameterizedTest
  @CsvSource({
    "self, http://me:PASS@b",
    "peers, 'http://a,http://me:PASS@b'",
    "dns, http://me:PASS@b",
    "groupcache-peers, http://me:PASS@b",
    "groups.g.url, http://me:PASS@b/{key}",
    "groups.g.url, jdbc:h2:mem:x;PASSWORD=PASS"
  })
  void aPasswordInAUrlIsToldByNobody(String setting, String url) {
    for (String password : List.of("xyzzy", "x@yzzy", "x/yzzy", "x\nyzzy")) {
      Sources sources =
          Sources.ofParameters(Map.of("geecache." + setting, url.replace("PASS", password)));
      assertThat(sources.faults() + " " + sources.settings())
          .contains("****")
          .doesNotContain("yzzy");
    }
  }

  @Test
  void aSecretIsToldByNobody() {
    String secret = "fifteen-letters";
    assertThat(Sources.ofParameters(Map.of("geecache.secret", secret)).faults())
        .containsExactly(
            "geecache.secret=**** (context parameter): a secret must have at"
                + " least 16 characters, all visible ASCII; one has 15");
    assertThat(Sources.ofParameters(Map.of("geecache.secret", "sixteen-letters-")).settings())
        .asString()
        .contains("geecache.secret=****")
        .doesNotContain("letters");
  }

  @Test
  void allFaultsAreToldAtOnceWithTheirPlaces() throws Exception {
    Path file = file("geecache.peer-parked=0\n");
    Sources sources =
        Sources.of("/shop")
            .system(Map.of("geecache.shop.demo", "a\nb", "geecache.config", file.toString()))
            .environment(Map.of("GEECACHE_SHOP_PEER_TIMEOUT", "5"))
            .parameters(Map.of("geecache.request-log", "all"));

    assertThat(sources.faults())
        .containsExactly(
            "geecache.shop.demo=a\\nb (system property): must be `true` or `false`",
            "geecache.shop.peer-timeout=5 (environment variable GEECACHE_SHOP_PEER_TIMEOUT): must be"
                + " a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, at least `500ms`",
            "geecache.peer-parked=0 (file " + file + "): must be a whole number of at least 1",
            "geecache.request-log=all (context parameter): must be `info`, `debug` or `off`");
  }

  @Test
  void onlyAPlainFalseSwitchesOff() {
    assertThat(Sources.ofParameters(Map.of("geecache.enabled", "false")).settings().off()).isTrue();
    assertThat(Sources.ofParameters(Map.of("geecache.enabled", "no")).settings().off()).isFalse();
  }

  @Test
  void aFileThatIsNoneIsRefused() throws Exception {
    Path file = file("geecache.self=\\u00");
    assertThat(Sources.of("").system(Map.of("geecache.config", file.toString())).faults())
        .singleElement()
        .asString()
        .contains("Malformed \\uxxxx encoding");
  }

  @Test
  void aDirectoryIsNoFile() {
    assertThat(Sources.of("").system(Map.of("geecache.config", directory.toString())).faults())
        .singleElement()
        .asString()
        .startsWith("geecache.config=" + directory + " (system property): must be the path of")
        .contains("java.io.IOException");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GEECACHE_SHOP_SELF", "geecache_shop_self", "geecache.shop.self"})
  void theEnvironmentIsReadInAnyCase(String variable) {
    assertThat(
            Sources.of("/shop")
                .environment(Map.of(variable, "http://x"))
                .settings()
                .find(SettingTable.SELF))
        .contains("http://x");
  }

  @Test
  void ofTwoVariablesForOneSettingThatInCapitalsDecides() {
    Map<String, String> both =
        Map.of("geecache_self", "http://lower", "GEECACHE_SELF", "http://upper");
    assertThat(Sources.of("/shop").environment(both).settings().find(SettingTable.SELF))
        .contains("http://upper");
  }

  /** Other readers of such files take these names for commands. */
  @Test
  void noNameInAPlaceMovesThePlace() throws Exception {
    Path file = file("config_ordinal=900\n" + SELF + "=http://file\n");
    Sources sources =
        Sources.of("/shop")
            .system(Map.of(SELF, "http://system", "geecache.config", file.toString()))
            .environment(Map.of("CONFIG_ORDINAL", "900", "GEECACHE_SELF", "http://environment"));
    assertThat(sources.settings().find(SettingTable.SELF)).contains("http://system");
  }

  @Test
  void showTheirEffectOnOneLine() {
    Map<String, String> parameters =
        Map.of(
            SELF,
            "http://SHOP",
            "geecache.peers",
            "http://a:1 , http://b:2/shop",
            "geecache.secret",
            "a-secret-of-sixteen-or-more",
            "geecache.public-reads",
            "true",
            "geecache.peer-requests",
            "get",
            "geecache.peer-timeout",
            "1500ms",
            "geecache.request-log",
            "off");
    assertThat(Sources.ofParameters(parameters).settings())
        .hasToString(
            "geecache.enabled=true geecache.demo=false geecache.self=http://SHOP"
                + " geecache.peers=http://a:1 , http://b:2/shop geecache.membership=static"
                + " geecache.dns-interval=5s geecache.jgroups=tcp"
                + " geecache.jgroups-multicast=239.8.8.8:45588 geecache.health=true"
                + " geecache.secret=****"
                + " geecache.public-reads=true geecache.peer-requests=get"
                + " geecache.peer-timeout=1500ms geecache.peer-connections=64"
                + " geecache.peer-parked=64 geecache.peer-waiting=10000"
                + " geecache.removal-log=10000 geecache.warm-join=1m geecache.handoff=5s"
                + " geecache.groupcache=false"
                + " geecache.request-log=off");
  }

  @Test
  void goNodesNeedTheirSwitch() {
    Sources sources = Sources.ofParameters(Map.of("geecache.groupcache-peers", "http://go:1"));
    assertThat(sources.faults())
        .containsExactly("geecache.groupcache-peers needs geecache.groupcache=true");
  }

  /** Else it would be on the ring of the Go nodes, and not on its own. */
  @Test
  void aNodeBesideGoNodesIsListedItself() {
    Map<String, String> goNodes =
        Map.of("geecache.groupcache", "true", "geecache.groupcache-peers", "http://go:1");
    assertThat(Sources.ofParameters(goNodes).faults())
        .containsExactly(
            "geecache.groupcache-peers needs geecache.peers, which has at least this node");
    Map<String, String> byName = new HashMap<>(goNodes);
    byName.put("geecache.membership", "dns");
    assertThat(Sources.ofParameters(byName).faults()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "geecache.peers, 'http://a:1,http://B:2', http://b:2, http://B:2",
    "geecache.groupcache-peers, http://a:1/, http://a:1, http://a:1/",
  })
  void whereThereAreGoNodesUrlsHaveToBeWrittenInOneWay(
      String name, String value, String right, String wrong) {
    Sources sources = Sources.ofParameters(Map.of("geecache.groupcache", "true", name, value));
    assertThat(sources.faults())
        .singleElement()
        .asString()
        .startsWith(name)
        .endsWith(
            "Go nodes take a URL byte for byte, so write it as all nodes do: %s and not %s"
                .formatted(right, wrong));
  }

  private Path file(String text) throws Exception {
    return Files.writeString(
        Files.createTempFile(directory, "geecache", ".properties"), text, UTF_8);
  }
}
