package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Three Tomcats with the product, whose rows come from one database, are given a release whose
 * query has one more column, one after the other and under load. The new release raises the version
 * of the group.
 */
@Tag("faults")
@Timeout(value = 8, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RaisedVersionIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int NODES = 3;
  private static final int ROWS = 200;
  private static final String ROOT = "/";

  /** What {@link #phases} has for a node: it answers for its release, or is being redeployed. */
  private static final int OLD = 0;

  private static final int BETWEEN = 1;
  private static final int NEW = 2;

  private final Server database;
  private final Connection rows;
  private final List<Tomcat> tomcats = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final AtomicIntegerArray phases = new AtomicIntegerArray(NODES);
  private final AtomicIntegerArray answered = new AtomicIntegerArray(NEW + 1);
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  RaisedVersionIT() throws Exception {
    System.setProperty("h2.bindAddress", "127.0.0.1");
    database = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    rows = DriverManager.getConnection(url());
    try (Statement statement = rows.createStatement()) {
      statement.execute("create table users (id int primary key, name varchar, city varchar)");
      statement.execute(
          "insert into users select i, 'user ' || i, 'town ' || i from system_range(1, %d) as r(i)"
              .formatted(ROWS));
    }
    for (int node = 0; node < NODES; node++) {
      Tomcat tomcat = new Tomcat("versions-tomcat-" + node, "apache-tomcat-11.");
      tomcat.addLibrary(org.h2.Driver.class);
      tomcat.start();
      tomcats.add(tomcat);
      clients.add(new Client(tomcat.port()));
    }
  }

  private String url() {
    return "jdbc:h2:tcp://127.0.0.1:" + database.getPort() + "/mem:shop;DATABASE_TO_LOWER=TRUE";
  }

  @AfterAll
  void end() throws IOException, SQLException {
    for (Client client : clients) {
      client.close();
    }
    tomcats.forEach(Tomcat::close);
    rows.close();
    database.stop();
  }

  @BeforeAll
  void deployTheOldRelease() throws IOException {
    for (int node = 0; node < NODES; node++) {
      deploy(node, Map.of("query", "select id, name from users where id = ?"));
    }
    for (int node = 0; node < NODES; node++) {
      awaitReady(node);
    }
  }

  private String self(int node) {
    return "http://127.0.0.1:" + tomcats.get(node).port();
  }

  private void deploy(int node, Map<String, String> release) throws IOException {
    List<String> peers = new ArrayList<>();
    for (int each = 0; each < NODES; each++) {
      peers.add(self(each));
    }
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("geecache.self", self(node));
    settings.put("geecache.peers", String.join(",", peers));
    settings.put("geecache.peer-timeout", "10s"); // No pause of a busy machine is a failure.
    String group = "geecache.groups.users.";
    settings.put(group + "source", "jdbc");
    settings.put(group + "url", url());
    settings.put(group + "key-type", "integer");
    settings.put(group + "result", "row");
    release.forEach((name, value) -> settings.put(group + name, value));
    Tomcat tomcat = tomcats.get(node);
    tomcat.deploy(new Wars(tomcat.instance().resolve("wars")).product(settings), ROOT);
  }

  private void awaitReady(int node) {
    await("node " + node).atMost(LIMIT).until(() -> isReady(node));
  }

  private boolean isReady(int node) {
    try {
      return clients.get(node).get("/health/ready").code() == 200;
    } catch (IOException refused) {
      return false;
    }
  }

  /** Has {@code node} read one row. What it answers is that of the release that it runs. */
  private void read(int node, int id) {
    int before = phases.get(node);
    String what;
    try {
      Answer answer = clients.get(node).get("/_geecache/users/" + id);
      what = answer.code() + " " + answer.text();
    } catch (IOException failed) {
      what = failed.toString();
    }
    if (before == BETWEEN || phases.get(node) != before) {
      return;
    }
    String town = before == NEW ? ",\"city\":\"town " + id + "\"" : "";
    String row = "200 {\"id\":%d,\"name\":\"user %d\"%s}".formatted(id, id, town);
    if (what.equals(row)) {
      answered.incrementAndGet(before);
    } else {
      wrong.add("node %d, release %d: %s".formatted(node, before, what));
    }
  }

  @Test
  void noNodeAnswersWithRowsOfAnotherRelease() throws Exception {
    for (int id = 1; id <= ROWS; id++) {
      for (int node = 0; node < NODES; node++) {
        read(node, id);
      }
    }
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(NODES);
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int caller = 0; caller < NODES; caller++) {
      Random random = new Random(caller);
      callers.add(
          CompletableFuture.runAsync(
              () -> {
                while (!over.get()) {
                  read(random.nextInt(NODES), 1 + random.nextInt(ROWS));
                }
              },
              threads));
    }
    try {
      for (int node = 0; node < NODES; node++) {
        redeploy(node);
      }
    } finally {
      over.set(true);
      threads.shutdown();
    }
    for (CompletableFuture<Void> caller : callers) {
      caller.get(1, TimeUnit.MINUTES);
    }
    for (int id = 1; id <= ROWS; id++) {
      for (int node = 0; node < NODES; node++) {
        read(node, id);
      }
    }
    System.out.printf(
        "rows of the old release: %d, of the new one: %d%n", answered.get(OLD), answered.get(NEW));
    assertThat(wrong).isEmpty();
    assertThat(answered.get(OLD)).isGreaterThanOrEqualTo(ROWS * NODES);
    assertThat(answered.get(NEW)).isGreaterThanOrEqualTo(ROWS * NODES);
  }

  private void redeploy(int node) throws IOException {
    phases.set(node, BETWEEN);
    Tomcat tomcat = tomcats.get(node);
    tomcat.undeploy(ROOT);
    await("the end of node " + node).atMost(LIMIT).until(() -> !isReady(node));
    deploy(
        node,
        Map.of("query", "select id, name, city from users where id = ?", "version", "with-city"));
    awaitReady(node);
    phases.set(node, NEW);
  }
}
