package geecache.bench.nodes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process of ours, which ends no later than we do. All that it writes is in one file. */
public final class Child implements AutoCloseable {
  private final Process process;
  private final Thread onExit;
  private final Path log;

  private Child(Process process, Path log) {
    this.process = process;
    this.log = log;
    onExit = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  public static Child start(String name, List<String> command) throws IOException {
    Path log = Files.createDirectories(Path.of("target/logs")).resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    return new Child(builder.start(), log);
  }

  /** Waits until it has written {@code text}. */
  public void awaitText(String text) throws InterruptedException {
    Await.until(
        text + " in " + log,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("it ended at once; see " + log.toAbsolutePath());
          }
          try (Stream<String> lines = lines()) {
            return lines.anyMatch(line -> line.contains(text));
          }
        });
  }

  /** Waits until it has ended well, and returns what it wrote. */
  public Stream<String> output(int limitMillis) throws InterruptedException {
    if (!process.waitFor(limitMillis, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("it does not end; see " + log.toAbsolutePath());
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException("it failed; see " + log.toAbsolutePath());
    }
    return lines();
  }

  private Stream<String> lines() {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1).lines();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** At once: it has nothing that is worth keeping. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    Runtime.getRuntime().removeShutdownHook(onExit);
  }
}
