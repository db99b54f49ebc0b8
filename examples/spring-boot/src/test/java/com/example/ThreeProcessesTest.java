package com.example;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Three processes before one database, whose query takes two seconds. */
public class ThreeProcessesTest {
  private static final AtomicInteger queries = new AtomicInteger();
  private static final int PROCESSES = 3;
  private static final int CALLERS = 100;

  /** Called by the database for each row that is read. */
  public static String slow(String name) throws InterruptedException {
    queries.incrementAndGet();
    Thread.sleep(2_000);
    return name;
  }

  @Test
  void threeHundredCallersMakeOneQueryAndNothingIsWrong() throws Exception {
    try (Instances instances = new Instances(PROCESSES)) {
      instances.execute("create alias slow for 'com.example.ThreeProcessesTest.slow'");
      instances.execute("create table rows_of_users (id bigint primary key, name varchar(100))");
      instances.execute("insert into rows_of_users values (7, 'Tom'), (8, 'Jack')");
      instances.execute("create view users as select id, slow(name) as name from rows_of_users");
      instances.startAll();
      ask(instances, 7, "Tom");
      assertEquals(1, queries.get());
      ask(instances, 8, "Jack"); // No class is new any more.
      assertEquals(2, queries.get());
      for (int i = 0; i < PROCESSES; i++) {
        instances.stop(i);
      }
      List<String> logged = instances.logged();
      assertEquals(PROCESSES, logged.stream().filter(ThreeProcessesTest::isEnd).count());
      assertEquals(List.of(), logged.stream().filter(ThreeProcessesTest::isWarning).toList());
    }
  }

  private static void ask(Instances instances, int id, String name) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    long began = System.nanoTime();
    for (int i = 0; i < CALLERS * PROCESSES; i++) {
      HttpRequest request =
          HttpRequest.newBuilder(instances.uri(i % PROCESSES, "/users/" + id)).build();
      answers.add(client.sendAsync(request, ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      String expected = "{\"id\":%d,\"name\":\"%s\"}".formatted(id, name);
      assertEquals(expected, answer.get(60, TimeUnit.SECONDS).body());
    }
    System.out.printf(
        "user %d: the last of %d answers after %d ms%n",
        id, answers.size(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
  }

  private static boolean isEnd(String line) {
    return line.startsWith("INFO geecache.") && line.contains("geecache stopped at");
  }

  /** A process that starts long before the others may rightly say that it does not reach them. */
  private static boolean isWarning(String line) {
    return line.matches("(WARN|ERROR) geecache\\..*")
        && !line.contains(": no contact with ")
        || line.matches("WARNING: .*geecache.*");
  }
}
