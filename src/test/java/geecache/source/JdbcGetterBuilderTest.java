package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Hashtable;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

class JdbcGetterBuilderTest {
  private static final Database H2_URL = Database.url("jdbc:h2:mem:x");
  private static final String QUERY = "select name from users where id = ?";

  private static JdbcGetterBuilder at(String url) {
    return of(Database.url(url));
  }

  private static JdbcGetterBuilder at(String url, String driver) {
    return of(Database.url(url).driver(driver));
  }

  private static JdbcGetterBuilder of(Database database) {
    return JdbcGetter.builder(database).query(QUERY);
  }

  @Test
  void anAbsentDriverIsNamedByItsCoordinates() {
    assertThatIllegalStateException()
        .isThrownBy(() -> at("jdbc:mysql://db/shop").build())
        .withMessage(
            "the JDBC driver com.mysql.cj.jdbc.Driver is not there: add"
                + " com.mysql:mysql-connector-j to the container or the application");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> at("jdbc:x:y", "com.microsoft.sqlserver.jdbc.SQLServerDataSource").build())
        .withMessageContaining("add com.microsoft.sqlserver:mssql-jdbc");
    assertThatIllegalStateException()
        .isThrownBy(() -> at("jdbc:x:y", "com.example.Nobody").build())
        .withMessageContaining("add the jar that has it");
  }

  @Test
  void optionsThatBreakARuleAreRefused() {
    assertRefused(() -> JdbcGetter.builder(H2_URL).build(), "query is required");
    assertRefused(() -> at("http://db"), "url must begin with jdbc:");
    assertRefused(
        () -> at("jdbc:x:secret").build(),
        "driver is required: no driver is known for a URL that begins with jdbc:x:");
    assertRefused(
        () -> at("jdbc:x:y", "org.h2.Driver").build(),
        "the driver org.h2.Driver does not accept this kind of url");
    assertRefused(
        () -> at("jdbc:h2:mem:x", "java.lang.Object").build(),
        "driver must be a java.sql.Driver or a javax.sql.DataSource: java.lang.Object");
    assertRefused(
        () -> Database.jndi("jdbc/x").user("u", null), "user needs url: a DataSource has its own");
    assertRefused(
        () -> Database.of(new JdbcDataSource()).driver("d"),
        "driver needs url: a DataSource has its own");
    assertRefused(() -> Database.jndi(" "), "jndi must not be blank");
    JdbcGetterBuilder any = JdbcGetter.builder(H2_URL);
    assertRefused(
        () -> any.query("select 1"),
        "query must have exactly one ? for the key, and has 0: select 1");
    assertRefused(
        () -> any.manyQuery("? ?"),
        "many-query must have exactly one ? for the key, and has 2: ? ?");
    assertRefused(() -> any.timeLimit(Duration.ZERO), "time-limit must be positive: PT0S");
    assertRefused(() -> any.connections(0), "connections must be from 1 to 1000: 0");
    assertRefused(
        () -> any.connectionWait(Duration.ofMillis(249)),
        "connection-wait must be at least 250 ms: PT0.249S");
    assertRefused(() -> any.maxValueBytes(0), "max-value-bytes must be positive: 0");
  }

  @Test
  void aDatabaseShowsNoSecret() {
    Database shop = Database.url("jdbc:h2:mem:x;PASSWORD=hidden").user("me", "hidden too");
    assertThat(shop.toString()).doesNotContain("hidden");
  }

  private static void assertRefused(Runnable what, String message) {
    assertThatIllegalArgumentException().isThrownBy(what::run).withMessage(message);
  }

  @Test
  void aDataSourceOfTheContainerIsFoundByEitherName() throws Exception {
    try (H2 database = new H2("create table users (id bigint, name varchar(9))")) {
      database.execute("insert into users values (1, 'Tom')");
      assertThat(byName("java:comp/env/jdbc/users", database, "jdbc/users")).isEqualTo("Tom");
      assertThat(byName("java:/shop", database, "java:/shop")).isEqualTo("Tom");
      assertThatIllegalStateException()
          .isThrownBy(() -> byName("jdbc/other", database, "jdbc/users"))
          .withMessage("no DataSource is bound as jdbc/users or java:comp/env/jdbc/users");
    }
  }

  private static String byName(String bound, H2 database, String name) throws Exception {
    Names.BOUND.put(bound, database.source);
    System.setProperty(Context.INITIAL_CONTEXT_FACTORY, Names.class.getName());
    try (JdbcGetter getter = of(Database.jndi(name)).build()) {
      return new String(getter.get("1"), UTF_8);
    } finally {
      System.clearProperty(Context.INITIAL_CONTEXT_FACTORY);
      Names.BOUND.clear();
    }
  }

  /** The JNDI names of a container. */
  public static final class Names implements InitialContextFactory {
    static final Map<String, Object> BOUND = new ConcurrentHashMap<>();

    @Override
    public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
      return new InitialContext(true) {
        @Override
        public Object lookup(String name) throws NamingException {
          if (!BOUND.containsKey(name)) {
            throw new NameNotFoundException(name);
          }
          return BOUND.get(name);
        }
      };
    }
  }

  @Test
  void aDriverThatRegistersItselfIsDeregisteredByClose() throws Exception {
    JdbcGetter getter = at("jdbc:registering:x", Registering.class.getName()).build();
    assertThat(DriverManager.drivers()).hasAtLeastOneElementOfType(Registering.class);

    getter.close();
    assertThat(DriverManager.drivers()).doesNotHaveAnyElementsOfTypes(Registering.class);
  }

  @Test
  void aDriverThatIsRefusedIsDeregisteredAtOnce() {
    assertRefused(
        () -> at("jdbc:h2:mem:x", RegisteringToo.class.getName()).build(),
        "the driver " + RegisteringToo.class.getName() + " does not accept this kind of url");
    assertThat(DriverManager.drivers()).doesNotHaveAnyElementsOfTypes(RegisteringToo.class);
  }

  /** Registers itself with the manager when its class is loaded, as drivers do. */
  static final class Registering extends FakeDriver {
    static {
      register(new Registering());
    }

    Registering() {}
  }

  /** Another one, since a class registers itself only once. */
  static final class RegisteringToo extends FakeDriver {
    static {
      register(new RegisteringToo());
    }

    RegisteringToo() {}
  }

  /** Does not register itself: a subclass that is loaded would register its parent too. */
  abstract static class FakeDriver implements Driver {
    static void register(Driver driver) {
      try {
        DriverManager.registerDriver(driver);
      } catch (SQLException impossible) {
        throw new ExceptionInInitializerError(impossible);
      }
    }

    @Override
    public Connection connect(String url, Properties info) {
      return null;
    }

    @Override
    public boolean acceptsURL(String url) {
      return url.startsWith("jdbc:registering:");
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
      return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
      return 1;
    }

    @Override
    public int getMinorVersion() {
      return 0;
    }

    @Override
    public boolean jdbcCompliant() {
      return false;
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }
}
