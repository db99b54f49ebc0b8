package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.BulkGetter;
import geecache.Callers;
import geecache.Geecache;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LiveThreads;
import geecache.LoadException;
import geecache.LogCapture;
import geecache.OverloadedException;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.source.JdbcGetterBuilder.Result;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JdbcGetterTest {
  private H2 database;

  @BeforeEach
  void fill() throws SQLException {
    database =
        new H2(
            "create table users (id bigint primary key, name varchar(100), photo varbinary(100))",
            "insert into users values (1, 'Tom', x'00ff'), (2, null, null), (3, 'Tom', x'01')");
  }

  @AfterEach
  void drop() throws SQLException {
    database.close();
  }

  private JdbcGetterBuilder over(String query) {
    return JdbcGetter.builder(Database.of(database.source)).query(query);
  }

  @Test
  void aColumnIsTheValue() throws Exception {
    JdbcGetter names = over("select name from users where id = ?").build();
    JdbcGetter photos = over("select photo from users where id = ?").build();
    JdbcGetter ids = over("select id from users where id = ?").build();

    assertThat(names.get("1")).asString(UTF_8).isEqualTo("Tom");
    assertThat(photos.get("1")).containsExactly(0x00, 0xff);
    assertThat(ids.get("1")).asString(UTF_8).isEqualTo("1");
  }

  @Test
  void aColumnOfAnotherTypeIsWrittenAsTheDatabaseWould() throws Exception {
    String decimal = "select cast('0.0000001' as decimal(20, 7)) from users where id = ?";
    assertThat(over(decimal).build().get("1")).asString(UTF_8).isEqualTo("0.0000001");
    String array = "select array[id, 2] from users where id = ?";
    assertThat(over(array).build().get("1")).asString(UTF_8).isEqualTo("[1, 2]");
  }

  @Test
  void noRowAndNullAreAbsent() {
    JdbcGetter names = over("select name from users where id = ?").build();

    assertThatThrownBy(() -> names.get("9"))
        .isInstanceOf(KeyNotFoundException.class)
        .hasMessage("no such key: 9");
    assertThatThrownBy(() -> names.get("2")).isInstanceOf(KeyNotFoundException.class);
  }

  @Test
  void severalRowsAreAFailureThatSaysSo() {
    JdbcGetter ids = over("select id from users where name = ?").build();

    assertThatThrownBy(() -> ids.get("Tom"))
        .isInstanceOf(SQLException.class)
        .hasMessage("the query gives more than one row for a key");
  }

  @Test
  void twoColumnsAreAFailureUnlessTheResultIsARow() {
    JdbcGetter two = over("select id, name from users where id = ?").build();

    assertThatThrownBy(() -> two.get("1"))
        .hasMessage("the query gives 2 columns for a value, and result=column takes one");
  }

  @Test
  void aRowIsAJsonObject() throws Exception {
    JdbcGetter rows = over("select * from users where id = ?").result(Result.ROW).build();

    assertThat(rows.get("1"))
        .asString(UTF_8)
        .isEqualTo("{\"id\":1,\"name\":\"Tom\",\"photo\":\"AP8=\"}");
    assertThat(rows.get("2")).asString(UTF_8).isEqualTo("{\"id\":2,\"name\":null,\"photo\":null}");
  }

  @Test
  void everyTypeHasItsJson() throws Exception {
    String row =
        """
        select cast(? as bigint) as "n", 12345678901234567890.10 as "decimal",
          cast(1.5 as double precision) as "real", cast('NaN' as double precision) as "nan",
          true as "truth", date '2026-02-03' as "date", time '04:05:06' as "time",
          timestamp '2026-02-03 04:05:06.789' as "stamp",
          timestamp with time zone '2026-02-03 04:05:06+02:00' as "zoned",
          uuid '0a0b0c0d-0000-0000-0000-00000000000f' as "uuid", array[1, 2, null] as "array",
          json '{"a":[1,null]}' as "json", cast('clob' as clob) as "clob",
          cast(x'ff' as blob) as "blob", 'a"' || char(10) || 'b' as "text"
        """;

    assertThat(over(row).result(Result.ROW).build().get("7"))
        .asString(UTF_8)
        .isEqualTo(
            """
            {"n":7,"decimal":12345678901234567890.10,"real":1.5,"nan":"NaN","truth":true,\
            "date":"2026-02-03","time":"04:05:06","stamp":"2026-02-03T04:05:06.789",\
            "zoned":"2026-02-03T04:05:06+02:00","uuid":"0a0b0c0d-0000-0000-0000-00000000000f",\
            "array":[1,2,null],"json":{"a":[1,null]},"clob":"clob","blob":"/w==",\
            "text":"a\\"\\nb"}\
            """);
  }

  @Test
  void aLobThatIsTooLargeIsAFailure() {
    JdbcGetter large = over("select cast(cast(? as varchar) as clob)").maxValueBytes(3).build();

    assertThatThrownBy(() -> large.get("four")).hasMessage("a LOB is too large: 4, at most 3");
  }

  @Test
  void twoColumnsWithTheSameNameAreAFailure() {
    JdbcGetter twice = over("select id, id from users where id = ?").result(Result.ROW).build();

    assertThatThrownBy(() -> twice.get("1")).hasMessage("two columns of the query are named id");
  }

  @Test
  void sqlInAKeyIsNotExecuted() throws Exception {
    String key = "'; DROP TABLE users; --";
    JdbcGetter names = over("select name from users where name = ?").build();
    JdbcGetter many =
        over("select name from users where name = ?")
            .manyQuery("select name, name from users where name in (?)")
            .build();

    assertThatThrownBy(() -> names.get(key)).isInstanceOf(KeyNotFoundException.class);
    assertThatThrownBy(() -> many.get(key)).isInstanceOf(KeyNotFoundException.class);

    database.execute("insert into users values (4, '''; DROP TABLE users; --', null)");
    assertThat(names.get(key)).asString(UTF_8).isEqualTo(key);
  }

  @Test
  void aKeyThatIsNotANumberIsAbsentInAColumnOfNumbers() throws Exception {
    JdbcGetter names = over("select name from users where id = ?").keyType(KeyType.INTEGER).build();

    assertThat(names.get("1")).asString(UTF_8).isEqualTo("Tom");
    for (String key :
        List.of("Tom", "01", "+1", "1 ", " 1", "-0", "1.0", "9223372036854775808", "\u0661")) {
      assertThatThrownBy(() -> names.get(key)).as(key).isInstanceOf(KeyNotFoundException.class);
    }
  }

  @Test
  void onlyAUuidInLowerCaseIsAKey() throws Exception {
    String id = "0a0b0c0d-0000-0000-0000-00000000000f";
    database.execute("create table things (id uuid primary key, name varchar(9))");
    database.execute("insert into things values ('" + id + "', 'thing')");
    JdbcGetter things = over("select name from things where id = ?").keyType(KeyType.UUID).build();

    assertThat(things.get(id)).asString(UTF_8).isEqualTo("thing");
    for (String key : List.of(id.toUpperCase(java.util.Locale.ROOT), "thing", "0-0-0-0-0")) {
      assertThatThrownBy(() -> things.get(key)).as(key).isInstanceOf(KeyNotFoundException.class);
    }
  }

  @Test
  void theCauseOfAFailureIsLoggedAndTheClientGetsItsId() throws Exception {
    try (Geecache node = new Geecache();
        LogCapture log = new LogCapture("geecache.FailedLoads", Level.WARNING)) {
      Group group =
          node.newGroup("users", 0, over("select secret from users where id = ?").build());

      assertThatThrownBy(() -> group.get("1"))
          .isInstanceOf(LoadException.class)
          .message()
          .matches("load failed: [0-9a-f]{8}");
      assertThat(log.traces()).contains("Column \"secret\" not found");
    }
  }

  @Test
  void aUrlHasAPoolThatTheNodeCloses() throws Exception {
    try (Geecache node = new Geecache()) {
      JdbcGetter names =
          JdbcGetter.builder(Database.url(database.url))
              .query("select name from users where id = ?")
              .connections(2)
              .build();
      Group group = node.newGroup("users", 0, names);

      assertThat(group.get("1")).hasToString("Tom");
      assertThat(LiveThreads.named("geecache-jdbc")).isNotEmpty();
    }
    // The threads of a closed pool may take a moment to end.
    await().untilAsserted(() -> assertThat(LiveThreads.named("geecache-jdbc")).isEmpty());
  }

  @Test
  void theDriverCanBeADataSourceClass() throws Exception {
    try (JdbcGetter names =
        JdbcGetter.builder(Database.url(database.url).driver("org.h2.jdbcx.JdbcDataSource"))
            .query("select name from users where id = ?")
            .build()) {
      assertThat(names.get("1")).asString(UTF_8).isEqualTo("Tom");
    }
  }

  @Test
  void theGetterIsBuiltEvenIfTheDatabaseIsDown() throws Exception {
    try (JdbcGetter down =
        JdbcGetter.builder(Database.url("jdbc:h2:tcp://127.0.0.1:1/nobody"))
            .connectionWait(java.time.Duration.ofMillis(250))
            .query("select ?")
            .build()) {
      assertThatThrownBy(() -> down.get("1")).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void manyKeysAreLoadedByOneQuery() throws Exception {
    KeyQuery query =
        new KeyQuery(
            ConnectionSource.borrowed(database.source),
            "select name from users where id = ?",
            "select id, name from users where id in (?)",
            KeyType.INTEGER::parse,
            false,
            RowReader.ofColumn(100),
            java.time.Duration.ofSeconds(5));

    var found = query.loadMany(new java.util.LinkedHashSet<>(List.of("1", "2", "3", "4", "5")));

    assertThat(found).hasSize(5);
    assertThat(found.get("1")).hasValueSatisfying(v -> assertThat(v).asString().isEqualTo("Tom"));
    assertThat(found.get("2")).isEmpty();
    assertThat(found.get("5")).isEmpty();
  }

  @Test
  void aKeyThatTheDatabaseRefusesDoesNotFailTheOthers() throws Exception {
    KeyQuery query =
        new KeyQuery(
            ConnectionSource.borrowed(database.source),
            "select name from users where id = ?",
            "select id, name from users where id in (?)",
            KeyType.TEXT::parse,
            true,
            RowReader.ofColumn(100),
            java.time.Duration.ofSeconds(5));

    assertThat(query.loadMany(java.util.Set.of("1", "x"))).isEmpty();
    assertThat(query.loadOne("1")).isPresent();
    assertThatThrownBy(() -> query.loadOne("x")).isInstanceOf(SQLException.class);
  }

  @Test
  void aKeyThatTheDatabaseTakesForAnotherIsQueriedAlone() throws Exception {
    database.execute("create table codes (code varchar_ignorecase(9) primary key, name char(5))");
    database.execute("insert into codes values ('abc', 'x')");
    JdbcGetter codes =
        over("select name from codes where code = ?")
            .manyQuery("select code, name from codes where code in (?)")
            .build();
    KeyQuery query =
        new KeyQuery(
            ConnectionSource.borrowed(database.source),
            "select name from codes where code = ?",
            "select code, name from codes where code in (?)",
            KeyType.TEXT::parse,
            true,
            RowReader.ofColumn(100),
            java.time.Duration.ofSeconds(5));

    assertThat(query.loadMany(java.util.Set.of("ABC", "d"))).isEmpty();
    assertThat(codes.get("ABC")).asString(UTF_8).isEqualTo("x    ");
  }

  @Test
  void whatTheQueryForManyKeysLeavesOutIsAskedForAlone() throws Exception {
    database.execute("create table codes (code varchar_ignorecase(9) primary key, name char(5))");
    database.execute("insert into codes values ('abc', 'x'), ('d', 'y')");
    try (JdbcGetter codes =
            over("select name from codes where code = ?")
                .manyQuery("select code, name from codes where code in (?)")
                .build();
        JdbcGetter ids =
            over("select name from users where id = ?")
                .manyQuery("select id, name from users where id in (?)")
                .keyType(KeyType.INTEGER)
                .build()) {
      assertThat(codes.loadAll(java.util.Set.of("ABC", "d")))
          .containsOnlyKeys("ABC", "d")
          .containsEntry("ABC", BulkGetter.Answer.askAlone());
      assertThat(ids.maxBatch()).isEqualTo(256);
      assertThat(ids.loadAll(java.util.Set.of("1", "x", "99"))).containsOnlyKeys("1");
      assertThat(ids.loadAll(java.util.Set.of("x"))).isEmpty();
      assertThat(ids.getAll(java.util.Set.of("1", "x", "99"))).containsOnlyKeys("1");
    }
  }

  private JdbcGetterBuilder pooled(String query) {
    return JdbcGetter.builder(Database.url(database.url)).query(query);
  }

  @Test
  void aGroupRunsAsManyLoadsAsItsGetterHasConnections() throws Exception {
    String query = "select name from users where id = ?";
    try (JdbcGetter own = pooled(query).connections(3).build();
        JdbcGetter together =
            pooled(query).manyQuery("select id, name from users where id in (?)").build();
        JdbcGetter borrowed = over(query).build()) {
      assertThat(own.maxLoads()).isEqualTo(3);
      assertThat(together.maxLoads()).isEqualTo(8);
      assertThat(borrowed.maxLoads()).isEqualTo(Integer.MAX_VALUE);
    }
  }

  @Test
  void aLoadForWhichNoConnectionIsFreeFailsAsOverloaded() throws Exception {
    database.execute("create alias hold for 'geecache.source.SqlFunctions.hold'");
    try (JdbcGetter one =
            pooled("select hold(?)").connections(1).connectionWait(Duration.ofMillis(250)).build();
        Callers callers = new Callers()) {
      CompletableFuture<byte[]> first = callers.call(() -> one.get("a"));
      CountDownLatch held = SqlFunctions.HELD.take();

      assertThatThrownBy(() -> one.get("b"))
          .isInstanceOf(OverloadedException.class)
          .hasMessage("overloaded: all 1 connections were in use for 250 ms");
      held.countDown();
      assertThat(Callers.result(first)).asString(UTF_8).isEqualTo("a");
      CompletableFuture<byte[]> next = callers.call(() -> one.get("c")); // The place is free again.
      SqlFunctions.HELD.take().countDown();
      assertThat(Callers.result(next)).asString(UTF_8).isEqualTo("c");
    }
  }

  @Test
  void aFullPoolOfTheContainerIsAnOverload() {
    DataSource full =
        ScriptedPostgres.proxy(
            DataSource.class,
            (method, arguments) -> {
              throw new SQLTransientConnectionException("shop - request timed out after 2000ms");
            });
    JdbcGetter names = JdbcGetter.builder(Database.of(full)).query("select ?").build();
    assertThatThrownBy(() -> names.get("1"))
        .isInstanceOf(OverloadedException.class)
        .hasMessage("overloaded: no connection to the database was free");
  }

  @Test
  void aRowThatTakesTooLongDoesNotFailTheOthersAndItsMessageNamesTheLimit() throws Exception {
    database.execute("create alias fail for 'geecache.source.SqlFunctions.fail'");
    KeyQuery query =
        new KeyQuery(
            ConnectionSource.borrowed(database.source),
            "select fail(cast(? as varchar))",
            "select id, fail('slow') from users where id in (?)",
            KeyType.TEXT::parse,
            true,
            RowReader.ofColumn(100),
            Duration.ofSeconds(5));

    assertThat(query.loadMany(java.util.Set.of("1", "3"))).isEmpty(); // Each is queried alone.
    assertThat(query.loadOne("1")).isPresent();
    assertThatThrownBy(() -> query.loadOne("slow"))
        .isInstanceOf(SQLTimeoutException.class)
        .hasMessageStartingWith("the query took longer than its time-limit of 5 s: ");
  }

  @Test
  void aColumnThatIsNotComparedWithTextNeedsAKeyTypeAndTheMessageSaysSo() throws Exception {
    database.execute("create alias fail for 'geecache.source.SqlFunctions.fail'");
    JdbcGetter text = over("select fail(?)").build();
    assertThatThrownBy(() -> text.get("7")).hasMessageContaining("set key-type to integer or uuid");
  }

  @Test
  void aPoolIsNamedAfterItsGroup() throws Exception {
    try (JdbcGetter names = pooled("select name from users where id = ?").group("users").build()) {
      names.get("1");
      assertThat(LiveThreads.named("geecache-jdbc-users:")).isNotEmpty();
    }
  }
}
