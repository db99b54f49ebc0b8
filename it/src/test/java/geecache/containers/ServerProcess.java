package geecache.containers;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process and its children, whose output goes to a file. Ends with this JVM at the latest. */
final class ServerProcess implements AutoCloseable {
  private static final Pattern PORT_TAKEN =
      Pattern.compile("(?i)address already in use|CWWKO0221E");
  private static final int TAIL_LINES = 60;
  private static final int END_SECONDS = 20;

  /** Servers of tests live too shortly to gain by the second compiler, which keeps a core busy. */
  static final String BRIEF = "-XX:TieredStopAtLevel=1";

  private final Process process;
  private final Path log;
  private final Thread onExit = new Thread(this::destroy);

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  static ServerProcess start(List<String> command, Path directory, String logName)
      throws IOException {
    File log = directory.resolve(logName).toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // What the shell of whoever builds has set for containers of their own.
    builder.environment().keySet().removeIf(ServerProcess::configuresContainers);
    return new ServerProcess(builder.start(), log.toPath());
  }

  /** Runs a command to its end. */
  static void run(List<String> command, Path directory, String logName) throws IOException {
    try (ServerProcess server = start(command, directory, logName)) {
      if (!await(List.of(server.process.toHandle())) || server.process.exitValue() != 0) {
        throw new IOException(server.describe());
      }
    }
  }

  private static boolean configuresContainers(String variable) {
    return variable.matches("(JAVA_OPTS|JETTY|CATALINA|JBOSS|WLP|PAYARA).*");
  }

  /** Whether it ended, or is of no use as a port of it was taken. */
  boolean failed() {
    return !process.isAlive() || lacksPort();
  }

  boolean lacksPort() {
    return PORT_TAKEN.matcher(output()).find();
  }

  /** Returns the end of its output, and where the rest is. */
  String describe() {
    List<String> lines = output().lines().toList();
    String state = process.isAlive() ? "runs" : "ended with exit code " + process.exitValue();
    return "the container "
        + state
        + "; the end of "
        + log
        + ":\n"
        + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  /** Writes a line to its standard input. */
  void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  List<ProcessHandle> handles() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
  }

  /** Ends all its processes at once, as a crash would. */
  void kill() {
    List<ProcessHandle> handles = handles();
    handles.forEach(ProcessHandle::destroyForcibly);
    await(handles);
    Runtime.getRuntime().removeShutdownHook(onExit);
  }

  /** Asks all its processes to end, and after a while makes them. */
  @Override
  public void close() {
    List<ProcessHandle> handles = handles();
    handles.forEach(ProcessHandle::destroy);
    if (!await(handles)) {
      handles.forEach(ProcessHandle::destroyForcibly);
      await(handles);
    }
    Runtime.getRuntime().removeShutdownHook(onExit);
  }

  /** Returns whether all have ended, after a limit at the latest. */
  private static boolean await(List<ProcessHandle> handles) {
    return CompletableFuture.allOf(
            handles.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
        .handle((ended, impossible) -> true)
        .completeOnTimeout(false, END_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  private void destroy() {
    handles().forEach(ProcessHandle::destroyForcibly);
  }

  /** Returns what it has written until now. */
  String output() {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
