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
 * A connection that listens on a channel of PostgreSQL. The only class that needs PostgreSQL's
 * driver. For one thread, except {@link #abort}.
 */
final class PostgresListener implements AutoCloseable {
  /** With these the server notices within 25 s that this node is gone, and frees its lock. */
  private static final String KEEP_ALIVE =
      "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5;"
          + " set tcp_keepalives_count = 3; set application_name = 'geecache'";

  private final Connection connection;
  private final PGConnection postgres;

  /**
   * Begins to listen. The connection is closed when this listener is, and also if this constructor
   * fails.
   *
   * @param answerLimit how long the server may take to answer; after that the connection has failed
   */
  PostgresListener(Connection connection, String channel, Duration answerLimit)
      throws SQLException {
    this.connection = connection;
    try {
      postgres = connection.unwrap(PGConnection.class);
      connection.setNetworkTimeout(Runnable::run, (int) answerLimit.toMillis());
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

  /** Waits for payloads for at most {@code wait}; returns an empty list if none came. */
  List<String> awaitPayloads(Duration wait) throws SQLException {
    List<String> payloads = new ArrayList<>();
    PGNotification[] received = postgres.getNotifications((int) wait.toMillis());
    if (received != null) {
      for (PGNotification notification : received) {
        payloads.add(notification.getParameter());
      }
    }
    return payloads;
  }

  /**
   * Takes the lock that makes this node the speaker of its cluster; returns false if another node
   * has it. The lock is held until the connection ends. Each call that returns true counts: to give
   * the lock back without closing the connection, it would have to be given back as often.
   */
  boolean tryLock(String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_try_advisory_lock(hashtextextended(?, 0))")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /** Throws an exception if the database no longer answers. */
  void requireAnswer() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select 1");
    }
  }

  /** Ends the connection at once, even if another thread waits on it. For any thread. */
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException gone) {
      // There is no connection to end any more.
    }
  }

  /**
   * Ends the connection itself instead of giving it back to its pool: the pool would hand out a
   * session that still listens, and that holds the lock for as long as the pool keeps it.
   */
  @Override
  public void close() throws SQLException {
    abort();
    connection.close();
  }
}
