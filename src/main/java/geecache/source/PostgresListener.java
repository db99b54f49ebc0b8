package geecache.source;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that listens on two channels of PostgreSQL: that of the notices, and that on which
 * the speaker sends its signs. Needs PostgreSQL's driver. For one thread, except {@link #abort}.
 */
final class PostgresListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresListener.class);

  /** The server asks a session whether it is there after 10 s of silence, and then each 5 s. */
  private static final String KEEP_ALIVE =
      "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";

  /** It does not ask while a notification is on its way; this is for that case. From version 12. */
  private static final String USER_TIMEOUT = "set tcp_user_timeout = '25s'";

  private static final String READ_ONLY = "25006";

  /** The application name that pgjdbc gives when the URL names none. */
  private static final String DRIVERS_NAME = "PostgreSQL JDBC Driver";

  /** What arrived: a sign of the speaker, or a notice. */
  record Payload(boolean isSign, String text) {}

  private final Connection connection;
  private final PGConnection postgres;
  private final String signs;
  private final Duration answerLimit;

  /** What arrived while this listener waited for something else. */
  private final List<Payload> early = new ArrayList<>();

  /**
   * Begins to listen.
   *
   * @param source opens the connection; it is closed when this listener is, and also if this
   *     constructor fails. Behind a pooler it opens a second one for a moment
   * @param signs the channel of the speaker's signs
   * @param answerLimit how long the server may take to answer; after that the connection has failed
   * @throws NotListeningException if no notification would arrive
   */
  PostgresListener(DataSource source, String channel, String signs, Duration answerLimit)
      throws SQLException {
    this.connection = source.getConnection();
    this.signs = signs;
    this.answerLimit = answerLimit;
    try {
      postgres = connection.unwrap(PGConnection.class);
      connection.setNetworkTimeout(Runnable::run, (int) answerLimit.toMillis());
      connection.setAutoCommit(true);
      boolean pooled = PostgresSession.isPooled(connection);
      listen("listen \"" + channel + "\"; listen \"" + signs + '"');
      if (pooled) {
        requireArrival(source);
      }
      prepareSession();
    } catch (SQLException | RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  private void listen(String sql) throws SQLException {
    try {
      execute(sql);
    } catch (SQLException refused) {
      if (READ_ONLY.equals(refused.getSQLState())) {
        throw new NotListeningException(
            "the database is a read-only replica, which tells of no change: name the primary");
      }
      throw refused;
    }
  }

  /**
   * Sends a notification over a second connection. One to oneself would prove nothing: it comes
   * with the answer to the query that sends it, in any session.
   */
  private void requireArrival(DataSource source) throws SQLException {
    String token = UUID.randomUUID().toString();
    try (Connection second = source.getConnection()) {
      boolean autoCommit = second.getAutoCommit();
      second.setAutoCommit(true);
      notify(second, token);
      second.setAutoCommit(autoCommit);
    }
    long end = System.nanoTime() + answerLimit.toNanos();
    while (true) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        execute("unlisten *"); // In whichever session this is.
        throw new NotListeningException(
            "a pooler in front of the database hands out its sessions by transaction, so that no"
                + " notification arrives: name the database itself, or a pool of sessions");
      }
      boolean arrived = false;
      for (Payload payload : receive(Duration.ofNanos(left))) {
        if (payload.isSign() && payload.text().equals(token)) {
          arrived = true;
        } else {
          early.add(payload); // Even after the token: it came with the same bytes.
        }
      }
      if (arrived) {
        return;
      }
    }
  }

  /** Sets what would be left in a session that other clients use too, once this one is our own. */
  private void prepareSession() throws SQLException {
    execute(KEEP_ALIVE);
    try {
      execute(USER_TIMEOUT);
    } catch (SQLException refused) {
      requireAnswer();
      log.debug("the database has no tcp_user_timeout: {}", refused.getMessage());
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select current_setting('application_name')")) {
      row.next();
      String name = row.getString(1);
      if (name.isEmpty() || name.equals(DRIVERS_NAME)) {
        execute("set application_name = 'geecache'");
      }
    }
  }

  /** Waits for payloads for at most {@code wait}; returns an empty list if none came. */
  List<Payload> awaitPayloads(Duration wait) throws SQLException {
    if (early.isEmpty()) {
      return receive(wait);
    }
    List<Payload> payloads = List.copyOf(early);
    early.clear();
    return payloads;
  }

  private List<Payload> receive(Duration wait) throws SQLException {
    List<Payload> payloads = new ArrayList<>();
    // 0 would wait for ever.
    PGNotification[] received = postgres.getNotifications((int) Math.max(1, wait.toMillis()));
    if (received != null) {
      for (PGNotification notification : received) {
        payloads.add(
            new Payload(notification.getName().equals(signs), notification.getParameter()));
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
    return ask("select pg_try_advisory_lock(hashtextextended(?, 0))", name);
  }

  /**
   * Ends the session that holds the lock, if it is one of our user and has sent nothing for {@code
   * silence}: its node is gone, and something on the way there keeps its connection open.
   */
  void endSilentHolder(String name, Duration silence) throws SQLException {
    String sql =
        "select count(pg_terminate_backend(l.pid)) > 0 from pg_locks l"
            + " join pg_stat_activity a on a.pid = l.pid"
            + " where l.locktype = 'advisory' and l.granted and l.objsubid = 1"
            + " and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(?, 0)"
            + " and a.datname = current_database() and a.usename = current_user"
            + " and a.state_change < clock_timestamp() - interval '%d milliseconds'";
    ask(sql.formatted(silence.toMillis()), name);
  }

  private boolean ask(String sql, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /** Sends a sign to all listeners. */
  void send(SpeakerSign sign) throws SQLException {
    notify(connection, sign.toString());
  }

  private void notify(Connection from, String payload) throws SQLException {
    try (PreparedStatement statement = from.prepareStatement("select pg_notify(?, ?)")) {
      statement.setString(1, signs);
      statement.setString(2, payload);
      statement.executeQuery().close();
    }
  }

  /** Throws an exception if the database no longer answers. */
  void requireAnswer() throws SQLException {
    execute("select 1");
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
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
