package geecache.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnknownSettingsTest {

  @ParameterizedTest
  @CsvSource({
    "geecache.peer-timeot, geecache.peer-timeout",
    "geecache.shop.peer-timeot, geecache.shop.peer-timeout",
    "geecache.Self, geecache.self",
  })
  void areToldWithTheNearestThatIsKnown(String name, String nearest) {
    assertThat(told(Sample.of("shop").first(Map.of(name, "x"))))
        .containsExactly(
            "unknown setting " + name + " (first place); did you mean " + nearest + "?");
  }

  @ParameterizedTest
  @CsvSource({
    "GEECACHE_PEER_TIMEOT, GEECACHE_PEER_TIMEOUT",
    "GEECACHE_SHOP_PEER_TIMEOT, GEECACHE_SHOP_PEER_TIMEOUT",
  })
  void areToldOfTheEnvironmentInItsOwnNotation(String name, String nearest) {
    assertThat(told(Sample.of("shop").environment(Map.of(name, "x"))))
        .containsExactly(
            "unknown setting " + name + " (environment variable); did you mean " + nearest + "?");
  }

  /** A properties file with the names of the environment was ignored without a word. */
  @ParameterizedTest
  @CsvSource({
    "GEECACHE_PEER_TIMEOUT, geecache.peer-timeout",
    "GEECACHE_SHOP_PEER_TIMEOUT, geecache.shop.peer-timeout",
    "geecache_self, geecache.self",
    "GeeCache.Self, geecache.self",
    "GEECACHE_SELFF, geecache.self",
    "GEECACHE_GROUPS_PRICES_TTL, geecache.groups.prices.ttl",
    "GEECACHE_GROUPS_USERS_HOT_TTL, geecache.groups.Users.hot-ttl",
  })
  void areToldThatHaveTheFormOfAnotherPlace(String name, String meant) {
    Map<String, String> texts = Map.of("geecache.groups.Users.source", "x", name, "x");
    assertThat(told(Sample.of("shop").first(texts)))
        .containsExactly("unknown setting " + name + " (first place); did you mean " + meant + "?");
  }

  @ParameterizedTest
  @CsvSource({
    "geecache.groups.users.time-to-live, geecache.groups.users.ttl",
    "geecache.groups.users.timeToLive, geecache.groups.users.ttl",
    "geecache.shop.groups.users.timeToLive, geecache.shop.groups.users.ttl",
    "geecache.groups.prices.time-to-live, geecache.groups.prices.ttl",
    "geecache.peerTimeout, geecache.peer-timeout",
    "geecache.ttl, geecache.groups.{group}.ttl",
    "geecache.time-to-live, geecache.groups.{group}.ttl",
    "geecache.groups.users.peer-timeout, geecache.peer-timeout",
  })
  void areToldThatHaveTheWordsOfJavaOrAreForAnotherSubject(String name, String meant) {
    Map<String, String> texts = Map.of("geecache.groups.users.source", "x", name, "x");
    assertThat(told(Sample.of("shop").first(texts)))
        .containsExactly("unknown setting " + name + " (first place); did you mean " + meant + "?");
  }

  @Test
  void areToldWithoutGuessingWhereNothingIsNear() {
    assertThat(told(Sample.of("shop").last(Map.of("geecache.colour\n", "x"))))
        .containsExactly("unknown setting geecache.colour\\n (last place)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "geecache.other.self",
        "geecache.a/b.peer-timeout",
        "geecache.v1.2.self",
        "other.x"
      })
  void areNoneThatMayBeOfOtherApplications(String name) {
    assertThat(told(Sample.of("shop").first(Map.of(name, "x")))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GEECACHE_PEER_TIMEOUT",
        "GEECACHE_OTHER_PEER_TIMEOUT",
        "GEECACHE_SERVICE_HOST",
        "GEECACHE_SERVICE_PORT_HTTP",
        "GEECACHE_PORT",
        "GEECACHE_PORT_8080_TCP_ADDR",
        "PATH",
      })
  void areNoneThatMayBeOfOthersInTheEnvironment(String name) {
    assertThat(told(Sample.of("shop").environment(Map.of(name, "x")))).isEmpty();
  }

  private static List<String> told(Sample sample) {
    return sample.read().warnings();
  }
}
