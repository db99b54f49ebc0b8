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
 * Connections to a URL, made by a driver's class or by its {@code DataSource} class, and never by
 * {@link DriverManager}: that serves all applications of a container, and would keep this one's
 * class loader. Drivers enter themselves there when they are loaded; what so came by our doing is
 * taken out when this is closed.
 *
 * <p>Each call makes a connection of its own; it belongs to who asked. Safe for use by many
 * threads.
 */
final class DriverConnections implements DataSource, AutoCloseable {
  /** Makes one connection. */
  private interface Maker {
    Connection connect() throws SQLException;
  }

  private final Maker maker;
  private final int silenceMillis;

  /** What was entered with the manager while the class was loaded. */
  private final List<Driver> entered;

  /** Set by the pool, which at its end waits as long for threads that are connecting. */
  private volatile int loginSeconds;

  private DriverConnections(Maker maker, Duration silence, List<Driver> entered) {
    this.maker = maker;
    this.silenceMillis = (int) Math.min(Integer.MAX_VALUE, silence.toMillis());
    this.entered = entered;
  }

  /**
   * Loads the class, and connects to nothing yet.
   *
   * @param className a {@code Driver} or a {@code DataSource} with a property {@code url}; null for
   *     what the URL says
   * @param silence after which a connection that is being read counts as lost
   * @throws IllegalArgumentException if it is neither, or does not take the URL
   * @throws IllegalStateException if the class is not there; the message says what to add
   */
  static DriverConnections of(
      String url,
      @Nullable String className,
      @Nullable String user,
      @Nullable String password,
      Duration silence) {
    String name = className == null ? classFor(url) : className;
    synchronized (DriverManager.class) { // Or two that load at once would share what they enter.
      List<Driver> before = entered();
      Object made = instanceOf(name);
      List<Driver> entered = entered().stream().filter(d -> !before.contains(d)).toList();
      try {
        return new DriverConnections(maker(made, url, user, password), silence, entered);
      } catch (RuntimeException refused) {
        leave(entered);
        throw refused;
      }
    }
  }

  private static String classFor(String url) {
    return KnownDriver.ofUrl(url)
        .map(KnownDriver::className)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "driver is required: the kind of database is not known of a URL that begins"
                        + " with "
                        + url.replaceFirst("(?s)^(\\w+:\\w+:)?.*$", "$1")));
  }

  private static Maker maker(
      Object made, String url, @Nullable String user, @Nullable String password) {
    if (made instanceof DataSource source) {
      setUrl(source, url);
      return user == null ? source::getConnection : () -> source.getConnection(user, password);
    }
    if (!(made instanceof Driver driver)) {
      throw new IllegalArgumentException(
          "driver must be a java.sql.Driver or a javax.sql.DataSource: "
              + made.getClass().getName());
    }
    if (!accepts(driver, url)) {
      throw new IllegalArgumentException(
          "the driver " + driver.getClass().getName() + " does not take this kind of url");
    }
    Properties properties = new Properties();
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
    }
    return () -> driver.connect(url, (Properties) properties.clone());
  }

  private static boolean accepts(Driver driver, String url) {
    try {
      return driver.acceptsURL(url);
    } catch (SQLException malformed) {
      return false; // Its message may have the URL, and so a password.
    }
  }

  private static Object instanceOf(String className) {
    try {
      return load(className).getDeclaredConstructor().newInstance();
    } catch (ClassNotFoundException absent) {
      String remedy =
          KnownDriver.ofClass(className)
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
          "the JDBC driver " + className + " cannot be made: " + unusable, unusable);
    }
  }

  private static Class<?> load(String className) throws ClassNotFoundException {
    try {
      return Class.forName(className, true, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException elsewhere) {
      return Class.forName(className, true, DriverConnections.class.getClassLoader());
    }
  }

  private static void setUrl(DataSource source, String url) {
    Method setter =
        Stream.of(source.getClass().getMethods())
            .filter(method -> method.getName().toLowerCase(Locale.ROOT).equals("seturl"))
            .filter(method -> List.of(method.getParameterTypes()).equals(List.of(String.class)))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        source.getClass().getName() + " has no property url: name its Driver"));
    try {
      setter.invoke(source, url);
    } catch (InvocationTargetException | IllegalAccessException refused) {
      throw new IllegalArgumentException(source.getClass().getName() + " does not take this url");
    }
  }

  /**
   * The first look at the manager has it search for drivers, in the context class loader: they are
   * not to be this application's.
   */
  private static List<Driver> entered() {
    Thread thread = Thread.currentThread();
    ClassLoader context = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    try {
      return DriverManager.drivers().toList();
    } finally {
      thread.setContextClassLoader(context);
    }
  }

  private static void leave(List<Driver> entered) {
    for (Driver driver : entered) {
      try {
        DriverManager.deregisterDriver(driver);
      } catch (SQLException | SecurityException refused) {
        throw new IllegalStateException("the driver " + driver + " stays registered", refused);
      }
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = maker.connect();
    if (connection == null) {
      throw new SQLException("the driver does not take the url");
    }
    try {
      connection.setNetworkTimeout(Runnable::run, silenceMillis);
    } catch (SQLFeatureNotSupportedException older) {
      return connection; // Then the query's own time limit is all there is.
    } catch (SQLException | RuntimeException | Error failure) {
      connection.close();
      throw failure;
    }
    return connection;
  }

  /** Takes out of the manager what was entered there by our doing. */
  @Override
  public void close() {
    leave(entered);
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
    loginSeconds = seconds; // How long connecting takes is the driver's setting, in the URL.
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
