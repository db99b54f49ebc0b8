package geecache.source;

import geecache.Geecache;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link PostgresInvalidation} is to listen to. Made by {@link
 * PostgresInvalidation#builder}; {@link #groups} is required, and one of {@link #url}, {@link
 * #jndi} and {@link #dataSource}. For one thread.
 */
public final class PostgresInvalidationBuilder {
  private final Set<String> groups = new LinkedHashSet<>();
  private @Nullable DataSource dataSource;
  private @Nullable String jndi;
  private @Nullable String url;
  private @Nullable String driver;
  private @Nullable String user;
  private @Nullable String password;
  private String channel = "geecache";
  private String cluster = "";
  private Duration heartbeat = Duration.ofSeconds(5);
  private Duration longestDelay = Duration.ofSeconds(30);

  PostgresInvalidationBuilder() {
    require(
        "org.postgresql.PGConnection", "org.postgresql:postgresql where the application sees it");
    require("tools.jackson.core.JsonParser", "tools.jackson.core:jackson-core to the application");
  }

  /**
   * Setting {@code groups}, names separated by commas, required: whose keys notifications may name,
   * and which are cleared when some may have been missed. They need not be registered yet.
   */
  public PostgresInvalidationBuilder groups(Collection<String> names) {
    groups.addAll(names);
    return this;
  }

  /**
   * Setting {@code url}, a JDBC URL of PostgreSQL, over which this has a connection of its own; a
   * secret, as it may hold a password. Past a pooler it has to be one that keeps sessions.
   */
  public PostgresInvalidationBuilder url(String jdbcUrl) {
    if (!jdbcUrl.startsWith("jdbc:")) {
      throw new IllegalArgumentException("url must begin with jdbc:");
    }
    KnownDriver.ofUrl(jdbcUrl)
        .filter(known -> known != KnownDriver.POSTGRESQL)
        .ifPresent(
            other -> {
              throw new IllegalArgumentException("only a url of PostgreSQL can be listened to");
            });
    this.url = jdbcUrl;
    return this;
  }

  /** Setting {@code user}, text, with {@code url} only; none by default. */
  public PostgresInvalidationBuilder user(@Nullable String name) {
    this.user = name;
    return this;
  }

  /** Setting {@code password}, a secret, with {@code user} only; none by default. */
  public PostgresInvalidationBuilder password(@Nullable String secret) {
    this.password = secret;
    return this;
  }

  /** Setting {@code driver}, as in {@link JdbcGetterBuilder#driver}; what the URL says. */
  public PostgresInvalidationBuilder driver(@Nullable String className) {
    this.driver = className;
    return this;
  }

  /**
   * Setting {@code jndi}, text: a {@link DataSource} of the container, as in {@link
   * JdbcGetterBuilder#jndi}. One of its connections is then kept for good.
   */
  public PostgresInvalidationBuilder jndi(String name) {
    this.jndi = JdbcGetterBuilder.requireText("jndi", name);
    return this;
  }

  /** In code only: where the connection comes from; whoever gives it closes it. */
  public PostgresInvalidationBuilder dataSource(DataSource source) {
    this.dataSource = Objects.requireNonNull(source);
    return this;
  }

  /**
   * Setting {@code channel}, {@code geecache} by default: 1 to 63 letters, digits and {@code _},
   * and no digit first; upper and lower case differ.
   */
  public PostgresInvalidationBuilder channel(String name) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,62}")) {
      throw new IllegalArgumentException(
          "channel must be 1 to 63 letters, digits and _, and no digit first: " + name);
    }
    this.channel = name;
    return this;
  }

  /**
   * Setting {@code cluster}, text, empty by default: the same on all nodes of a cluster, and
   * another for each cluster that listens on the same channel of the same database.
   */
  public PostgresInvalidationBuilder cluster(String name) {
    this.cluster = Objects.requireNonNull(name);
    return this;
  }

  /**
   * Setting {@code heartbeat}, a duration from 100 ms to 15 s, 5 s by default: how often the
   * database is asked for a sign of life, and how long it may take to give one.
   */
  public PostgresInvalidationBuilder heartbeat(Duration every) {
    if (every.toMillis() < 100 || every.compareTo(Duration.ofSeconds(15)) > 0) {
      throw new IllegalArgumentException("heartbeat must be from 100 ms to 15 s: " + every);
    }
    this.heartbeat = every;
    return this;
  }

  /**
   * Setting {@code reconnect-delay}, a duration of at least 250 ms, 30 s by default: the longest
   * pause before it tries again to connect. The first is 250 ms, and each is twice as long as the
   * one before, less a random part.
   */
  public PostgresInvalidationBuilder reconnectDelay(Duration longest) {
    if (longest.toMillis() < 250) {
      throw new IllegalArgumentException("reconnect-delay must be at least 250 ms: " + longest);
    }
    this.longestDelay = longest;
    return this;
  }

  /**
   * Begins to listen for the groups of {@code node}, on a thread of its own; a database that is
   * down stops no start.
   *
   * @throws IllegalArgumentException if something required is missing, or two options exclude each
   *     other
   * @throws IllegalStateException if the {@code DataSource} or the driver is not there; the message
   *     says what to add
   */
  public PostgresInvalidation start(Geecache node) {
    Objects.requireNonNull(node);
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("groups is required");
    }
    int sources = (dataSource == null ? 0 : 1) + (jndi == null ? 0 : 1) + (url == null ? 0 : 1);
    if (sources != 1) {
      throw new IllegalArgumentException("exactly one of jndi and url is required");
    }
    if (url == null && (user != null || driver != null)) {
      throw new IllegalArgumentException("user and driver need url: a DataSource has its own");
    }
    if (password != null && user == null) {
      throw new IllegalArgumentException("password needs user");
    }
    PostgresInvalidation made =
        new PostgresInvalidation(
            node, connect(), channel, cluster, groups, heartbeat, longestDelay);
    made.start();
    return made;
  }

  private static void require(String className, String remedy) {
    try {
      Class.forName(className, false, PostgresInvalidationBuilder.class.getClassLoader());
    } catch (ClassNotFoundException absent) {
      throw new IllegalStateException(
          "invalidation by PostgreSQL needs the class " + className + ": add " + remedy, absent);
    }
  }

  private Connections connect() {
    if (dataSource != null) {
      return Connections.borrowed(dataSource);
    }
    if (jndi != null) {
      return Connections.ofContainer(jndi);
    }
    DriverConnections own =
        DriverConnections.of(Objects.requireNonNull(url), driver, user, password, heartbeat);
    return new Connections(own, own::close);
  }
}
