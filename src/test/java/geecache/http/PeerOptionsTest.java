package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.http.PeerOptions.Requests;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContexts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerOptionsTest {

  private static PeerOptions options(
      long silence, int connections, int parked, int waiting, int removals) {
    return PeerOptions.builder()
        .timeout(Duration.ofMillis(silence))
        .connections(connections)
        .maxOpenAnswers(parked)
        .maxQueuedKeys(waiting)
        .removalLogSize(removals)
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "499, 1, 1, 1, 1, timeout must be at least 500 ms: PT0.499S",
    "-1000, 1, 1, 1, 1, timeout must be at least 500 ms: PT-1S",
    "500, 0, 1, 1, 1, connections must be positive: 0",
    "500, 1, -1, 1, 1, maxOpenAnswers must be positive: -1",
    "500, 1, 1, 0, 1, maxQueuedKeys must be positive: 0",
    "500, 1, 1, 1, 0, removalLogSize must be positive: 0",
  })
  void refuseWhatIsOutOfRange(
      long silence, int connections, int parked, int waiting, int removals, String message) {
    assertThatThrownBy(() -> options(silence, connections, parked, waiting, removals))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void theLeastIsEnough() {
    assertThat(options(500, 1, 1, 1, 1).timeout()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void eachIsSetByItsName() {
    Supplier<SSLContext> tls = SSLContexts::createDefault;
    Secrets secrets = Secrets.of(List.of("a-secret-of-sixteen"));
    PeerOptions all =
        PeerOptions.builder()
            .secrets(secrets)
            .publicReads(true)
            .requests(Requests.GET)
            .timeout(Duration.ofSeconds(2))
            .connections(3)
            .maxOpenAnswers(4)
            .maxQueuedKeys(5)
            .removalLogSize(6)
            .maxChanges(9)
            .maxBodies(10)
            .maxBodyBytes(11)
            .bodyTimeout(Duration.ofSeconds(12))
            .warmJoin(Duration.ofSeconds(7))
            .handoff(Duration.ofSeconds(8))
            .readyRequiresContact(false)
            .groupcache(true)
            .groupcachePeers(List.of("http://go:9"))
            .tls(tls)
            .build();
    assertThat(all)
        .isEqualTo(
            new PeerOptions(
                secrets,
                true,
                Requests.GET,
                Duration.ofSeconds(2),
                3,
                4,
                5,
                6,
                9,
                10,
                11,
                Duration.ofSeconds(12),
                Duration.ofSeconds(7),
                Duration.ofSeconds(8),
                false,
                true,
                Set.of("http://go:9"),
                tls));
  }
}
