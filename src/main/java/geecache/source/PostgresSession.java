package geecache.source;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** What PostgreSQL's driver knows of a session. Needs the driver's classes. */
final class PostgresSession {
  private PostgresSession() {}

  /**
   * Whether a pooler stands between: the process that answers is not the one which the driver was
   * told when it connected.
   */
  static boolean isPooled(Connection connection) throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)) {
      return false;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
    }
  }

  /** Has the driver prepare no statement of this connection on the server. */
  static void prepareNothing(Connection connection) throws SQLException {
    connection.unwrap(PGConnection.class).setPrepareThreshold(0);
  }
}
