package geecache.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What the loggers of other people's applications make of a failure, each in a JVM of its own. */
@Timeout(60)
class LoggersTest {
  private static final Path JARS = Path.of("target", "loggers");

  /** Logs two failures, the second one with a line of its own in its message. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      for (String message : List.of("the database is away", "away\r\n[Server evil]")) {
        Throwable failure = new IllegalStateException("no row", new RuntimeException(message));
        LoggerFactory.getLogger(Program.class)
            .warn("load failed: {}", 7, EscapedThrowable.of(failure));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"logback", "log4j"})
  void tellTheCausesOfAFailureAndNoLineOfItsOwn(String logger) throws Exception {
    String log = logOf(logger);
    assertThat(log)
        .containsPattern("(?m)^java.lang.IllegalStateException: no row$")
        .containsPattern("(?m)^Caused by: java.lang.RuntimeException: the database is away$")
        .containsPattern(
            "(?m)^Caused by: .*java.lang.RuntimeException: away\\\\r\\\\n\\[Server evil\\]$")
        .doesNotContainPattern("(?m)^\\[Server evil\\]");
  }

  private static String logOf(String logger) throws Exception {
    try (Stream<Path> jars = Files.list(JARS)) {
      String path =
          Stream.concat(
                  jars.filter(jar -> jar.getFileName().toString().startsWith(logger)),
                  Stream.of(
                      pathOf(Program.class),
                      pathOf(ControlCharacters.class),
                      pathOf(LoggerFactory.class)))
              .map(Path::toString)
              .collect(Collectors.joining(File.pathSeparator));
      Path java = Path.of(System.getProperty("java.home"), "bin", "java");
      Process process =
          new ProcessBuilder(
                  java.toString(), "-Dlog4j2.level=WARN", "-cp", path, Program.class.getName())
              .redirectErrorStream(true)
              .start();
      try {
        return new String(process.getInputStream().readAllBytes(), UTF_8).replace("\r\n", "\n");
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static Path pathOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
