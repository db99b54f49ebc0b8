package com.example;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.h2.tools.Server;

/** Instances of the shop, each a process of its own, before one database in this process. */
final class Instances implements AutoCloseable {
  private final HttpClient client = HttpClient.newHttpClient();
  private final Server server;
  private final String url;
  private final Connection kept;
  private final List<Integer> ports;
  private final List<Process> processes = new ArrayList<>();
  private final List<Path> logs = new ArrayList<>();

  /** Starts the database, and no instance yet. */
  Instances(int count) throws Exception {
    ports = ShopTest.freePorts(count);
    server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    url = "jdbc:h2:tcp://localhost:" + server.getPort() + "/mem:shop";
    kept = DriverManager.getConnection(url, "sa", "");
  }

  /** Runs a statement in the database. */
  void execute(String sql) throws Exception {
    try (var statement = kept.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Starts all instances, and returns when they are in contact. */
  void startAll() throws Exception {
    for (int i = 0; i < ports.size(); i++) {
      processes.add(process(i));
    }
    for (int i = 0; i < ports.size(); i++) {
      awaitReady(i, () -> {});
    }
  }

  /** Starts one again, and does something until it is in contact with all others. */
  void restart(int instance, Step meanwhile, String... arguments) throws Exception {
    processes.set(instance, process(instance, arguments));
    awaitReady(instance, meanwhile);
  }

  private Process process(int instance, String... arguments) throws IOException {
    List<String> urls = ports.stream().map(port -> "http://localhost:" + port).toList();
    Path log = Path.of("target", "instance-" + ports.get(instance) + "-" + logs.size() + ".log");
    logs.add(log);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Shop.class.getName(),
                "--server.port=" + ports.get(instance),
                "--geecache.self=" + urls.get(instance),
                "--geecache.peers=" + String.join(",", urls),
                "--geecache.peer-timeout=10s", // A machine that starts three of them is slow.
                "--geecache.groups.users.wait-timeout=60s",
                "--geecache.handoff=30s",
                "--logging.pattern.console=%p %logger: %m%n%wEx",
                "--spring.datasource.url=" + url,
                "--spring.datasource.username=sa",
                "--spring.sql.init.mode=never"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** Ends an instance as operators do: it leaves its cluster and stops. */
  void stop(int instance) throws InterruptedException {
    Process process = processes.get(instance);
    process.destroy();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "instance " + instance + " does not stop");
  }

  /** Returns all that the instances have logged. */
  List<String> logged() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path log : logs) {
      lines.addAll(Files.readAllLines(log));
    }
    return lines;
  }

  URI uri(int instance, String path) {
    return URI.create("http://localhost:" + ports.get(instance) + path);
  }

  HttpResponse<String> get(int instance, String path) throws Exception {
    return client.send(HttpRequest.newBuilder(uri(instance, path)).build(), ofString());
  }

  private void awaitReady(int instance, Step meanwhile) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(8);
    while (!isReady(instance)) {
      assertTrue(System.nanoTime() < end, "instance " + instance + " is not ready");
      assertTrue(processes.get(instance).isAlive(), "instance " + instance + " has ended");
      meanwhile.run();
      Thread.sleep(50);
    }
  }

  /** Ready, and in contact with all others. */
  private boolean isReady(int instance) throws Exception {
    try {
      String body = get(instance, "/actuator/health/geecache").body();
      int from = body.indexOf("\"inContact\":[");
      return from > 0
          && body.contains("\"status\":\"UP\"")
          && body.substring(from, body.indexOf(']', from)).split(",").length == ports.size() - 1;
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() throws SQLException {
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      try {
        process.waitFor(30, TimeUnit.SECONDS);
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
      }
      process.destroyForcibly();
    }
    kept.close();
    server.stop();
  }

  /** What may throw anything. */
  interface Step {
    void run() throws Exception;
  }
}
