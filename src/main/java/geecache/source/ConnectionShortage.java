package geecache.source;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells a want of connections from a database that fails. Pools have no common word for it: each
 * throws an exception of its own when its connections are in use for too long.
 */
final class ConnectionShortage {
  /** PostgreSQL: too many clients. */
  private static final String TOO_MANY_CONNECTIONS = "53300";

  /** WildFly, Payara, Agroal, c3p0, PgBouncer, in this order. */
  private static final Pattern MESSAGES =
      Pattern.compile(
          "IJ000655|expired max-wait-time|acquisition timeout|"
              + "checkout a Connection has timed out|query_wait_timeout",
          Pattern.CASE_INSENSITIVE);

  /** The pools of Tomcat and of Open Liberty. */
  private static final Set<String> CLASSES =
      Set.of("PoolExhaustedException", "ConnectionWaitTimeoutException");

  private ConnectionShortage() {}

  /**
   * Whether {@code failure} says that no connection was free.
   *
   * @param ownPool whether loads take a place before they ask the pool: then a pool that gives up
   *     could not connect
   */
  static boolean isToldBy(SQLException failure, boolean ownPool) {
    boolean poolTimedOut = false;
    boolean databaseFailed = false;
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable t = failure; t != null && seen.add(t); t = causeOf(t)) {
      String state = t instanceof SQLException sql ? sql.getSQLState() : null;
      if (TOO_MANY_CONNECTIONS.equals(state) || isWordOfAPool(t)) {
        return true;
      }
      // HikariCP and Commons DBCP; the first also where it cannot connect, and then has the cause.
      poolTimedOut |=
          t instanceof SQLTransientConnectionException || t instanceof NoSuchElementException;
      databaseFailed |= state != null || t instanceof java.io.IOException;
    }
    return poolTimedOut && !databaseFailed && !ownPool;
  }

  private static @Nullable Throwable causeOf(Throwable t) {
    return t.getCause() == null && t instanceof SQLException sql
        ? sql.getNextException()
        : t.getCause();
  }

  private static boolean isWordOfAPool(Throwable t) {
    return CLASSES.contains(t.getClass().getSimpleName())
        || t.getMessage() != null && MESSAGES.matcher(t.getMessage()).find();
  }
}
