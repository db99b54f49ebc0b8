package geecache.source;

import java.time.Duration;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database and how it is reached, as the settings {@code jndi}, {@code url}, {@code user}, {@code
 * password} and {@code driver} of a group say it. Immutable; connects to nothing by itself. Its
 * text shows no secret.
 */
public final class Database {
  private final @Nullable DataSource source;
  private final @Nullable String jndi;
  private final @Nullable String url;
  private final @Nullable String user;
  private final @Nullable String password;
  private final @Nullable String driver;

  private Database(
      @Nullable DataSource source,
      @Nullable String jndi,
      @Nullable String url,
      @Nullable String user,
      @Nullable String password,
      @Nullable String driver) {
    this.source = source;
    this.jndi = jndi;
    this.url = url;
    this.user = user;
    this.password = password;
    this.driver = driver;
  }

  /** Returns the database that {@code source} connects to; whoever gives that closes it. */
  public static Database of(DataSource source) {
    return new Database(Objects.requireNonNull(source), null, null, null, null, null);
  }

  /**
   * Returns the database of a {@link DataSource} of the container, which is looked up when it is
   * first used: by {@code name} as it is given, then under {@code java:comp/env/}.
   *
   * @throws IllegalArgumentException if {@code name} is blank
   */
  public static Database jndi(String name) {
    return new Database(null, requireText("jndi", name), null, null, null, null);
  }

  /**
   * Returns the database at a JDBC URL, to which connections are made by whoever uses it. A URL may
   * hold a password, and so is a secret.
   *
   * @throws IllegalArgumentException if it does not begin with {@code jdbc:}
   */
  public static Database url(String jdbcUrl) {
    if (!requireText("url", jdbcUrl).startsWith("jdbc:")) {
      throw new IllegalArgumentException("url must begin with jdbc:");
    }
    return new Database(null, null, jdbcUrl, null, null, null);
  }

  /**
   * Returns the same, connected to as {@code name}; {@code password} may be null.
   *
   * @throws IllegalArgumentException if this is no {@link #url}
   */
  public Database user(String name, @Nullable String password) {
    requireUrl("user");
    return new Database(null, null, url, Objects.requireNonNull(name), password, driver);
  }

  /**
   * Returns the same, connected to by a class that is a {@link java.sql.Driver}, or a {@link
   * DataSource} with a property {@code url}. By default it is what the URL says, for PostgreSQL,
   * MySQL, MariaDB, Oracle, SQL Server, Db2 and H2; else it is required.
   *
   * @throws IllegalArgumentException if this is no {@link #url}
   */
  public Database driver(String className) {
    requireUrl("driver");
    return new Database(null, null, url, user, password, Objects.requireNonNull(className));
  }

  private void requireUrl(String option) {
    if (url == null) {
      throw new IllegalArgumentException(option + " needs url: a DataSource has its own");
    }
  }

  private static String requireText(String name, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " must not be blank");
    }
    return value;
  }

  /** Whether it may be of that kind: a URL tells, a {@code DataSource} does not. */
  boolean mayBe(KnownDriver kind) {
    return url == null || KnownDriver.ofUrl(url).map(known -> known == kind).orElse(true);
  }

  /**
   * Returns where connections come from. To a URL they are pooled.
   *
   * @param silence after which a connection of ours that is being read counts as lost
   * @param most connections of ours at once
   * @param wait for one of ours, new or free
   * @throws IllegalArgumentException if the driver is not known, or does not take the URL
   * @throws IllegalStateException if the {@code DataSource}, the driver or HikariCP is not there
   */
  Connections pooled(Duration silence, int most, Duration wait) {
    return url == null ? given() : Connections.pooled(ofDriver(url, silence), most, wait);
  }

  /** As {@link #pooled}, but to a URL each is a new one. */
  Connections single(Duration silence) {
    if (url == null) {
      return given();
    }
    DriverConnections own = ofDriver(url, silence);
    return new Connections(own, own::close);
  }

  private Connections given() {
    return source != null
        ? Connections.borrowed(source)
        : Connections.ofContainer(Objects.requireNonNull(jndi));
  }

  private DriverConnections ofDriver(String at, Duration silence) {
    return DriverConnections.of(at, driver, user, password, silence);
  }

  @Override
  public String toString() {
    return jndi != null ? "jndi " + jndi : url != null ? "a JDBC URL" : "a DataSource";
  }
}
