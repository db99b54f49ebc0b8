package geecache.source;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * A PostgreSQL as far as sessions, {@code LISTEN}, {@code NOTIFY} and advisory locks go. It
 * delivers at once. A test can cut nodes off, with or without the server's knowledge.
 */
final class ScriptedPostgres {
  private static final String URL = "jdbc:postgresql://shop.example:5432/shop?password=secret";

  private record Notification(String channel, String payload) {}

  private final List<Session> sessions = new CopyOnWriteArrayList<>();
  private final Map<String, Session> locks = new ConcurrentHashMap<>();
  private final AtomicInteger pids = new AtomicInteger(100);
  final List<String> executed = new CopyOnWriteArrayList<>();

  /** Whether a pooler hands sessions out by transaction: what is sent to one arrives nowhere. */
  volatile boolean pooled;

  /** Whether the database is a replica, which takes no {@code LISTEN}. */
  volatile boolean replica;

  /** Whether the database is older than the time-out of what is sent and not acknowledged. */
  volatile boolean old;

  /** A way to the database, as one node has it. */
  final class Route {
    volatile boolean up = true;

    /** How many notifications its clients have taken. */
    final AtomicInteger taken = new AtomicInteger();

    DataSource dataSource() {
      return proxy(
          DataSource.class,
          (method, arguments) -> {
            if (!method.equals("getConnection")) {
              return null;
            }
            requireUp();
            Session session = new Session(this);
            sessions.add(session);
            return session.connection();
          });
    }

    private void requireUp() throws SQLException {
      if (!up) {
        throw new SQLException("An I/O error occurred", "08006");
      }
    }

    /** Cuts the route; the server keeps the sessions, and their locks. */
    void fallSilent() {
      up = false;
    }
  }

  /** One session; for the thread of its client, and notified by any. */
  private final class Session {
    private final Route route;
    private final int pid = pids.incrementAndGet();
    private final List<String> channels = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<Notification> arrived = new LinkedBlockingQueue<>();
    private volatile boolean ended;

    Session(Route route) {
      this.route = route;
    }

    Connection connection() {
      return proxy(
          Connection.class,
          (method, arguments) ->
              switch (method) {
                case "unwrap" -> postgres();
                case "isWrapperFor" -> true;
                case "getMetaData" ->
                    proxy(
                        DatabaseMetaData.class,
                        (name, values) -> name.equals("getURL") ? URL : null);
                case "createStatement" -> statement(Statement.class, null);
                case "prepareStatement" ->
                    statement(PreparedStatement.class, (String) arguments[0]);
                case "isReadOnly" -> true;
                case "getAutoCommit", "isClosed" -> false;
                case "abort", "close" -> {
                  if (route.up) { // Otherwise the server does not hear of it.
                    end(this);
                  }
                  yield null;
                }
                default -> null;
              });
    }

    private PGConnection postgres() {
      return proxy(
          PGConnection.class,
          (method, arguments) ->
              switch (method) {
                case "getBackendPID" -> pooled ? 1 : pid;
                case "getNotifications" -> next((Integer) arguments[0]);
                case "setPrepareThreshold" -> executed.add("prepareThreshold=" + arguments[0]);
                default -> null;
              });
    }

    private <T extends Statement> T statement(Class<T> type, String sql) {
      List<Object> bound = new ArrayList<>();
      return proxy(
          type,
          (method, arguments) ->
              switch (method) {
                case "setString" -> bound.add(arguments[1]);
                case "execute" -> {
                  run((String) arguments[0], bound);
                  yield true;
                }
                case "executeQuery" ->
                    row(run(arguments == null ? sql : (String) arguments[0], bound));
                default -> null;
              });
    }

    private Object run(String sql, List<Object> bound) throws SQLException {
      route.requireUp();
      if (ended) {
        throw new SQLException("terminating connection", "57P01");
      }
      executed.add(sql);
      if (old && sql.contains("tcp_user_timeout")) {
        throw new SQLException("unrecognized configuration parameter", "42704");
      }
      if (sql.startsWith("listen ")) {
        if (replica) {
          throw new SQLException("cannot execute LISTEN during recovery", "25006");
        }
        channels.addAll(List.of(sql.replaceAll("listen|[\"; ]+", " ").strip().split(" +")));
      } else if (sql.contains("pg_notify")) {
        announce((String) bound.get(0), (String) bound.get(1));
      } else if (sql.contains("pg_try_advisory_lock")) {
        return locks.computeIfAbsent((String) bound.get(0), free -> this) == this;
      } else if (sql.contains("pg_terminate_backend")) {
        sessions.stream().filter(locks.values()::contains).forEach(ScriptedPostgres.this::end);
        return true;
      } else if (sql.contains("pg_backend_pid")) {
        return pid;
      }
      return "";
    }

    private PGNotification[] next(int millis) throws Exception {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      Notification first = null;
      while (first == null && System.nanoTime() < end && route.up && !ended) {
        first = arrived.poll(5, TimeUnit.MILLISECONDS);
      }
      route.requireUp();
      if (ended) {
        throw new SQLException("terminating connection", "57P01");
      }
      if (first == null) {
        return null;
      }
      Notification found = first;
      route.taken.incrementAndGet();
      return new PGNotification[] {
        proxy(
            PGNotification.class,
            (method, arguments) -> method.equals("getName") ? found.channel() : found.payload())
      };
    }
  }

  /** Sends a notification to all sessions that listen on {@code channel}. */
  void announce(String channel, String payload) {
    for (Session session : sessions) {
      if (session.channels.contains(channel) && !pooled) {
        session.arrived.add(new Notification(channel, payload));
      }
    }
  }

  /** Ends the sessions of all clients, as an operator can. */
  void endAll() {
    sessions.forEach(this::end);
  }

  /** Has the server notice that the sessions of a silent route are gone. */
  void noticeSilence(Route route) {
    sessions.stream().filter(session -> session.route == route).forEach(this::end);
  }

  private void end(Session session) {
    session.ended = true;
    sessions.remove(session);
    locks.values().remove(session);
  }

  /** Returns how many advisory locks are held. */
  int locks() {
    return locks.size();
  }

  private static ResultSet row(Object value) {
    return proxy(
        ResultSet.class,
        (method, arguments) ->
            switch (method) {
              case "next" -> true;
              case "getBoolean" -> value;
              case "getInt", "getString" -> value;
              default -> null;
            });
  }

  interface Calls {
    Object on(String method, Object[] arguments) throws Exception;
  }

  static <T> T proxy(Class<T> type, Calls calls) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "equals" -> self == arguments[0];
                  case "hashCode" -> System.identityHashCode(self);
                  case "toString" -> type.getSimpleName();
                  default -> calls.on(method.getName(), arguments);
                }));
  }
}
