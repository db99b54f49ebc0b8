package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.source.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Settings alone put applications in front of a real PostgreSQL, and have it say what it changed:
 * the product by a {@code DataSource} of Tomcat's, one that has geecache as a library by a URL.
 */
@Tag("postgres")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TomcatPostgresIT {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final String PROPERTIES =
      """

      geecache.shop.config=%1$s
      geecache.library.groups.users.source=jdbc
      geecache.library.groups.users.url=%2$s
      geecache.library.groups.users.query=select name from users where id = ?
      geecache.library.groups.users.key-type=integer
      geecache.library.groups.users.listen=geecache
      """;

  private static final String MORE =
      """
      geecache.groups.users.listen=geecache
      geecache.groups.names.source=jdbc
      geecache.groups.names.jndi=jdbc/shop
      geecache.groups.names.query=select id from users where name = ?
      """;

  private static final String SHOP_XML =
      """
      <Context>
        <Resource name="jdbc/shop" type="javax.sql.DataSource"
            driverClassName="org.postgresql.Driver" url="%s"/>
      </Context>
      """;

  private static final String INJECTED = "?key=%27%3B+DROP+TABLE+users%3B+--";

  private final Postgres database;
  private final Tomcat tomcat;
  private final Wire wire;

  TomcatPostgresIT() throws Exception {
    database = new Postgres();
    database.execute("create table users (id bigint primary key, name text, city text)");
    database.execute(Postgres.triggers());
    database.execute("insert into users values (7, 'Tom', 'Basel')");
    tomcat = new Tomcat("tomcat-postgres", "apache-tomcat-11.");
    Path lines = tomcat.instance().resolve("shop.properties");
    Files.writeString(lines, TomcatSettingsIT.linesOfReadme() + MORE);
    tomcat.append("catalina.properties", PROPERTIES.formatted(lines, database.url()));
    tomcat.append("Catalina/localhost/shop.xml", SHOP_XML.formatted(database.url()));
    tomcat.addLibrary(org.postgresql.Driver.class);
    tomcat.deploy(Wars.product(), "/shop");
    tomcat.deploy(new Wars(tomcat.instance().resolve("wars")).library(), "/library");
    tomcat.start();
    wire = new Wire(tomcat.port());
  }

  @AfterAll
  void end() throws IOException {
    tomcat.close();
    database.close();
  }

  @BeforeAll
  void awaitApplications() {
    awaitAnswer("/shop/_geecache/users/7", "{\"id\":7,\"name\":\"Tom\",\"city\":\"Basel\"}");
    awaitListeners("shop", 1);
  }

  private void awaitAnswer(String target, String text) {
    await(target)
        .atMost(LIMIT)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(wire.get(target).text()).isEqualTo(text));
  }

  /** Those who listen have the lock of their cluster: each of these nodes is alone in its own. */
  private void awaitListeners(String application, int expected) {
    String locks =
        "select count(*) from pg_locks where locktype = 'advisory' and (classid::bigint << 32 |"
            + " objid::bigint) = hashtextextended('geecache /%s geecache', 0)";
    await("who listens for " + application)
        .atMost(LIMIT)
        .until(() -> database.ask(locks.formatted(application)).equals(String.valueOf(expected)));
  }

  @Test
  void anUpdateRemovesTheKeyOfTheFiveLinesOfTheReadme() throws Exception {
    String target = "/shop/_geecache/users/7";
    String row = "{\"id\":7,\"name\":\"Tom\",\"city\":\"%s\"}";
    database.execute("update users set city = 'Bern' where id = 7");
    awaitAnswer(target, row.formatted("Bern"));

    database.execute(
        "alter table users disable trigger user",
        "update users set city = 'Chur' where id = 7",
        "alter table users enable trigger user");
    assertThat(wire.get(target).text()).isEqualTo(row.formatted("Bern"));

    database.execute("update users set city = 'Davos' where id = 7");
    awaitAnswer(target, row.formatted("Davos"));
  }

  @Test
  void sqlInAKeyIsAKeyThatIsNotThere() throws Exception {
    assertThat(wire.get("/shop/_geecache/users" + INJECTED).code()).isEqualTo(404);
    assertThat(wire.get("/shop/_geecache/names" + INJECTED).code()).isEqualTo(404);
    assertThat(database.ask("select count(*) from users")).isEqualTo("1");
  }

  @Test
  void anApplicationThatIsUndeployedListensNoMore() throws Exception {
    awaitListeners("library", 1);
    assertThat(wire.get("/library/_geecache/users/7").text()).isEqualTo("Tom");

    tomcat.undeploy("/library");

    awaitListeners("library", 0);
    assertThat(tomcat.output()).doesNotContain("memory leak");
  }
}
