package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Callers;
import geecache.FakeTicker;
import geecache.Geecache;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.source.JdbcGetterBuilder.Result;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The getter with a real PostgreSQL of a million rows. */
@Tag("postgres")
class PostgresIT {
  private static final String QUERY = "select id, name, city from users where id = ?";

  private static Postgres database;

  @BeforeAll
  static void start() throws Exception {
    database = new Postgres();
    database.execute(
        "create extension pg_stat_statements",
        "create table users (id bigint primary key, name text not null, city text)",
        "insert into users select i, 'name ' || i, 'Basel' from generate_series(1, 1000000) as i",
        "analyze users");
  }

  @AfterAll
  static void stop() throws Exception {
    database.close();
  }

  private static JdbcGetterBuilder over(String query) {
    return JdbcGetter.builder(Database.url(database.url())).query(query);
  }

  private static JdbcGetterBuilder users() {
    return over(QUERY).keyType(KeyType.INTEGER).result(Result.ROW).connections(4);
  }

  private static String row(int id) {
    return "{\"id\":" + id + ",\"name\":\"name " + id + "\",\"city\":\"Basel\"}";
  }

  @Test
  void fiftyCallersOfEachColdKeyMakeOneQuery() throws Exception {
    int keys = 20;
    try (TestCluster cluster =
            TestCluster.builder()
                .nodes(3)
                .groups(node -> node.newGroup("users", 0, users().build()))
                .start();
        Callers callers = new Callers()) {
      cluster.awaitContact();
      database.execute("select pg_stat_statements_reset()");
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int caller = 0; caller < 50; caller++) {
        TestNode node = cluster.node(caller % 3);
        all.add(
            callers.call(
                () -> {
                  for (int i = 1; i <= keys; i++) {
                    int id = i * 49_999;
                    assertThat(node.get("users", String.valueOf(id)).text()).isEqualTo(row(id));
                  }
                  return null;
                }));
      }
      for (CompletableFuture<Void> one : all) {
        Callers.result(one);
      }
      assertThat(
              database.ask(
                  "select sum(calls) from pg_stat_statements where query like '%from users where"
                      + " id = %'"))
          .isEqualTo(String.valueOf(keys));
    }
  }

  @Test
  void manyKeysTakeFewQueries() throws Exception {
    List<String> ids = IntStream.rangeClosed(1, 1000).mapToObj(String::valueOf).toList();
    try (Geecache node = new Geecache()) {
      node.newGroup(
          "users",
          0,
          users().manyQuery("select id, id, name, city from users where id in (?)").build());
      database.execute("select pg_stat_statements_reset()");

      var values = node.find("users").orElseThrow().getAll(ids);

      assertThat(values).hasSize(1000);
      values.forEach((id, value) -> assertThat(value).hasToString(row(Integer.parseInt(id))));
      int queries =
          Integer.parseInt(
              database.ask(
                  "select sum(calls) from pg_stat_statements where query like '%from users where"
                      + " id %'"));
      System.out.println("1000 cold keys by getAll: " + queries + " queries");
      assertThat(queries).isLessThan(500);
    }
  }

  /** The row takes ten minutes, also in a query for many keys. */
  @Test
  void aRowThatTakesLongerThanTheTimeLimitFailsAloneAmongManyKeys() throws Exception {
    String slowly =
        "select %s name || pg_sleep(case when id = 13 then 600 else 0 end)::text from users";
    List<String> ids = IntStream.rangeClosed(1, 64).mapToObj(String::valueOf).toList();
    try (Geecache node = new Geecache();
        Callers callers = new Callers()) {
      Group group =
          node.group("users")
              .register(
                  over(slowly.formatted("") + " where id = ?")
                      .manyQuery(slowly.formatted("id,") + " where id in (?)")
                      .keyType(KeyType.INTEGER)
                      .timeLimit(Duration.ofMillis(2_500))
                      .build());
      List<CompletableFuture<ByteView>> all =
          ids.stream().map(id -> callers.call(() -> group.get(id))).toList();
      for (int i = 0; i < ids.size(); i++) {
        CompletableFuture<ByteView> get = all.get(i);
        if (ids.get(i).equals("13")) {
          assertThatThrownBy(() -> Callers.result(get))
              .isInstanceOf(LoadException.class)
              .rootCause()
              .hasMessageContaining("canceling statement");
        } else {
          assertThat(Callers.result(get)).hasToString("name " + ids.get(i));
        }
      }
    }
  }

  @Test
  void anOldValueIsServedAndMarkedWhileTheDatabaseIsDown() throws Exception {
    FakeTicker ticker = new FakeTicker();
    try (TestCluster cluster =
        TestCluster.builder()
            .ticker(ticker)
            .groups(
                node ->
                    node.group("users")
                        .timeToLive(Duration.ofMinutes(1))
                        .staleIfError(Duration.ofHours(1))
                        .register(users().connectionWait(Duration.ofMillis(500)).build()))
            .start()) {
      TestNode node = cluster.node(0);
      assertThat(node.get("users", "7").text()).isEqualTo(row(7));

      database.kill();
      try {
        ticker.advance(Duration.ofMinutes(2));
        Response stale = node.get("users", "7");
        assertThat(stale.text()).isEqualTo(row(7));
        assertThat(stale.header("Cache-Status")).contains("detail=stale-if-error");
        Response failed = node.get("users", "8");
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.text()).matches("load failed: [0-9a-f]{8}\n");
      } finally {
        database.start();
      }

      database.execute("update users set name = 'fresh' where id = 7");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                ticker.advance(Duration.ofMinutes(1)); // Longer than the group's hold-off.
                Response fresh = node.get("users", "7");
                assertThat(fresh.text()).contains("fresh");
                assertThat(fresh.header("Cache-Status")).doesNotContain("stale-if-error");
              });
    } finally {
      database.execute("update users set name = 'name 7' where id = 7");
    }
  }

  @Test
  void sqlInAKeyIsNotExecuted() throws Exception {
    String key = "'; DROP TABLE users; --";
    try (TestCluster cluster =
        TestCluster.builder()
            .groups(
                node -> {
                  node.newGroup("names", 0, over("select id from users where name = ?").build());
                  node.newGroup("ids", 0, users().build());
                  node.newGroup(
                      "failing", 0, over("select secret from users where name = ?").build());
                })
            .start()) {
      for (String group : List.of("names", "ids")) {
        Response absent = cluster.node(0).get(group, key);
        assertThat(absent.status()).isEqualTo(404);
        assertThat(absent.text()).isEqualTo("no such key: " + key + "\n");
      }
      assertThat(cluster.node(0).get("names", "a\0b").status()).isEqualTo(404);
      assertThat(cluster.node(0).get("names", "name 3").text()).isEqualTo("3");
      assertThat(database.ask("select count(*) from users")).isEqualTo("1000000");

      Response failed = cluster.node(0).get("failing", "name 3");
      assertThat(failed.status()).isEqualTo(500);
      assertThat(failed.text()).matches("load failed: [0-9a-f]{8}\n");
      assertThat(failed.headers().toString()).doesNotContain("secret", "users ", "127.0.0.1");
    }
  }

  @Test
  void everyTypeHasItsJson() throws Exception {
    String query =
        """
        select ?::bigint as n, 1.10::numeric as "decimal", 'NaN'::numeric as nan, 0.5::real as real,
          true as truth, date '2026-02-03' as "date", time '04:05:06' as "time",
          timestamp '2026-02-03 04:05:06.789' as stamp,
          timestamptz '2026-02-03 04:05:06+02' as zoned,
          '0a0b0c0d-0000-0000-0000-00000000000f'::uuid as uuid, array[1, null, 3] as ints,
          array['a', 'b"'] as texts, '{"a": [1, null]}'::json as json, '{"b":1}'::jsonb as jsonb,
          '\\xff00'::bytea as bytes, interval '1 day' as span, null as "null",
          '192.168.0.1'::inet as inet
        """;
    try (JdbcGetter getter = over(query).keyType(KeyType.INTEGER).result(Result.ROW).build()) {
      assertThat(getter.get("7"))
          .asString(UTF_8)
          .isEqualTo(
              """
              {"n":7,"decimal":1.10,"nan":"NaN","real":0.5,"truth":true,"date":"2026-02-03",\
              "time":"04:05:06","stamp":"2026-02-03T04:05:06.789","zoned":"2026-02-03T02:05:06Z",\
              "uuid":"0a0b0c0d-0000-0000-0000-00000000000f","ints":[1,null,3],\
              "texts":["a","b\\""],"json":{"a": [1, null]},"jsonb":{"b": 1},"bytes":"/wA=",\
              "span":"1 day","null":null,\
              "inet":"192.168.0.1"}\
              """);
    }
    try (JdbcGetter bytes = over("select decode(?, 'hex')").build()) {
      assertThat(bytes.get("00ff")).containsExactly(0x00, 0xff);
    }
  }

  @Test
  void aUuidIsBoundAsAUuid() throws Exception {
    String id = "0a0b0c0d-0000-0000-0000-00000000000f";
    database.execute(
        "create table things (id uuid primary key, name text)",
        "insert into things values ('" + id + "', 'thing')");
    try (JdbcGetter things =
        over("select name from things where id = ?").keyType(KeyType.UUID).build()) {
      assertThat(things.get(id)).asString(UTF_8).isEqualTo("thing");
      assertThatThrownBy(() -> things.get("thing")).isInstanceOf(KeyNotFoundException.class);
    }
  }

  @Test
  void aQueryMayNotWrite() throws Exception {
    try (JdbcGetter writing = over("delete from users where id = ?::bigint returning id").build()) {
      assertThatThrownBy(() -> writing.get("7"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("read-only transaction");
    }
  }

  @Test
  void aQueryHasATimeLimit() throws Exception {
    try (JdbcGetter slow =
        over("select pg_sleep(600), ?").timeLimit(Duration.ofSeconds(1)).build()) {
      assertThatThrownBy(() -> slow.get("x"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("canceling statement");
    }
  }
}
