package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import geecache.Group;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loads by pools of connections, from Debian's PostgreSQL and through its PgBouncer. */
@Tag("field")
class FieldPoolsIT {
  private static Postgres database;

  @BeforeAll
  static void start() throws Exception {
    database = Postgres.ofDebian();
    database.execute(
        "create table users (id bigint primary key, name text)",
        "create table towns (id bigint primary key, name text)",
        "insert into users select i, 'user ' || i from generate_series(1, 5000) as i",
        "insert into towns select i, 'town ' || i from generate_series(1, 5000) as i");
  }

  @AfterAll
  static void stop() throws Exception {
    database.close();
  }

  /** All defaults but how nodes ask: a pool of 8 connections, a query of half a second. */
  @ParameterizedTest
  @CsvSource({
    "64, 2, batch",
    "200, 2, batch",
    "400, 2, batch",
    "1000, 2, batch",
    "1000, 1, batch",
    "200, 2, get"
  })
  void coldKeysAreLoadedOrToldToComeAgainLater(int keys, int nodes, String how) throws Exception {
    String slow = "geecache.groups.slow.";
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(nodes)
            .peerRequests(how)
            .setting(slow + "source", "jdbc")
            .setting(slow + "url", database.url())
            .setting(slow + "key-type", "integer")
            .setting(slow + "query", "select ?::bigint from pg_sleep(0.5)")
            .start()) {
      cluster.awaitContact();
      HttpClient client = HttpClient.newHttpClient();
      List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
      for (int key = 0; key < keys; key++) {
        TestNode node = cluster.node(key % nodes);
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(node.url() + "/_geecache/slow/" + key)).build();
        all.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
      }
      TreeMap<Integer, Integer> statuses = new TreeMap<>();
      for (int key = 0; key < keys; key++) {
        HttpResponse<String> answer = all.get(key).join();
        statuses.merge(answer.statusCode(), 1, Integer::sum);
        if (answer.statusCode() == 200) {
          assertThat(answer.body()).isEqualTo(String.valueOf(key));
        } else {
          assertThat(answer.headers().firstValue("Retry-After")).as(answer.body()).isPresent();
        }
      }
      System.out.println(
          keys + " cold keys of 500 ms on " + nodes + " nodes by " + how + ": " + statuses);
      assertThat(statuses.keySet()).isSubsetOf(200, 503);
      if (keys <= 200) {
        assertThat(statuses.keySet()).containsExactly(200);
      }
    }
  }

  @Test
  void aGroupHasItsOwnValuesBehindAPoolerThatHandsOutSessionsByTransaction() throws Exception {
    try (PgBouncer pooler = new PgBouncer(database, "transaction");
        Geecache node = new Geecache()) {
      List<Group> groups = new ArrayList<>();
      for (String table : List.of("users", "towns")) {
        groups.add(
            node.group(table)
                .register(
                    JdbcGetter.builder(Database.url(pooler.url()))
                        .query("select name from " + table + " where id = ?")
                        .keyType(KeyType.INTEGER)
                        .build()));
      }
      List<String> keys = IntStream.rangeClosed(1, 2400).mapToObj(String::valueOf).toList();
      List<CompletableFuture<Void>> both =
          groups.stream()
              .map(
                  group ->
                      CompletableFuture.runAsync(
                          () -> {
                            for (int from = 0; from < keys.size(); from += 200) {
                              load(group, keys.subList(from, from + 200));
                            }
                          }))
              .toList();
      both.forEach(CompletableFuture::join);
    }
  }

  private static void load(Group group, List<String> keys) {
    String kind = group.name().replaceFirst("s$", "");
    try {
      group.getAll(keys).forEach((key, value) -> assertThat(value).hasToString(kind + " " + key));
    } catch (geecache.CacheException failure) {
      throw new AssertionError(failure);
    }
  }
}
