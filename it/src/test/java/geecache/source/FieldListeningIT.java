package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.LiveThreads;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nodes that listen to Debian's PostgreSQL, through poolers, and over connections that die. */
@Tag("field")
class FieldListeningIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Postgres database;
  private TestCluster cluster;
  private final List<PostgresInvalidation> listeners = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    database = Postgres.ofDebian();
    database.execute("create table users (id bigint primary key, name text)");
    database.execute(Postgres.triggers());
    database.execute("insert into users select i, 'old' from generate_series(1, 100) as i");
    cluster =
        TestCluster.builder()
            .nodes(3)
            .secret("a-secret-for-these-tests")
            .setting("geecache.public-reads", "true")
            .groups(
                node ->
                    node.newGroup(
                        "users",
                        0,
                        JdbcGetter.builder(Database.url(database.url()))
                            .query("select name from users where id = ?")
                            .keyType(KeyType.INTEGER)
                            .connections(2)
                            .build()))
            .start();
    cluster.awaitContact();
  }

  @AfterEach
  void stop() throws Exception {
    try {
      listeners.forEach(PostgresInvalidation::close);
      if (cluster != null) {
        cluster.close();
      }
    } finally {
      database.close();
    }
    assertThat(LiveThreads.named("geecache-invalidation")).isEmpty();
  }

  private PostgresInvalidation listen(TestNode node, String url) {
    PostgresInvalidation made =
        PostgresInvalidation.builder(Database.url(url))
            .groups(List.of("users"))
            .heartbeat(Duration.ofSeconds(1))
            .reconnectDelay(Duration.ofSeconds(1))
            .start(node.geecache());
    listeners.add(made);
    return made;
  }

  private PostgresInvalidation awaitListening(PostgresInvalidation listener) {
    await().atMost(LIMIT).until(listener::isListening);
    return listener;
  }

  private void update(int id, String name) throws Exception {
    database.execute("update users set name = '" + name + "' where id = " + id);
  }

  private void awaitEverywhere(String key, String value) {
    await(key)
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              for (TestNode node : cluster.nodes()) {
                assertThat(node.get("users", key).text()).isEqualTo(value);
              }
            });
  }

  private void readAll() throws IOException {
    for (TestNode node : cluster.nodes()) {
      for (int id = 1; id <= 100; id++) {
        node.get("users", String.valueOf(id));
      }
    }
  }

  private String advisoryLocks() throws Exception {
    return database.ask("select count(*) from pg_locks where locktype = 'advisory'");
  }

  @Test
  void behindAPoolerByTransactionANodeSaysThatItDoesNotListenAndLeavesNoLock() throws Exception {
    try (PgBouncer pooler = new PgBouncer(database, "transaction")) {
      PostgresInvalidation deaf = listen(cluster.node(0), pooler.url());
      await()
          .atMost(LIMIT)
          .until(() -> deaf.problem().filter(p -> p.contains("by transaction")).isPresent());
      assertThat(deaf.isListening()).isFalse();
      assertThat(advisoryLocks()).isEqualTo("0");
      assertThat(
              database.ask(
                  "select count(*) from pg_stat_activity where application_name = 'geecache'"))
          .isEqualTo("0");
    }
  }

  @Test
  void behindAPoolerBySessionANodeListens() throws Exception {
    try (PgBouncer pooler = new PgBouncer(database, "session")) {
      PostgresInvalidation listener = awaitListening(listen(cluster.node(0), pooler.url()));
      await().atMost(LIMIT).until(listener::isSpeaker);
      readAll();
      update(1, "new");
      awaitEverywhere("1", "new");
      listener.close();
      await().atMost(LIMIT).until(() -> advisoryLocks().equals("0"));
    }
  }

  @Test
  void theApplicationNameOfTheUrlIsKept() throws Exception {
    awaitListening(listen(cluster.node(0), database.url() + "&ApplicationName=shop"));
    awaitListening(listen(cluster.node(1), database.url()));
    String named = "select count(*) from pg_stat_activity where application_name = '%s'";
    assertThat(database.ask(named.formatted("shop"))).isEqualTo("1");
    assertThat(database.ask(named.formatted("geecache"))).isEqualTo("1");
  }

  @Test
  void nodesWhoseListenersAreAllKilledUnderLoadSeeEachChange() throws Exception {
    for (TestNode node : cluster.nodes()) {
      awaitListening(listen(node, database.url()));
    }
    AtomicBoolean ends = new AtomicBoolean();
    CompletableFuture<Void> load =
        CompletableFuture.runAsync(
            () -> {
              while (!ends.get()) {
                try {
                  readAll();
                } catch (IOException failure) {
                  throw new AssertionError(failure);
                }
              }
            });
    for (int round = 1; round <= 5; round++) {
      database.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where application_name = 'geecache'");
      for (int id = 1; id <= 20; id++) {
        update(id, "round " + round);
      }
    }
    for (PostgresInvalidation listener : listeners) {
      awaitListening(listener);
    }
    for (int id = 1; id <= 20; id++) {
      awaitEverywhere(String.valueOf(id), "round 5");
    }
    ends.set(true);
    load.join();
  }

  /** Its session, which holds the lock, stays open at the database. */
  @Test
  void aSpeakerWhoseConnectionIsHalfOpenIsReplaced() throws Exception {
    try (SilentProxy proxy = new SilentProxy(database.port())) {
      PostgresInvalidation speaker =
          awaitListening(listen(cluster.node(0), Postgres.urlAt(proxy.port())));
      await().atMost(LIMIT).until(speaker::isSpeaker);
      PostgresInvalidation second = awaitListening(listen(cluster.node(1), database.url()));
      readAll();
      proxy.fallSilent();
      update(1, "new");

      await().atMost(LIMIT).until(second::isSpeaker);
      awaitEverywhere("1", "new");
      assertThat(speaker.isListening()).isFalse();
      update(2, "new");
      awaitEverywhere("2", "new");
    }
  }

  @Test
  void aRestartedNodeThatJoinsWarmFromNodesThatMissedChangesIsNotStaleForEver() throws Exception {
    try (SilentProxy proxy = new SilentProxy(database.port())) {
      for (int i = 1; i < 3; i++) { // One of these speaks.
        awaitListening(listen(cluster.node(i), Postgres.urlAt(proxy.port())));
      }
      readAll();
      proxy.fallSilent();
      for (int id = 1; id <= 100; id++) {
        update(id, "new");
      }
      cluster.node(0).restart();
      PostgresInvalidation restarted = listen(cluster.node(0), database.url());
      readAll(); // It asks the others, which have old values.

      await().atMost(LIMIT).until(restarted::isSpeaker);
      for (int id = 1; id <= 100; id++) {
        awaitEverywhere(String.valueOf(id), "new");
      }
    }
  }
}
