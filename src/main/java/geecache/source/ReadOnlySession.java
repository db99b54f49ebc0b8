package geecache.source;

import geecache.OverloadedException;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A connection in a read-only transaction; some databases enforce read-only inside a transaction
 * only. Closing it rolls back, and gives the connection back with the settings that it had.
 */
final class ReadOnlySession implements AutoCloseable {
  private final ConnectionPlaces places;
  private final Connection connection;
  private final boolean autoCommit;
  private final boolean readOnly;

  /**
   * Takes a connection.
   *
   * @throws OverloadedException if none was free in time
   */
  ReadOnlySession(ConnectionSource source)
      throws SQLException, OverloadedException, InterruptedException {
    places = source.places();
    places.take();
    Connection taken = null;
    try {
      taken = source.connect();
      connection = taken;
      readOnly = connection.isReadOnly();
      autoCommit = connection.getAutoCommit();
      if (!readOnly) {
        connection.setReadOnly(true);
      }
      if (autoCommit) {
        connection.setAutoCommit(false);
      }
      source.pooler().beforeUse(connection); // May begin the transaction.
    } catch (SQLException | OverloadedException | RuntimeException | Error failure) {
      endEarly(taken);
      throw failure;
    }
  }

  private void endEarly(@Nullable Connection taken) throws SQLException {
    try (taken) {
      return;
    } finally {
      places.giveBack(); // After the connection is back.
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
    } finally {
      places.giveBack();
    }
  }
}
