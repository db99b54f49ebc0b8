package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Prometheus' own tool, as Debian packages it. */
final class Promtool {
  private static final String PROGRAM = "/usr/bin/promtool";
  private static final long LIMIT_SECONDS = 120;

  private Promtool() {}

  /** What it said, on both of its streams, and whether it was content. */
  record Verdict(String said, boolean content) {}

  /** Runs it to its end, and gives it {@code in} to read. */
  static Verdict run(byte[] in, String... arguments) throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of(PROGRAM))) {
      throw new IllegalStateException("no " + PROGRAM + ": apt-get install prometheus");
    }
    List<String> command = new ArrayList<>(List.of(PROGRAM));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (OutputStream to = process.getOutputStream()) {
      to.write(in);
    }
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("no end of " + command);
    }
    return new Verdict(said, process.exitValue() == 0);
  }

  static Verdict run(String... arguments) throws IOException, InterruptedException {
    return run(new byte[0], arguments);
  }
}
