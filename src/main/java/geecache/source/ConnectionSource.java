package geecache.source;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import geecache.OverloadedException;
import geecache.internal.PoolThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where a getter's connections come from, and what is to be closed with the getter.
 *
 * @param dataSource opens connections
 * @param places one for each connection that {@code dataSource} can give at once
 * @param pooler looks for a pooler in front of the database
 * @param onClose closes what was opened for this getter
 */
record ConnectionSource(
    DataSource dataSource, ConnectionPlaces places, Pooler pooler, Runnable onClose)
    implements AutoCloseable {
  /** Returns connections of a {@code DataSource} that its owner closes. */
  static ConnectionSource borrowed(DataSource dataSource) {
    return new ConnectionSource(dataSource, ConnectionPlaces.UNBOUNDED, new Pooler(), () -> {});
  }

  /** Returns connections that are opened anew each time. */
  static ConnectionSource unpooled(DriverDataSource driver) {
    return new ConnectionSource(driver, ConnectionPlaces.UNBOUNDED, new Pooler(), driver::close);
  }

  /**
   * Returns a connection, which the caller closes.
   *
   * @throws OverloadedException if the pool had none in time
   */
  Connection connect() throws SQLException, OverloadedException {
    try {
      return dataSource.getConnection();
    } catch (SQLException failure) {
      if (ConnectionShortage.isToldBy(failure, places != ConnectionPlaces.UNBOUNDED)) {
        throw new OverloadedException("overloaded: no connection to the database was free");
      }
      throw failure;
    }
  }

  /**
   * How a pool of our own is.
   *
   * @param name shown in logs and names of threads
   * @param maxConnections the most connections at once
   * @param maxWait the longest wait for a connection, free or new
   */
  record PoolOptions(String name, int maxConnections, Duration maxWait) {}

  /**
   * Returns connections of a {@code DataSource} of the container, found by {@code name} or {@code
   * java:comp/env/name}. It is looked up here, and only once, since a loader thread may not see the
   * application's names.
   *
   * @throws IllegalStateException if no {@code DataSource} has this name
   */
  static ConnectionSource ofContainer(String name) {
    return borrowed(lookUp(name));
  }

  private static DataSource lookUp(String name) {
    NamingException first;
    try {
      return dataSourceAt(name);
    } catch (NamingException absent) {
      first = absent;
    }
    try {
      return dataSourceAt("java:comp/env/" + name);
    } catch (NamingException absent) {
      first.addSuppressed(absent);
      throw new IllegalStateException(
          "no DataSource is bound as " + name + " or java:comp/env/" + name, first);
    }
  }

  private static DataSource dataSourceAt(String name) throws NamingException {
    Object found = new InitialContext().lookup(name);
    if (found instanceof DataSource dataSource) {
      return dataSource;
    }
    throw new NamingException(name + " is not a javax.sql.DataSource: " + className(found));
  }

  /** Messages show the class and not the object, whose text may hold a secret. */
  private static String className(@Nullable Object found) {
    return found == null ? "null" : found.getClass().getName();
  }

  /**
   * Returns a pool of our own. It connects when it is first used, so that a node starts even if its
   * database is down.
   *
   * @param options the name and the bounds of the pool
   * @throws IllegalStateException if HikariCP is missing
   */
  static ConnectionSource pooled(DriverDataSource driver, PoolOptions options) {
    try {
      PoolThreads threads = new PoolThreads(options.name() + ":");
      HikariDataSource pool = Pool.open(driver, options, threads);
      return new ConnectionSource(
          pool,
          ConnectionPlaces.of(options.maxConnections(), options.maxWait()),
          new Pooler(),
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

  @Override
  public void close() {
    onClose.run();
  }

  /** A class of its own, so that only applications with a JDBC URL need HikariCP. */
  private static final class Pool {
    static HikariDataSource open(DataSource driver, PoolOptions options, ThreadFactory threads) {
      long maxWaitMillis = options.maxWait().toMillis();
      HikariConfig config = new HikariConfig();
      config.setPoolName(options.name());
      config.setDataSource(driver);
      config.setThreadFactory(threads);
      config.setMaximumPoolSize(options.maxConnections());
      config.setMinimumIdle(1);
      config.setConnectionTimeout(maxWaitMillis);
      config.setValidationTimeout(Math.min(maxWaitMillis, 5_000));
      config.setInitializationFailTimeout(-1);
      config.setReadOnly(true);
      config.setAutoCommit(false);
      return new HikariDataSource(config);
    }
  }
}
