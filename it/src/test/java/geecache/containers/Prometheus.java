package geecache.containers;

import geecache.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Debian's Prometheus at a free port of 127.0.0.1, which scrapes applications in one container. */
final class Prometheus implements AutoCloseable {
  private static final String PROGRAM = "/usr/bin/prometheus";
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  private static final String CONFIGURATION =
      """
      global:
        scrape_interval: 1s
        scrape_timeout: 1s
        evaluation_interval: 1s
      rule_files: ["%s"]
      scrape_configs:
        - job_name: geecache
          authorization: {credentials: "%s"}
          static_configs:
      """;

  private static final String TARGET =
      """
            - targets: ["127.0.0.1:%1$d"]
              labels: {__metrics_path__: "%2$s/metrics", instance: "%2$s"}
      """;

  /** A value as promtool prints it. */
  private static final Pattern VALUE = Pattern.compile("=> (\\S+) @\\[");

  private final int port;
  private final ServerProcess process;

  /**
   * Starts it, and returns when it answers.
   *
   * @param contexts the paths of the applications at {@code target}
   */
  Prometheus(Path rules, String secret, int target, List<String> contexts) throws IOException {
    Path home = Files.createTempDirectory("geecache-prometheus");
    StringBuilder configuration =
        new StringBuilder(CONFIGURATION.formatted(rules.toAbsolutePath(), secret));
    contexts.forEach(context -> configuration.append(TARGET.formatted(target, context)));
    Path file = Files.writeString(home.resolve("prometheus.yml"), configuration);
    port = FreePorts.one();
    process =
        ServerProcess.start(
            List.of(
                PROGRAM,
                "--config.file=" + file,
                "--storage.tsdb.path=" + home.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port),
            home,
            "server.log");
    Wire wire = new Wire(port);
    Awaitility.await("an answer from Prometheus")
        .atMost(START_LIMIT)
        .until(() -> process.failed() || wire.answers("/-/ready"));
    if (process.failed()) {
      String why = process.describe();
      close();
      throw new IllegalStateException(why);
    }
  }

  /** Returns the values of all series that {@code expression} finds now. */
  List<Double> query(String expression) throws IOException, InterruptedException {
    Promtool.Verdict verdict =
        Promtool.run("query", "instant", "http://127.0.0.1:" + port, expression);
    if (!verdict.content()) {
      throw new IOException(expression + ": " + verdict.said());
    }
    List<Double> values = new ArrayList<>();
    for (Matcher value = VALUE.matcher(verdict.said()); value.find(); ) {
      values.add(number(value.group(1)));
    }
    return values;
  }

  private static double number(String text) {
    return text.endsWith("Inf")
        ? Double.POSITIVE_INFINITY * (text.startsWith("-") ? -1 : 1)
        : Double.parseDouble(text);
  }

  /** Returns what its API answers at a path. */
  String api(String path) throws IOException {
    return new Wire(port).get("/api/v1/" + path).text();
  }

  @Override
  public void close() {
    process.close();
  }
}
