package geecache.source;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where a getter's connections come from.
 *
 * @param source gives them
 * @param end is run when the getter is closed
 */
record Connections(DataSource source, Runnable end) {
  /** What somebody else made and closes. */
  static Connections borrowed(DataSource source) {
    return new Connections(source, () -> {});
  }

  /**
   * The container's, by its name as given or under {@code java:comp/env/}. It is looked up once,
   * here: a loader thread may not have the application's names.
   *
   * @throws IllegalStateException if there is none
   */
  static Connections ofContainer(String name) {
    return borrowed(lookUp(name));
  }

  private static DataSource lookUp(String name) {
    NamingException first;
    try {
      return sourceAt(name);
    } catch (NamingException absent) {
      first = absent;
    }
    try {
      return sourceAt("java:comp/env/" + name);
    } catch (NamingException absent) {
      first.addSuppressed(absent);
      throw new IllegalStateException(
          "no DataSource is bound as " + name + " or java:comp/env/" + name, first);
    }
  }

  private static DataSource sourceAt(String name) throws NamingException {
    Object found = new InitialContext().lookup(name);
    if (found instanceof DataSource source) {
      return source;
    }
    throw new NamingException(name + " is no javax.sql.DataSource: " + kind(found));
  }

  /** Not what it is: that may be a secret. */
  private static String kind(@Nullable Object found) {
    return found == null ? "null" : found.getClass().getName();
  }

  /**
   * A pool of our own. Connects when it is used, so that a database that is down stops no start.
   *
   * @param most connections at once
   * @param wait for one of them, or for a new one
   * @throws IllegalStateException if HikariCP is not there
   */
  static Connections pooled(DriverConnections driver, int most, Duration wait) {
    try {
      PoolThreads threads = new PoolThreads("geecache-jdbc:");
      HikariDataSource pool = Pool.of(driver, most, wait, threads);
      return new Connections(
          pool,
          () -> {
            pool.close();
            threads.awaitEnd();
            driver.close();
          });
    } catch (NoClassDefFoundError absent) {
      driver.close();
      throw new IllegalStateException(
          "a group with a JDBC url needs com.zaxxer:HikariCP in the application", absent);
    }
  }

  /** Apart, so that HikariCP is needed by who has a URL alone. */
  private static final class Pool {
    static HikariDataSource of(DataSource driver, int most, Duration wait, ThreadFactory threads) {
      HikariConfig config = new HikariConfig();
      config.setPoolName("geecache-jdbc");
      config.setDataSource(driver);
      config.setThreadFactory(threads);
      config.setMaximumPoolSize(most);
      config.setMinimumIdle(1);
      config.setConnectionTimeout(wait.toMillis());
      config.setValidationTimeout(Math.min(wait.toMillis(), 5_000));
      config.setInitializationFailTimeout(-1);
      config.setReadOnly(true);
      config.setAutoCommit(false);
      return new HikariDataSource(config);
    }
  }
}
