package geecache.source;

import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for a pooler, such as PgBouncer, between this node and PostgreSQL. A pooler may give each
 * transaction another session of the database. Statements that were prepared in one session are
 * then missing in the next, or are those of another client, whose values would be taken for this
 * one's. So no statement is prepared in the database where a pooler is seen. Safe for use by many
 * threads.
 */
final class Pooler {
  private static final Logger log = LoggerFactory.getLogger(Pooler.class);

  private enum State {
    UNKNOWN,
    ABSENT,
    SEEN
  }

  /** Written by any thread that has looked; all find the same. */
  private volatile State state = State.UNKNOWN;

  /** Prepares a connection for use; looks for a pooler on the first one only. */
  void beforeUse(Connection connection) throws SQLException {
    if (state == State.UNKNOWN) {
      state = isBefore(connection) ? State.SEEN : State.ABSENT;
      if (state == State.SEEN) {
        log.info("a pooler is in front of the database: no statement is prepared on the server");
      }
    }
    if (state == State.SEEN) {
      PostgresSession.prepareNothing(connection);
    }
  }

  private static boolean isBefore(Connection connection) throws SQLException {
    String url = connection.getMetaData().getURL();
    try {
      return url != null
          && url.startsWith("jdbc:postgresql:")
          && PostgresSession.isPooled(connection);
    } catch (NoClassDefFoundError notSeen) {
      return false; // The driver is the container's own, which this application cannot see.
    }
  }
}
