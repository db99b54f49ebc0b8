package geecache.source;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * A connection that listens on a channel of PostgreSQL. The one class that needs its driver. For
 * one thread, but for {@link #abort}.
 */
final class Listening implements AutoCloseable {
  /** A server notices within 25 s that this node is gone, and gives its lock to another. */
  private static final String KEEP_ALIVE =
      "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5;"
          + " set tcp_keepalives_count = 3; set application_name = 'geecache'";

  private final Connection connection;
  private final PGConnection postgres;

  /**
   * Listens from now on; the connection is closed with this, or if that fails.
   *
   * @param silence after which an answer to one of our own questions no longer counts
   */
  Listening(Connection connection, String channel, Duration silence) throws SQLException {
    this.connection = connection;
    try {
      postgres = connection.unwrap(PGConnection.class);
      connection.setNetworkTimeout(Runnable::run, (int) silence.toMillis());
      connection.setAutoCommit(true);
      try (Statement statement = connection.createStatement()) {
        statement.execute(KEEP_ALIVE);
        statement.execute("listen \"" + channel + '"');
      }
    } catch (SQLException | RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  /** Waits for payloads; returns none if {@code wait} is over. */
  List<String> next(Duration wait) throws SQLException {
    List<String> payloads = new ArrayList<>();
    PGNotification[] heard = postgres.getNotifications((int) wait.toMillis());
    if (heard != null) {
      for (PGNotification notification : heard) {
        payloads.add(notification.getParameter());
      }
    }
    return payloads;
  }

  /**
   * Takes the lock of those who listen for one cluster, unless another has it. It is held until the
   * connection ends; whoever takes it twice must not give it back once.
   */
  boolean takeLock(String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_try_advisory_lock(hashtextextended(?, 0))")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /** Fails if the database no longer answers. */
  void beat() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select 1");
    }
  }

  /** Ends it at once, whatever it waits for. Called by another thread. */
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException gone) {
      // Then there is nothing to end.
    }
  }

  /**
   * Ends the connection itself, and not only its loan: a pool would lend out a session that still
   * listens, and holds the lock for as long as the pool keeps it.
   */
  @Override
  public void close() throws SQLException {
    abort();
    connection.close();
  }
}
