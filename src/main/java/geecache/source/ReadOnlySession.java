package geecache.source;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * A connection in a read-only transaction; some databases enforce read-only inside a transaction
 * only. Closing it rolls back, and gives the connection back with the settings that it had.
 */
final class ReadOnlySession implements AutoCloseable {
  private final Connection connection;
  private final boolean autoCommit;
  private final boolean readOnly;

  ReadOnlySession(DataSource dataSource) throws SQLException {
    connection = dataSource.getConnection();
    try {
      readOnly = connection.isReadOnly();
      autoCommit = connection.getAutoCommit();
      if (!readOnly) {
        connection.setReadOnly(true);
      }
      if (autoCommit) {
        connection.setAutoCommit(false);
      }
    } catch (SQLException | RuntimeException | Error failure) {
      connection.close();
      throw failure;
    }
  }

  Connection connection() {
    return connection;
  }

  @Override
  public void close() throws SQLException {
    try (connection) {
      connection.rollback();
      if (autoCommit) {
        connection.setAutoCommit(true);
      }
      if (!readOnly) {
        connection.setReadOnly(false);
      }
    }
  }
}
