package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.settings.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of a group, its source, the pool of its source and its peers that fit each other. */
class FittingLimitsTest {
  private static final String GROUP = "geecache.groups.users.";

  private static List<String> misfits(Map<String, String> more) {
    Map<String, String> written = new HashMap<>(Map.of("geecache.peers", "http://a,http://b"));
    more.forEach(
        (name, text) -> written.put(name.startsWith("geecache.") ? name : GROUP + name, text));
    Settings settings = WrittenSettings.ofParameters(written).settings();
    assertThat(settings.faults()).isEmpty();
    return FittingLimits.misfits(settings);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdbc", "http", "scores"})
  void theDefaultsFit(String source) {
    assertThat(misfits(Map.of("source", source))).isEmpty();
    assertThat(misfits(Map.of("source", source, "url", "jdbc:x:"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jdbc | wait-timeout | 10s | wait-timeout=10s is shorter than load-timeout=10s and twice"
            + " geecache.peer-timeout, for a silent peer",
        "jdbc | load-timeout | 14s | wait-timeout=15s is shorter than load-timeout=14s and twice"
            + " geecache.peer-timeout, for a silent peer",
        "http | time-limit | 11s | load-timeout=10s is shorter than time-limit=11s: ",
        "jdbc | time-limit | 9s | load-timeout=10s is shorter than time-limit=9s and"
            + " connection-wait=2s: ",
        "jdbc | connection-wait | 6s | load-timeout=10s is shorter than time-limit=5s and"
            + " connection-wait=6s: ",
        "jdbc | connections | 65 | connections=65 is over max-loads=64: ",
        "http | connections | 100 | connections=100 is over max-loads=64: ",
        "jdbc | max-bytes | 1MiB | max-value-bytes=16MiB is over max-bytes=1MiB: ",
      })
  void limitsThatDoNotFitAreTold(String source, String setting, String text, String misfit) {
    assertThat(misfits(Map.of("source", source, "url", "jdbc:x:", setting, text)))
        .singleElement()
        .asString()
        .startsWith(GROUP + misfit);
  }

  /** Who wants fewer loads has not asked for more connections. */
  @ParameterizedTest
  @ValueSource(strings = {"jdbc", "http"})
  void fewLoadsFitConnectionsThatNobodySet(String source) {
    assertThat(misfits(Map.of("source", source, "url", "jdbc:x:", "max-loads", "1"))).isEmpty();
    assertThat(
            misfits(
                Map.of("source", source, "url", "jdbc:x:", "max-loads", "8", "connections", "8")))
        .isEmpty();
  }

  /** Few calls run at once, since each loads many keys. */
  @Test
  void connectionsBeyondTheCallsForManyKeysAreTold() {
    assertThat(
            misfits(
                Map.of("source", "jdbc", "url", "jdbc:x:", "many-query", "x", "connections", "10")))
        .singleElement()
        .asString()
        .startsWith(GROUP + "connections=10 is over max-loads=4: ");
  }

  /** It is the pool of the container that waits. */
  @Test
  void theWaitForAConnectionCountsOnlyWithAPoolOfOurs() {
    assertThat(misfits(Map.of("source", "jdbc", "jndi", "x", "time-limit", "9s"))).isEmpty();
  }

  @Test
  void aSilentPeerCountsOnlyWherePeersAre() {
    Map<String, String> alone =
        Map.of("geecache.peers", "http://a", "source", "scores", "wait-timeout", "10s");
    assertThat(misfits(alone)).isEmpty();
  }

  @Test
  void aBudgetWithoutABoundHoldsAllValues() {
    assertThat(misfits(Map.of("source", "scores", "max-bytes", "0"))).isEmpty();
  }
}
