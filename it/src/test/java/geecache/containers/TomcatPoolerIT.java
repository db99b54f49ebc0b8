package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.source.PgBouncer;
import geecache.source.Postgres;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The product in a Tomcat, whose settings name Debian's PgBouncer in front of Debian's PostgreSQL.
 * The pooler hands sessions out by transaction, so that no notification arrives.
 */
@Tag("field")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TomcatPoolerIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Postgres database;
  private final PgBouncer pooler;
  private final Tomcat tomcat;
  private final Client client;

  TomcatPoolerIT() throws Exception {
    database = Postgres.ofDebian();
    database.execute(
        "create table users (id bigint primary key, name text)",
        "create table towns (id bigint primary key, name text)",
        "insert into users select i, 'user ' || i from generate_series(1, 200) as i",
        "insert into towns select i, 'town ' || i from generate_series(1, 200) as i");
    pooler = new PgBouncer(database, "transaction");
    tomcat = new Tomcat("pooler-tomcat", "apache-tomcat-11.");
    tomcat.addLibrary(org.postgresql.Driver.class);
    tomcat.start();
    client = new Client(tomcat.port());
  }

  @AfterAll
  void end() throws IOException {
    client.close();
    tomcat.close();
    pooler.close();
    database.close();
  }

  @BeforeAll
  void deploy() throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String table : new String[] {"users", "towns"}) {
      String group = "geecache.groups." + table + ".";
      settings.put(group + "source", "jdbc");
      settings.put(group + "url", pooler.url());
      settings.put(group + "query", "select name from " + table + " where id = ?");
      settings.put(group + "key-type", "integer");
    }
    settings.put("geecache.groups.users.listen", "geecache");
    settings.put("geecache.groups.users.ttl", "0");
    Wars wars = new Wars(tomcat.instance().resolve("wars"));
    tomcat.deploy(wars.product(settings), "/strict");
    settings.put("geecache.groups.users.listen-required", "false");
    tomcat.deploy(wars.product(settings), "/lenient");
    for (String path : new String[] {"/strict", "/lenient"}) {
      await(path)
          .atMost(LIMIT)
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> client.get(path + "/health/live").code() == 200);
    }
  }

  @Test
  void aNodeThatCannotListenThroughAPoolerIsNotReadyAndSaysWhy() throws IOException {
    await()
        .atMost(LIMIT)
        .until(() -> tomcat.output().contains("hands out its sessions by transaction"));
    assertThat(tomcat.output()).contains("values of group users may be old meanwhile");
    Answer strict = client.get("/strict/health/ready");
    assertThat(strict.code()).isEqualTo(503);
    assertThat(strict.text())
        .isEqualTo("not ready: group users does not listen for changes in its database\n");
    assertThat(client.get("/lenient/health/ready").code()).isEqualTo(200);
  }

  /** Statements that the driver has the server prepare are in the sessions of others, too. */
  @Test
  void eachGroupHasItsOwnRowsThroughAPooler() throws IOException {
    for (int id = 1; id <= 200; id++) {
      for (String path : new String[] {"/strict", "/lenient"}) {
        assertThat(client.get(path + "/_geecache/users/" + id).text()).isEqualTo("user " + id);
        assertThat(client.get(path + "/_geecache/towns/" + id).text()).isEqualTo("town " + id);
      }
    }
  }
}
