package com.example;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import geecache.Geecache;
import geecache.http.HTTPPool;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Two instances of the shop. */
class ShopTest {
  private static final List<ConfigurableApplicationContext> instances = new ArrayList<>();
  private static List<Integer> ports;

  @BeforeAll
  static void start() throws Exception {
    ports = freePorts(2);
    for (int port : ports) {
      instances.add(start(port));
    }
    awaitContact();
  }

  @AfterAll
  static void stop() {
    instances.forEach(ConfigurableApplicationContext::close);
  }

  static List<Integer> freePorts(int count) throws Exception {
    List<ServerSocket> open = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        open.add(new ServerSocket(0));
      }
      return open.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : open) {
        socket.close();
      }
    }
  }

  private static String urls() {
    return String.join(",", ports.stream().map(port -> "http://localhost:" + port).toList());
  }

  private static ConfigurableApplicationContext start(int port) {
    return new SpringApplicationBuilder(Shop.class)
        .run(
            "--server.port=" + port,
            "--geecache.peers=" + urls(),
            "--geecache.peer-timeout=10s", // Nobody is taken for gone on a slow machine.
            "--spring.jmx.enabled=false");
  }

  private static void awaitContact() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    for (ConfigurableApplicationContext instance : instances) {
      HTTPPool pool = HTTPPool.of(instance.getBean(Geecache.class));
      while (pool.inContact().isEmpty() || pool.ownUrl() == null) {
        assertTrue(System.nanoTime() < end, "no contact");
        Thread.sleep(20);
      }
    }
  }

  private static Users users(int instance) {
    return instances.get(instance).getBean(Users.class);
  }

  private static HttpResponse<String> get(int instance, String path) throws Exception {
    URI uri = URI.create("http://localhost:" + ports.get(instance) + path);
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), ofString());
  }

  @Test
  void twoInstancesMakeOneQuery() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(40);
    CountDownLatch all = new CountDownLatch(40);
    int before = users(0).queries() + users(1).queries();
    try {
      List<Future<User>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Users users = users(i % 2);
        answers.add(
            callers.submit(
                () -> {
                  all.countDown();
                  all.await();
                  return users.find(7);
                }));
      }
      for (Future<User> answer : answers) {
        assertEquals(7, answer.get(30, TimeUnit.SECONDS).id());
      }
    } finally {
      callers.shutdownNow();
    }
    assertEquals(1, users(0).queries() + users(1).queries() - before);
  }

  @Test
  void noInstanceAnswersWithTheOldName() {
    for (int i = 0; i < 100; i++) {
      users(i % 2).rename(7, "Tom " + i);
      assertEquals("Tom " + i, users(0).find(7).name());
      assertEquals("Tom " + i, users(1).find(7).name());
    }
  }

  @Test
  void anAbsentUserIsCachedToo() {
    assertNull(users(0).find(8));
    int before = users(0).queries() + users(1).queries();
    assertNull(users(1).find(8));
    assertEquals(before, users(0).queries() + users(1).queries());
  }

  @Test
  void actuatorTellsOfTheNode() throws Exception {
    HttpResponse<String> health = get(0, "/actuator/health");
    assertEquals(200, health.statusCode(), health.body());
    assertTrue(health.body().contains("\"geecache\":{"), health.body());
    assertEquals(200, get(0, "/_health/ready").statusCode());
  }

  @Test
  void actuatorAndPrometheusCountTheSameGets() throws Exception {
    users(0).find(9); // Not there, and counted all the same.
    String metric = get(0, "/actuator/metrics/geecache.gets?tag=group:users").body();
    double gets = number(metric, "\"statistic\":\"COUNT\",\"value\":([0-9.E]+)");
    assertTrue(gets > 0, metric);
    String scraped = get(0, "/actuator/prometheus").body();
    Matcher samples =
        Pattern.compile("(?m)^geecache_gets_total\\{[^}]*group=\"users\"[^}]*} ([0-9.E]+)$")
            .matcher(scraped);
    double sum = 0;
    while (samples.find()) {
      sum += Double.parseDouble(samples.group(1));
    }
    assertEquals(gets, sum, scraped);
  }

  private static double number(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertTrue(found.find(), text);
    return Double.parseDouble(found.group(1));
  }

  @Test
  void readsNeedTheSecret() throws Exception {
    assertEquals(401, get(0, "/_geecache/users?key=long:7").statusCode());
  }
}
