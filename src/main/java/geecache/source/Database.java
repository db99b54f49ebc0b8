package geecache.source;

import geecache.source.ConnectionSource.PoolOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database and how to connect to it, as the settings {@code jndi}, {@code url}, {@code user},
 * {@code password} and {@code driver} of a group describe it. Immutable; does not connect by
 * itself. {@link #toString} shows no secret.
 */
public final class Database {
  /** Has the hosts, ports and name of the database, if there is no user among them. */
  private static final Pattern POSTGRESQL =
      Pattern.compile("jdbc:postgresql:(?://)?([^?@;&]+)(?:[?].*)?", Pattern.DOTALL);

  private final @Nullable DataSource dataSource;
  private final @Nullable String jndi;
  private final @Nullable String url;
  private final @Nullable String user;
  private final @Nullable String password;
  private final @Nullable String driver;

  private Database(
      @Nullable DataSource dataSource,
      @Nullable String jndi,
      @Nullable String url,
      @Nullable String user,
      @Nullable String password,
      @Nullable String driver) {
    this.dataSource = dataSource;
    this.jndi = jndi;
    this.url = url;
    this.user = user;
    this.password = password;
    this.driver = driver;
  }

  /** Returns the database of {@code dataSource}, which the caller closes. */
  public static Database of(DataSource dataSource) {
    return new Database(Objects.requireNonNull(dataSource), null, null, null, null, null);
  }

  /**
   * Returns the database of a {@link DataSource} of the container. It is looked up when a getter is
   * built or an invalidation starts: first by {@code name} itself, then under {@code
   * java:comp/env/}.
   *
   * @throws IllegalArgumentException if {@code name} is blank
   */
  public static Database jndi(String name) {
    return new Database(null, requireText("jndi", name), null, null, null, null);
  }

  /**
   * Returns the database at a JDBC URL. Each getter and each invalidation opens connections of its
   * own. A URL is treated as a secret, since it may hold a password.
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
   * Returns the same database with a user; {@code password} may be null.
   *
   * @throws IllegalArgumentException if this database was not made by {@link #url}
   */
  public Database user(String name, @Nullable String password) {
    requireUrl("user");
    return new Database(null, null, url, Objects.requireNonNull(name), password, driver);
  }

  /**
   * Returns the same database with the class that connects: a {@link java.sql.Driver}, or a {@link
   * DataSource} with a property {@code url}. Not needed for PostgreSQL, MySQL, MariaDB, Oracle, SQL
   * Server, Db2 and H2, where the URL tells; required for all others.
   *
   * @throws IllegalArgumentException if this database was not made by {@link #url}
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

  /** Whether this database may be of that kind: a URL tells, a {@code DataSource} does not. */
  boolean mayBe(KnownDriver kind) {
    return url == null || KnownDriver.findByUrl(url).map(known -> known == kind).orElse(true);
  }

  /**
   * Returns a source of connections. For a URL it is a pool of our own, to which the parameters
   * apply.
   *
   * @param readTimeout how long a read may get no bytes; after that the connection has failed
   * @throws IllegalArgumentException if the driver is not known, or does not accept the URL
   * @throws IllegalStateException if the {@code DataSource}, the driver or HikariCP is missing
   */
  ConnectionSource openPool(Duration readTimeout, PoolOptions pool) {
    return url == null ? lookUp() : ConnectionSource.pooled(loadDriver(url, readTimeout), pool);
  }

  /** As {@link #openPool}, but without a pool: each connection to a URL is a new one. */
  ConnectionSource openUnpooled(Duration readTimeout) {
    return url == null ? lookUp() : ConnectionSource.unpooled(loadDriver(url, readTimeout));
  }

  private ConnectionSource lookUp() {
    return dataSource != null
        ? ConnectionSource.borrowed(dataSource)
        : ConnectionSource.ofContainer(Objects.requireNonNull(jndi));
  }

  private DriverDataSource loadDriver(String jdbcUrl, Duration readTimeout) {
    return DriverDataSource.load(jdbcUrl, driver, user, password, readTimeout);
  }

  /** Returns which database this is, as far as that holds no secret. */
  String shown() {
    Matcher place = url == null ? null : POSTGRESQL.matcher(url);
    return place != null && place.matches()
        ? "the database " + place.group(1)
        : "the database of " + this;
  }

  @Override
  public String toString() {
    return jndi != null ? "jndi " + jndi : url != null ? "a JDBC URL" : "a DataSource";
  }
}
