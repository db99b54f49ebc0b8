package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Three processes are restarted one after the other, while the others are asked. */
public class RollingRestartTest {
  private static final AtomicInteger queries = new AtomicInteger();
  private static final int PROCESSES = 3;
  private static final int KEYS = 300;

  private final List<Integer> running = new ArrayList<>(List.of(0, 1, 2));
  private int asked;

  /** Called by the database for each row that is read. */
  public static String counted(String name) {
    queries.incrementAndGet();
    return name;
  }

  @Test
  void valuesStayWithTheirVersionAndAreLoadedAnewWithAnotherOne() throws Exception {
    try (Instances instances = new Instances(PROCESSES)) {
      instances.execute("create alias counted for 'com.example.RollingRestartTest.counted'");
      instances.execute("create table rows_of_users (id bigint primary key, name varchar(100))");
      instances.execute(
          "insert into rows_of_users select x, 'old ' || x from system_range(0, " + KEYS + ")");
      instances.execute("create view users as select id, counted(name) as name from rows_of_users");
      instances.startAll();
      askForAll(instances, 0, "old ");
      assertEquals(KEYS, queries.getAndSet(0));

      for (int i = 0; i < PROCESSES; i++) {
        restart(instances, i, () -> askNext(instances, "old "));
        askForAll(instances, i, "old ");
      }
      int again = queries.getAndSet(0);
      assertTrue(again <= KEYS / 100, again + " of " + KEYS + " keys were loaded again");

      instances.execute("update rows_of_users set name = 'new ' || id");
      for (int i = 0; i < PROCESSES; i++) {
        restart(
            instances, i, () -> askNext(instances, ""), "--geecache.groups.users.version=2");
        for (int restarted = 0; restarted <= i; restarted++) {
          askForAll(instances, restarted, "new ");
        }
      }
      int loaded = queries.get();
      assertTrue(loaded <= KEYS * 101 / 100, loaded + " loads of " + KEYS + " new values");
      System.out.printf(
          "%d keys: %d loaded again in one version, %d in the next%n", KEYS, again, loaded);
      assertEquals(
          List.of(),
          instances.logged().stream()
              .filter(line -> line.startsWith("ERROR ") || line.startsWith("\tat "))
              .toList());
    }
  }

  private void restart(
      Instances instances, int instance, Instances.Step meanwhile, String... arguments)
      throws Exception {
    running.remove((Integer) instance);
    instances.stop(instance);
    instances.restart(instance, meanwhile, arguments);
    running.add(instance);
  }

  /** Asks one of the instances that run. */
  private void askNext(Instances instances, String expected) throws Exception {
    asked++;
    ask(instances, running.get(asked % running.size()), asked % KEYS, expected);
  }

  private static void askForAll(Instances instances, int instance, String expected)
      throws Exception {
    for (int key = 0; key < KEYS; key++) {
      ask(instances, instance, key, expected);
    }
  }

  private static void ask(Instances instances, int instance, int key, String expected)
      throws Exception {
    HttpResponse<String> answer = instances.get(instance, "/users/" + key);
    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(
        answer.body().startsWith("{\"id\":%d,\"name\":\"%s".formatted(key, expected)),
        answer.body());
  }
}
