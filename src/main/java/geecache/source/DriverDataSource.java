package geecache.source;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to a URL by a driver's class, or by its {@code DataSource} class. It never asks
 * {@link DriverManager}, which serves all applications of a container and would keep this
 * application's class loader. Drivers register themselves there when they are loaded; those that
 * were registered by our loading are deregistered when this is closed.
 *
 * <p>Each call opens a new connection, which the caller closes. Safe for use by many threads.
 */
final class DriverDataSource implements DataSource, AutoCloseable {
  /** Opens one connection. */
  private interface Connector {
    Connection connect() throws SQLException;
  }

  private final Connector connector;
  private final int readTimeoutMillis;

  /** The drivers that registered themselves with the manager while the class was loaded. */
  private final List<Driver> registered;

  /** Set by the pool; when it is closed, it waits so long for threads that are connecting. */
  private volatile int loginSeconds;

  private DriverDataSource(Connector connector, Duration readTimeout, List<Driver> registered) {
    this.connector = connector;
    this.readTimeoutMillis = (int) Math.min(Integer.MAX_VALUE, readTimeout.toMillis());
    this.registered = registered;
  }

  /**
   * Loads the class, and does not connect yet.
   *
   * @param className a {@code Driver} or a {@code DataSource} with a property {@code url}; null if
   *     the URL tells the driver
   * @param readTimeout how long a read may get no bytes; after that the connection has failed
   * @throws IllegalArgumentException if the class is neither, or does not accept the URL
   * @throws IllegalStateException if the class is missing; the message says what to add
   */
  static DriverDataSource load(
      String url,
      @Nullable String className,
      @Nullable String user,
      @Nullable String password,
      Duration readTimeout) {
    String name = className == null ? classFor(url) : className;
    synchronized (DriverManager.class) { // Else two loads at once would claim each other's drivers.
      List<Driver> before = registered();
      Object made = instanceOf(name);
      List<Driver> registered = registered().stream().filter(d -> !before.contains(d)).toList();
      try {
        return new DriverDataSource(
            connector(made, url, user, password, readTimeout), readTimeout, registered);
      } catch (RuntimeException refused) {
        deregister(registered);
        throw refused;
      }
    }
  }

  private static String classFor(String url) {
    return KnownDriver.findByUrl(url)
        .map(KnownDriver::className)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "driver is required: no driver is known for a URL that begins with "
                        + url.replaceFirst("(?s)^(\\w+:\\w+:)?.*$", "$1")));
  }

  private static Connector connector(
      Object made,
      String url,
      @Nullable String user,
      @Nullable String password,
      Duration readTimeout) {
    if (made instanceof DataSource dataSource) {
      setUrl(dataSource, url);
      return user == null
          ? dataSource::getConnection
          : () -> dataSource.getConnection(user, password);
    }
    if (!(made instanceof Driver driver)) {
      throw new IllegalArgumentException(
          "driver must be a java.sql.Driver or a javax.sql.DataSource: "
              + made.getClass().getName());
    }
    if (!accepts(driver, url)) {
      throw new IllegalArgumentException(
          "the driver " + driver.getClass().getName() + " does not accept this kind of url");
    }
    Properties properties = new Properties();
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
    }
    if (url.startsWith("jdbc:postgresql:")) { // Else a silent server would hold up the log-in.
      properties.setProperty("socketTimeout", String.valueOf(readTimeout.toSeconds() + 1));
    }
    return () -> driver.connect(url, (Properties) properties.clone());
  }

  private static boolean accepts(Driver driver, String url) {
    try {
      return driver.acceptsURL(url);
    } catch (SQLException malformed) {
      return false; // The message of the exception may hold the URL, and so a password.
    }
  }

  private static Object instanceOf(String className) {
    try {
      return load(className).getDeclaredConstructor().newInstance();
    } catch (ClassNotFoundException absent) {
      String remedy =
          KnownDriver.findByClass(className)
              .map(known -> "add " + known.coordinates())
              .orElse("add the jar that has it");
      throw new IllegalStateException(
          "the JDBC driver "
              + className
              + " is not there: "
              + remedy
              + " to the container or the application",
          absent);
    } catch (ReflectiveOperationException | LinkageError unusable) {
      throw new IllegalStateException(
          "the JDBC driver " + className + " cannot be instantiated: " + unusable, unusable);
    }
  }

  private static Class<?> load(String className) throws ClassNotFoundException {
    try {
      return Class.forName(className, true, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException elsewhere) {
      return Class.forName(className, true, DriverDataSource.class.getClassLoader());
    }
  }

  private static void setUrl(DataSource dataSource, String url) {
    Method setter =
        Stream.of(dataSource.getClass().getMethods())
            .filter(method -> method.getName().toLowerCase(Locale.ROOT).equals("seturl"))
            .filter(method -> List.of(method.getParameterTypes()).equals(List.of(String.class)))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        dataSource.getClass().getName() + " has no property url: name its Driver"));
    try {
      setter.invoke(dataSource, url);
    } catch (InvocationTargetException | IllegalAccessException refused) {
      throw new IllegalArgumentException(
          dataSource.getClass().getName() + " does not accept this url");
    }
  }

  /**
   * Returns all drivers that the manager has. The first call ever makes the manager search for
   * drivers in the context class loader; it must not search in this application's.
   */
  private static List<Driver> registered() {
    Thread thread = Thread.currentThread();
    ClassLoader context = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    try {
      return DriverManager.drivers().toList();
    } finally {
      thread.setContextClassLoader(context);
    }
  }

  private static void deregister(List<Driver> registered) {
    for (Driver driver : registered) {
      try {
        DriverManager.deregisterDriver(driver);
      } catch (SQLException | SecurityException refused) {
        throw new IllegalStateException("the driver " + driver + " stays registered", refused);
      }
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = connector.connect();
    if (connection == null) {
      throw new SQLException("the driver does not accept the url");
    }
    try {
      connection.setNetworkTimeout(Runnable::run, readTimeoutMillis);
    } catch (SQLFeatureNotSupportedException older) {
      return connection; // Then only the query's own time limit holds.
    } catch (SQLException | RuntimeException | Error failure) {
      connection.close();
      throw failure;
    }
    return connection;
  }

  /** Deregisters the drivers that were registered by our loading. */
  @Override
  public void close() {
    deregister(registered);
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the user is given with the url");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public void setLoginTimeout(int seconds) {
    loginSeconds = seconds; // The time limit for connecting is set in the URL, for the driver.
  }

  @Override
  public int getLoginTimeout() {
    return loginSeconds;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("not a wrapper");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
