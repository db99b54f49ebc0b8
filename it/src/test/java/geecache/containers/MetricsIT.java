package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Prometheus' own tool reads the page of metrics of two nodes in a Tomcat. */
@Tag("field")
final class MetricsIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final List<String> PATHS = List.of("/one", "/two");

  @Test
  void promtoolFindsNothingToComplainOf() throws Exception {
    try (Tomcat tomcat = new Tomcat("metrics-tomcat", "apache-tomcat-11.")) {
      tomcat.start();
      Wire wire = new Wire(tomcat.port());
      List<String> urls =
          PATHS.stream().map(path -> "http://127.0.0.1:" + tomcat.port() + path).toList();
      for (String path : PATHS) {
        Map<String, String> settings =
            Map.of(
                "geecache.self",
                urls.get(PATHS.indexOf(path)),
                "geecache.peers",
                String.join(",", urls));
        tomcat.deploy(new Wars(tomcat.instance().resolve("wars" + path)).product(settings), path);
      }
      for (String path : PATHS) {
        Awaitility.await(path).atMost(LIMIT).until(() -> wire.answers(path + "/health/ready"));
        for (String key : List.of("Tom", "Tom", "Jack", "no-such-key")) {
          wire.get(path + "/_geecache/scores/" + key);
        }
        Answer page = wire.get(path + "/metrics");
        assertThat(page.code()).isEqualTo(200);
        assertThat(page.text())
            .contains("geecache_gets_total{", "cache_gets_total{", "geecache_peer_contact{");
        assertThat(complaints(page.body())).isEmpty();
      }
    }
  }

  /** The test of the test. */
  @Test
  void promtoolComplainsOfACounterWithoutItsEnding() throws Exception {
    assertThat(complaints("# HELP gets of callers\n# TYPE gets counter\ngets 1\n".getBytes(UTF_8)))
        .contains("_total");
  }

  private static String complaints(byte[] page) throws IOException, InterruptedException {
    return Promtool.run(page, "check", "metrics").said();
  }
}
