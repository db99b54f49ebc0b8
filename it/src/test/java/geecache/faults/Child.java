package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A JVM of its own, with this one's classes. It ends with its standard input, or with this JVM. */
final class Child implements AutoCloseable {
  private final Process process;
  private final Thread reader;
  private final Thread onExit = new Thread(this::kill);

  /**
   * Starts {@code main}.
   *
   * @param log where its standard error goes
   * @param lines is given each line of its standard output, by one thread
   */
  Child(Class<?> main, List<String> arguments, Path log, Consumer<String> lines)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    Runtime.getRuntime().addShutdownHook(onExit);
    reader = new Thread(() -> read(lines), main.getSimpleName());
    reader.start();
  }

  private void read(Consumer<String> lines) {
    try (BufferedReader output = process.inputReader(UTF_8)) {
      output.lines().forEach(lines);
    } catch (IOException | RuntimeException ended) {
      kill();
    }
  }

  synchronized void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(UTF_8));
    process.getOutputStream().flush();
  }

  /** Sends a signal, such as {@code STOP}. */
  void signal(String name) throws IOException, InterruptedException {
    signal(name, process.toHandle());
  }

  static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
        .inheritIO()
        .start()
        .waitFor();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  private void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    kill();
    try {
      process.waitFor();
      reader.join();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(onExit);
  }
}
