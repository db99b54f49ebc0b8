package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.settings.Setting;
import geecache.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class EnvironmentSettingsTest {
  private final StandardEnvironment environment = new StandardEnvironment();

  private Settings read(Map<String, Object> properties) {
    environment.getPropertySources().addLast(new MapPropertySource("application.yml", properties));
    return EnvironmentSettings.read(environment);
  }

  private static String text(Settings settings, String name) {
    return settings.textOf(setting(name)).orElse("");
  }

  private static Setting<?> setting(String name) {
    return SpringSettingTable.ALL
        .all()
        .map(
            each ->
                each.name().contains("{group}")
                    ? each.of(name.contains("my.users") ? "my.users" : "users")
                    : each)
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void namesAreWrittenAsBootAllowsIt() {
    Settings settings =
        read(
            Map.of(
                "geecache.peerTimeout", "2s",
                "geecache.peer_connections", "8",
                "geecache.spring.transactionAware", "false",
                "geecache.groups.users.maxBytes", "1MiB",
                "geecache.groups[my.users].ttl", "1m"));
    assertThat(text(settings, "geecache.peer-timeout")).isEqualTo("2s");
    assertThat(text(settings, "geecache.peer-connections")).isEqualTo("8");
    assertThat(text(settings, "geecache.spring.transaction-aware")).isEqualTo("false");
    assertThat(text(settings, "geecache.groups.users.max-bytes")).isEqualTo("1MiB");
    assertThat(text(settings, "geecache.groups.my.users.ttl")).isEqualTo("1m");
    assertThat(settings.groups()).containsExactly("my.users", "users");
    assertThat(settings.warnings()).isEmpty();
    assertThat(settings.faults()).isEmpty();
  }

  @Test
  void aListMayHaveItems() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("geecache.peers[1]", "http://b:8080");
    properties.put("geecache.peers[0]", "http://a:8080");
    assertThat(text(read(properties), "geecache.peers")).isEqualTo("http://a:8080,http://b:8080");
  }

  @Test
  void placeholdersAreResolved() {
    assertThat(
            text(
                read(Map.of("host", "a", "geecache.self", "http://${host}:8080")), "geecache.self"))
        .isEqualTo("http://a:8080");
  }

  /** A secret must not be the name of a variable that is not there. */
  @Test
  void aPlaceholderThatStandsForNothingIsAFault() {
    Settings settings = read(Map.of("geecache.secret", "much-too-secret-${MISSING_VARIABLE}"));
    assertThat(settings.faults())
        .singleElement()
        .asString()
        .startsWith("geecache.secret (application.yml): ")
        .contains("MISSING_VARIABLE")
        .doesNotContain("much-too-secret");
    assertThat(settings.isSet(setting("geecache.secret"))).isFalse();
  }

  @Test
  void aPlaceholderOfALaterPlaceIsNoFault() {
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("first", Map.of("geecache.secret", "a-secret-of-tests")));
    Settings settings = read(Map.of("geecache.secret", "${MISSING_VARIABLE}"));
    assertThat(settings.faults()).isEmpty();
    assertThat(settings.isSet(setting("geecache.secret"))).isTrue();
  }

  @Test
  void variablesHaveEitherSpelling() {
    environment
        .getPropertySources()
        .addFirst(
            new SystemEnvironmentPropertySource(
                "systemEnvironment",
                Map.of(
                    "GEECACHE_PEERTIMEOUT", "3s",
                    "GEECACHE_PEER_CONNECTIONS", "9",
                    "GEECACHE_GROUPS_USERS_MAXBYTES", "2MiB",
                    "GEECACHE_SERVICE_HOST", "10.0.0.1")));
    Settings settings =
        read(Map.of("geecache.groups.users.ttl", "1m", "geecache.peer-timeout", "1s"));
    assertThat(text(settings, "geecache.peer-timeout")).isEqualTo("3s");
    assertThat(text(settings, "geecache.peer-connections")).isEqualTo("9");
    assertThat(text(settings, "geecache.groups.users.max-bytes")).isEqualTo("2MiB");
    assertThat(settings.warnings()).isEmpty();
  }

  @Test
  void anUnknownNameIsAWarningWithThePlaceAndWhatWasMeant() {
    assertThat(read(Map.of("geecache.peer-timeouts", "1s")).warnings())
        .containsExactly(
            "unknown setting geecache.peer-timeouts (application.yml); did you mean"
                + " geecache.peer-timeout?");
  }

  @Test
  void aWrongValueIsAFaultWithThePlace() {
    assertThat(read(Map.of("geecache.peer-timeout", "1000")).faults())
        .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .startsWith("geecache.peer-timeout=1000 (application.yml): must be a time");
  }

  @Test
  void librariesThatAreTooOldAreTold() {
    assertThat(LeastVersions.missed()).isEmpty();
    assertThat(
            LeastVersions.missed(
                Map.of(
                    "com.github.ben-manes.caffeine:caffeine", "3.1.8",
                    "org.apache.httpcomponents.client5:httpclient5", "5.10-beta1",
                    "org.apache.httpcomponents.core5:httpcore5", "")))
        .isEqualTo(
            List.of(
                "com.github.ben-manes.caffeine:caffeine is 3.1.8, and at least 3.2.4 is needed"));
  }
}
