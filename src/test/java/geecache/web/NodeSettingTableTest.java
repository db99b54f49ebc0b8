package geecache.web;

import static java.util.Locale.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.GroupBuilder;
import geecache.http.PeerOptions;
import geecache.settings.Settings;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeSettingTableTest {
  private static final String SELF = "geecache.self";

  @Test
  void withoutAnyAreTheDefaultsOfALibrary() {
    Settings settings = WrittenSettings.of("/shop").settings();

    assertThat(settings.get(NodeSettingTable.ENABLED)).isTrue();
    assertThat(settings.get(NodeSettingTable.DEMO)).isFalse();
    assertThat(settings.find(NodeSettingTable.SELF)).isEmpty();
    assertThat(settings.get(NodeSettingTable.PEERS)).isEmpty();
    assertThat(settings.get(NodeSettingTable.REQUIRED_GROUPS)).isEmpty();
    assertThat(ConfiguredNode.peerOptions(settings)).isEqualTo(PeerOptions.defaults());
    assertThat(settings.get(NodeSettingTable.REQUEST_LOG))
        .isEqualTo(NodeSettingTable.RequestLog.DEBUG);
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
    assertThat(WrittenSettings.ofParameters(Map.of("geecache." + name, value)).faults())
        .containsExactly("geecache.%s=%s (context parameter): %s".formatted(name, value, told));
  }

  @Test
  void aPasswordInAUrlIsNotTold() {
    assertThat(
            WrittenSettings.ofParameters(Map.of("geecache.peers", "http://a,http://me:pass\n@b"))
                .faults())
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
      WrittenSettings written =
          WrittenSettings.ofParameters(
              Map.of("geecache." + setting, url.replace("PASS", password)));
      assertThat(written.faults() + " " + written.settings())
          .contains("****")
          .doesNotContain("yzzy");
    }
  }

  @Test
  void aSecretIsToldByNobody() {
    String secret = "fifteen-letters";
    assertThat(WrittenSettings.ofParameters(Map.of("geecache.secret", secret)).faults())
        .containsExactly(
            "geecache.secret=**** (context parameter): a secret must have at"
                + " least 16 characters, all visible ASCII; one has 15");
    assertThat(
            WrittenSettings.ofParameters(Map.of("geecache.secret", "sixteen-letters-")).settings())
        .asString()
        .contains("geecache.secret=****")
        .doesNotContain("letters");
  }

  @Test
  void onlyAPlainFalseSwitchesOff() {
    assertThat(isOff("false")).isTrue();
    assertThat(isOff("no")).isFalse();
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
    assertThat(WrittenSettings.ofParameters(parameters).settings())
        .hasToString(
            "geecache.self=http://SHOP geecache.peers=http://a:1 , http://b:2/shop"
                + " geecache.secret=**** geecache.public-reads=true geecache.peer-requests=get"
                + " geecache.peer-timeout=1500ms"
                + " geecache.request-log=off");
  }

  /** Who has read the Javadoc writes its words. */
  @Test
  void theWordsOfJavaLeadToTheSettings() {
    for (String word : wordsOf(GroupBuilder.class)) {
      assertLeads("geecache.groups.users." + word);
    }
    for (String word : wordsOf(PeerOptions.Builder.class)) {
      if (!word.equals("tls")) { // Two settings together.
        assertLeads("geecache." + word);
      }
    }
  }

  private static void assertLeads(String name) {
    Map<String, String> written = Map.of("geecache.groups.users.source", "scores", name, "1");
    assertThat(WrittenSettings.ofParameters(written).settings().warnings())
        .as(name)
        .allMatch(warning -> warning.contains("; did you mean geecache."));
  }

  private static Set<String> wordsOf(Class<?> builder) {
    return Stream.of(builder.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .filter(method -> method.getReturnType() == builder)
        .map(method -> method.getName().replaceAll("([a-z])([A-Z])", "$1-$2").toLowerCase(ROOT))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void virtualThreadsNeedAJvmThatHasThem() {
    List<String> faults =
        WrittenSettings.ofParameters(Map.of("geecache.loader-threads", "virtual")).faults();
    if (Runtime.version().feature() >= 21) {
      assertThat(faults).isEmpty();
    } else {
      assertThat(faults)
          .containsExactly(
              "geecache.loader-threads=virtual needs a JVM of 21 or later; this one is "
                  + Runtime.version());
    }
  }

  @Test
  void goNodesNeedTheirSwitch() {
    WrittenSettings written =
        WrittenSettings.ofParameters(Map.of("geecache.groupcache-peers", "http://go:1"));
    assertThat(written.faults())
        .containsExactly("geecache.groupcache-peers needs geecache.groupcache=true");
  }

  /** Else it would be on the ring of the Go nodes, and not on its own. */
  @Test
  void aNodeBesideGoNodesIsListedItself() {
    Map<String, String> goNodes =
        Map.of("geecache.groupcache", "true", "geecache.groupcache-peers", "http://go:1");
    assertThat(WrittenSettings.ofParameters(goNodes).faults())
        .containsExactly(
            "geecache.groupcache-peers needs geecache.peers, which has at least this node");
    Map<String, String> byName = new HashMap<>(goNodes);
    byName.put("geecache.membership", "dns");
    assertThat(WrittenSettings.ofParameters(byName).faults()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "geecache.peers, 'http://a:1,http://B:2', http://b:2, http://B:2",
    "geecache.groupcache-peers, http://a:1/, http://a:1, http://a:1/",
  })
  void whereThereAreGoNodesUrlsHaveToBeWrittenInOneWay(
      String name, String value, String right, String wrong) {
    WrittenSettings written =
        WrittenSettings.ofParameters(Map.of("geecache.groupcache", "true", name, value));
    assertThat(written.faults())
        .singleElement()
        .asString()
        .startsWith(name)
        .endsWith(
            "Go nodes take a URL byte for byte, so write it as all nodes do: %s and not %s"
                .formatted(right, wrong));
  }

  private static boolean isOff(String enabled) {
    return NodeSettingTable.isSwitchedOff(
        WrittenSettings.ofParameters(Map.of("geecache.enabled", enabled)).settings());
  }
}
