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
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process and its children, whose output goes to a file. Ends with this JVM at the latest. */
final class ServerProcess implements AutoCloseable {
  private static final Pattern PORT_TAKEN =
      Pattern.compile("(?i)address already in use|CWWKO0221E");
  private static final int TAIL_LINES = 60;
  private static final int STOP_SECONDS = 20;

  private final Process process;
  private final Path log;
  private final Thread onExit = new Thread(this::kill);

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

  /** Asks all its processes to end, and after a while makes them. */
  @Override
  public void close() {
    List<ProcessHandle> handles = handles();
    handles.forEach(ProcessHandle::destroy);
    try {
      awaitEnd(handles);
    } catch (TimeoutException deaf) {
      handles.forEach(ProcessHandle::destroyForcibly);
      CompletableFuture.allOf(exits(handles)).join();
    }
    Runtime.getRuntime().removeShutdownHook(onExit);
  }

  private static void awaitEnd(List<ProcessHandle> handles) throws TimeoutException {
    try {
      CompletableFuture.allOf(exits(handles)).get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static CompletableFuture<?>[] exits(List<ProcessHandle> handles) {
    return handles.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
  }

  private void kill() {
    handles().forEach(ProcessHandle::destroyForcibly);
  }

  private String output() {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
