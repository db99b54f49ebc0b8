package com.example;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.tools.Server;
import org.junit.jupiter.api.Test;

/** Three processes before one database, whose query takes two seconds. */
public class ThreeProcessesTest {
  private static final AtomicInteger queries = new AtomicInteger();
  private static final int CALLERS = 100;

  /** Called by the database for each row that is read. */
  public static String slow(String name) throws InterruptedException {
    queries.incrementAndGet();
    Thread.sleep(2_000);
    return name;
  }

  @Test
  void threeHundredCallersMakeOneQuery() throws Exception {
    List<Integer> ports = ShopTest.freePorts(3);
    Server database = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    List<Process> instances = new ArrayList<>();
    String url = "jdbc:h2:tcp://localhost:" + database.getPort() + "/mem:slow";
    try (Connection kept = DriverManager.getConnection(url, "sa", "")) {
      try (Statement statement = kept.createStatement()) {
        statement.execute("create alias slow for 'com.example.ThreeProcessesTest.slow'");
        statement.execute("create table rows_of_users (id bigint primary key, name varchar(100))");
        statement.execute("insert into rows_of_users values (7, 'Tom')");
        statement.execute("create view users as select id, slow(name) as name from rows_of_users");
      }
      for (int port : ports) {
        instances.add(start(port, ports, url));
      }
      for (int port : ports) {
        awaitReady(port);
      }
      ask(ports);
    } finally {
      instances.forEach(Process::destroy);
      for (Process instance : instances) {
        instance.waitFor(30, TimeUnit.SECONDS);
        instance.destroyForcibly();
      }
      database.stop();
    }
  }

  private static void ask(List<Integer> ports) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      for (int port : ports) {
        HttpRequest request = HttpRequest.newBuilder(uri(port, "/users/7")).build();
        answers.add(client.sendAsync(request, ofString()));
      }
    }
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertEquals("{\"id\":7,\"name\":\"Tom\"}", answer.get(60, TimeUnit.SECONDS).body());
    }
    assertEquals(1, queries.get());
  }

  private static URI uri(int port, String path) {
    return URI.create("http://localhost:" + port + path);
  }

  private static Process start(int port, List<Integer> ports, String database) throws Exception {
    List<String> urls = ports.stream().map(each -> "http://localhost:" + each).toList();
    File log = new File("target", "instance-" + port + ".log");
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Shop.class.getName(),
            "--server.port=" + port,
            "--geecache.self=http://localhost:" + port,
            "--geecache.peers=" + String.join(",", urls),
            "--spring.datasource.url=" + database,
            "--spring.datasource.username=sa",
            "--spring.sql.init.mode=never")
        .redirectErrorStream(true)
        .redirectOutput(log)
        .start();
  }

  /** Ready, and in contact with both others. */
  private static void awaitReady(int port) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(8);
    while (!isReady(port)) {
      assertTrue(System.nanoTime() < end, "instance " + port + " is not ready");
      Thread.sleep(100);
    }
  }

  private static boolean isReady(int port) throws Exception {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri(port, "/actuator/health/geecache")).build();
      String body = HttpClient.newHttpClient().send(request, ofString()).body();
      int from = body.indexOf("\"inContact\":[");
      return from > 0
          && body.contains("\"status\":\"UP\"")
          && body.substring(from, body.indexOf(']', from)).split(",").length == 2;
    } catch (java.io.IOException notYet) {
      return false;
    }
  }
}
