package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.LiveThreads;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three nodes, and a PostgreSQL with the triggers of the documentation. */
@Tag("postgres")
class PostgresInvalidationIT {
  private Postgres database;
  private TestCluster cluster;
  private final List<PostgresInvalidation> listeners = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    database = new Postgres();
    database.execute(
        "create extension pg_stat_statements",
        "create table users (id bigint primary key, name text)");
    database.execute(Postgres.triggers());
    database.execute("insert into users select i, 'old' from generate_series(1, 5000) as i");
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
      if (cluster != null) { // Null if the start failed.
        cluster.close();
      }
    } finally {
      database.close();
    }
    assertThat(LiveThreads.named("geecache-invalidation")).isEmpty();
  }

  private PostgresInvalidation listen(TestNode node) {
    PostgresInvalidation made =
        PostgresInvalidation.builder(Database.url(database.url()))
            .groups(List.of("users"))
            .heartbeat(Duration.ofMillis(500))
            .reconnectDelay(Duration.ofMillis(500))
            .start(node.geecache());
    listeners.add(made);
    await().atMost(Duration.ofSeconds(30)).until(made::isListening);
    return made;
  }

  private void assertEverywhere(String key, String value) throws IOException {
    for (TestNode node : cluster.nodes()) {
      assertThat(node.get("users", key).text()).isEqualTo(value);
    }
  }

  private void awaitEverywhere(String key, String value) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(() -> assertEverywhere(key, value));
  }

  @Test
  void anUpdateRemovesTheKeyOnEveryNode() throws Exception {
    cluster.nodes().forEach(this::listen);
    assertThat(listeners.stream().filter(PostgresInvalidation::isSpeaker)).hasSize(1);
    long[] clears = clears();
    assertEverywhere("1", "old");
    assertEverywhere("2", "old");

    database.execute("update users set name = 'new' where id = 1");
    long began = System.nanoTime();
    awaitEverywhere("1", "new");
    System.out.printf(
        "an UPDATE was seen by three nodes after %d ms%n", (System.nanoTime() - began) / 1_000_000);
    assertThat(clears()).isEqualTo(clears);

    database.execute("delete from users where id = 2");
    awaitEverywhere("2", "no such key: 2\n");
  }

  @Test
  void aChangeOfTooManyKeysForANotificationClearsTheGroup() throws Exception {
    cluster.nodes().forEach(this::listen);
    assertEverywhere("1", "old");
    database.execute("update users set name = 'all'");
    awaitEverywhere("1", "all");
    database.execute("truncate users");
    awaitEverywhere("1", "no such key: 1\n");
  }

  @Test
  void theSpeakerTellsANodeThatDoesNotListen() throws Exception {
    PostgresInvalidation only = listen(cluster.node(0));
    await().until(only::isSpeaker);
    assertEverywhere("1", "old");
    database.execute("update users set name = 'new' where id = 1");
    awaitEverywhere("1", "new");
  }

  @Test
  void anotherNodeIsTheSpeakerOnceTheFirstIsGone() throws Exception {
    PostgresInvalidation first = listen(cluster.node(0));
    PostgresInvalidation second = listen(cluster.node(1));
    assertThat(first.isSpeaker()).isTrue();
    assertThat(second.isSpeaker()).isFalse();
    long clears = second.clears();
    long signs = signs();
    await().atMost(Duration.ofSeconds(30)).until(() -> signs() > signs + 8);

    first.close();
    await().atMost(Duration.ofSeconds(30)).until(second::isSpeaker);
    assertThat(second.clears()).isEqualTo(clears);
    assertEverywhere("1", "old");
    database.execute("update users set name = 'new' where id = 1");
    awaitEverywhere("1", "new");
  }

  /** How many signs of speakers were sent: after some, a node knows what may be untold. */
  private long signs() throws SQLException {
    return Long.parseLong(
        database.ask(
            "select coalesce(sum(calls), 0) from pg_stat_statements"
                + " where query like 'select pg_notify%'"));
  }

  @Test
  void aNodeThatReconnectsClearsItsGroups() throws Exception {
    cluster.nodes().forEach(this::listen);
    assertEverywhere("1", "old");

    database.kill();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> listeners.stream().noneMatch(PostgresInvalidation::isListening));
    assertEverywhere("1", "old"); // From memory.
    database.start();
    database.execute(
        "alter table users disable trigger all",
        "update users set name = 'unsaid' where id = 1",
        "alter table users enable trigger all");

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> listeners.stream().allMatch(PostgresInvalidation::isListening));
    awaitEverywhere("1", "unsaid");
    database.execute("update users set name = 'said' where id = 1");
    awaitEverywhere("1", "said");
  }

  private long[] clears() {
    return listeners.stream().mapToLong(PostgresInvalidation::clears).toArray();
  }
}
