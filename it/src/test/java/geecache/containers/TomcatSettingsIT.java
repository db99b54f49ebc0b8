package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What an operator does with the product as it is: several applications of it, and settings. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TomcatSettingsIT {
  private static final String SECRET = "a-secret-that-nobody-logs";

  private static final String PROPERTIES =
      """

      geecache.request-log=off
      geecache.one.self=http://one.example/one
      geecache.one.secret=%s
      geecache.one.public-reads=true
      geecache.one.groups.red.source=scores
      geecache.one.peer-timeot=2s
      geecache.two.self=http://two.example/two
      geecache.two.groups.blue.source=scores
      geecache.wrong.peer-timeout=1000
      geecache.wrong.secret=short
      geecache.wrong.groups.users.source=jdbc
      geecache.wrong.groups.users.jndi=jdbc/nowhere
      geecache.wrong.groups.users.query=select name from users where id = ?
      geecache.shop.config=%s
      """;

  /** As {@code docs/sources.md} has it; the database is made when it is first asked. */
  private static final String SHOP_XML =
      """
      <Context>
        <Resource name="jdbc/shop" type="javax.sql.DataSource" driverClassName="org.h2.Driver"
            url="jdbc:h2:mem:shop;DATABASE_TO_LOWER=TRUE;INIT=runscript from '%s'"/>
      </Context>
      """;

  private static final String SHOP_SQL =
      """
      create table if not exists users (id int primary key, name varchar(80), city varchar(80));
      merge into users values (7, 'Tom', 'Basel');
      """;

  private final Tomcat tomcat;
  private final Wire wire;

  TomcatSettingsIT() throws IOException {
    tomcat = new Tomcat("tomcat-settings", "apache-tomcat-11.");
    Path lines = Files.writeString(tomcat.instance().resolve("shop.properties"), linesOfReadme());
    Path shop = Files.writeString(tomcat.instance().resolve("shop.sql"), SHOP_SQL);
    tomcat.append("catalina.properties", PROPERTIES.formatted(SECRET, lines));
    tomcat.append("Catalina/localhost/shop.xml", SHOP_XML.formatted(shop));
    tomcat.addLibrary(org.h2.Driver.class);
    for (String application : List.of("/one", "/two", "/wrong", "/shop")) {
      tomcat.deploy(Wars.product(), application);
    }
    tomcat.start();
    wire = new Wire(tomcat.port());
  }

  /** The five lines for a group over a database. */
  static String linesOfReadme() throws IOException {
    Matcher lines =
        Pattern.compile("```properties\n((?:geecache\\.groups\\.users\\..*\n){5})```")
            .matcher(Files.readString(Path.of("README.md")));
    assertThat(lines.find()).isTrue();
    return lines.group(1);
  }

  @AfterAll
  void end() {
    tomcat.close();
  }

  @BeforeAll
  void awaitApplications() {
    for (String target : List.of("/one/_geecache/red/Tom", "/two/_geecache/blue/Tom")) {
      Awaitility.await(target).atMost(Duration.ofMinutes(1)).until(() -> wire.answers(target));
    }
  }

  @Test
  void twoApplicationsHaveGroupsAndUrlsOfTheirOwn() throws IOException {
    assertThat(wire.get("/one/_geecache/red/Tom").text()).isEqualTo("630");
    assertThat(wire.get("/one/_geecache/blue/Tom").text()).isEqualTo("no such group: blue\n");
    assertThat(wire.get("/two/_geecache/blue/Tom").text()).isEqualTo("630");
    assertThat(wire.get("/two/_geecache/red/Tom").text()).isEqualTo("no such group: red\n");
    assertThat(wire.get("/two/_geecache/scores/Tom").text()).isEqualTo("no such group: scores\n");
    assertThat(tomcat.output())
        .contains("geecache answers at http://one.example/one/_geecache/")
        .contains("geecache answers at http://two.example/two/_geecache/");
  }

  @Test
  void theLogHasTheSettingsOnOneLineAndNoSecret() {
    assertThat(tomcat.output())
        .containsPattern(
            "geecache started with .*geecache.self=http://one.example/one"
                + " .*geecache.secret=\\*\\*\\*\\* .*geecache.groups.red.source=scores")
        .doesNotContain(SECRET);
  }

  @Test
  void anUnknownNameIsWarnedOf() {
    assertThat(tomcat.output())
        .contains(
            "unknown setting geecache.one.peer-timeot (system property); did you mean"
                + " geecache.one.peer-timeout?");
  }

  @Test
  void anApplicationWithWrongSettingsDoesNotStartAndSaysWhy() throws IOException {
    Awaitility.await("the refusal")
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(applicationsLog())
                    .contains(
                        """
                        wrong settings:
                          geecache.wrong.secret=**** (system property): a secret must have at least\
                         16 characters, all visible ASCII; one has 5
                          geecache.wrong.peer-timeout=1000 (system property): must be a time such\
                         as `500ms`, `30s`, `10m`, `2h` or `1d`, at least `500ms`
                          geecache.groups.users: no DataSource is bound as jdbc/nowhere or\
                         java:comp/env/jdbc/nowhere
                        """));
    assertThat(tomcat.output())
        .contains(
            "geecache does not start at /wrong/: wrong settings:\n  geecache.wrong.secret=****");
    Answer answer = wire.get("/wrong/_geecache/scores/Tom");
    assertThat(answer.code()).isEqualTo(404);
    assertThat(answer.isOurs()).isFalse();
  }

  @Test
  void theFiveLinesOfTheReadmeAnswerARowAsJson() throws IOException {
    assertThat(wire.get("/shop/_geecache/users/7").text())
        .isEqualTo("{\"id\":7,\"name\":\"Tom\",\"city\":\"Basel\"}");
    assertThat(wire.get("/shop/_geecache/users?key=%27%3B+DROP+TABLE+users%3B+--").code())
        .isEqualTo(404);
    assertThat(wire.get("/shop/_geecache/users/8").code()).isEqualTo(404);
  }

  /** Where Tomcat tells why an application did not start. */
  private String applicationsLog() throws IOException {
    StringBuilder log = new StringBuilder();
    try (Stream<Path> files = Files.list(tomcat.instance().resolve("logs"))) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("localhost.")).toList()) {
        log.append(Files.readString(file));
      }
    }
    return log.toString();
  }
}
