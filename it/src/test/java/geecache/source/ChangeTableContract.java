package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.LiveThreads;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes, and a database with the table and the triggers of the documentation. */
abstract class ChangeTableContract {
  private static final int USERS = 5_000;

  private TestCluster cluster;
  private final List<ChangeTable> tables = new ArrayList<>();

  /** Returns the URL of the running database, with its user. */
  abstract String url();

  /** Returns what the documentation calls it. */
  abstract String product();

  /** Returns the statements that drop what the documented ones made beside the table. */
  abstract String[] otherLeftOvers();

  /** Ends all connections, and lets none in. */
  abstract void stopDatabase() throws Exception;

  abstract void startDatabase() throws Exception;

  @BeforeEach
  void start() throws Exception {
    execute("drop table if exists users", "drop table if exists geecache_changes");
    execute(otherLeftOvers());
    execute("create table users (id bigint primary key, name varchar(100))");
    for (String sql : documented("a table of changes for " + product())) {
      execute(sql);
    }
    for (int from = 0; from < USERS; from += 1_000) {
      execute(
          "insert into users values "
              + String.join(
                  ", ",
                  IntStream.range(from, from + 1_000)
                      .mapToObj(i -> "(" + i + ", 'old')")
                      .toList()));
    }
    for (String sql : documented("triggers of a table for " + product())) {
      execute(sql);
    }
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
                        JdbcGetter.builder(Database.url(url()))
                            .query("select name from users where id = ?")
                            .keyType(KeyType.INTEGER)
                            .connections(2)
                            .build()))
            .start();
    cluster.awaitContact();
    cluster
        .nodes()
        .forEach(
            node ->
                tables.add(
                    ChangeTable.builder(Database.url(url()))
                        .groups(List.of("users"))
                        .start(node.geecache())));
  }

  /** Returns the statements of the documentation, to the letter. */
  private List<String> documented(String name) throws IOException {
    Matcher sql =
        Pattern.compile("<!-- " + name + " -->\n```sql\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("docs/sources.md")));
    assertThat(sql.find()).as(name).isTrue();
    return Pattern.compile(";\n(?=create|$)").splitAsStream(sql.group(1)).toList();
  }

  @AfterEach
  void stop() {
    tables.forEach(ChangeTable::close);
    if (cluster != null) { // Null if the start failed.
      cluster.close();
    }
    assertThat(LiveThreads.named("geecache-changes")).isEmpty();
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private int rows() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("select count(*) from geecache_changes")) {
      count.next();
      return count.getInt(1);
    }
  }

  private void awaitRead() {
    await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> rows() == 0);
  }

  private void assertEverywhere(String key, String value) throws IOException {
    for (TestNode node : cluster.nodes()) {
      assertThat(node.get("users", key).text()).isEqualTo(value);
    }
  }

  private long clears() {
    return cluster.nodes().stream().mapToLong(node -> node.group("users").stats().clears()).sum();
  }

  @Test
  void plainSqlIsNewOnAllNodes() throws Exception {
    assertEverywhere("1", "old");
    assertEverywhere("2", "old");
    assertEverywhere("9999", "no such key: 9999\n");
    execute("update users set name = 'new' where id = 1");
    long began = System.nanoTime();
    awaitRead();
    System.out.printf(
        "an UPDATE in %s was told after %d ms%n",
        product(), (System.nanoTime() - began) / 1_000_000);
    assertEverywhere("1", "new");
    execute("delete from users where id = 2", "insert into users values (9999, 'here')");
    awaitRead();
    assertEverywhere("2", "no such key: 2\n");
    assertEverywhere("9999", "here");
    assertThat(clears()).isZero();
  }

  @Test
  void aTransactionThatCommitsLateIsToldThen() throws Exception {
    assertEverywhere("1", "old");
    try (Connection late = DriverManager.getConnection(url());
        Statement statement = late.createStatement()) {
      late.setAutoCommit(false);
      statement.execute("update users set name = 'late' where id = 1");
      execute("update users set name = 'new' where id = 2"); // A higher id, committed first.
      awaitRead();
      late.commit();
    }
    awaitRead();
    assertEverywhere("1", "late");
    assertEverywhere("2", "new");
  }

  @Test
  void manyChangesAreToldKeyByKey() throws Exception {
    assertEverywhere("1", "old");
    execute("update users set name = 'all'");
    awaitRead();
    assertEverywhere("1", "all");
    assertEverywhere("4999", "all");
    assertThat(clears()).isZero();
  }

  @Test
  void aDatabaseThatWasStoppedLosesNoChange() throws Exception {
    assertEverywhere("1", "old");
    execute("update users set name = 'new' where id = 2");
    awaitRead();
    stopDatabase();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> tables.stream().anyMatch(table -> table.failures() > 0));
    startDatabase();
    execute("update users set name = 'new' where id = 1");
    awaitRead();
    assertEverywhere("1", "new");
    assertThat(clears()).isZero();
  }

  @Test
  void aRowWithoutAKeyClearsTheGroup() throws Exception {
    assertEverywhere("1", "old");
    execute("insert into geecache_changes (grp) values ('users')");
    awaitRead();
    assertThat(cluster.node(0).group("users").getIfPresent("1")).isEmpty();
    assertThat(clears()).isPositive();
  }
}
