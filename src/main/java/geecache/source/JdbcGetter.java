package geecache.source;

import geecache.Getter;
import geecache.KeyNotFoundException;
import geecache.source.JdbcGetterBuilder.KeyType;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Loads a key by a SQL query: of one column, or of a row as JSON. The key is bound as the query's
 * one parameter, in a read-only transaction, with a time limit; a key without a row is absent, and
 * several rows are a failure. What fails is for the log: clients are told {@code load failed} and
 * an id. Safe for use by many threads.
 *
 * <p>With a query for many keys, loads that come while others are under way are answered together,
 * whoever asked: {@code getAll}, peers, or single gets.
 *
 * <p>Closed with the node of the group that it is registered with.
 */
public final class JdbcGetter implements Getter, AutoCloseable {
  /** How a value is had. */
  private interface Ask {
    Optional<byte[]> ask(String key) throws SQLException, InterruptedException;
  }

  private final Ask ask;
  private final Connections connections;
  private final KeyType keyType;

  JdbcGetter(Query query, Connections connections, boolean collects, KeyType keyType) {
    BatchingLoader batching = new BatchingLoader(query::one, query::many);
    this.connections = connections;
    this.keyType = keyType;
    this.ask = collects ? batching::load : query::one;
  }

  /**
   * Begins the description of a getter. Where {@code database} is a URL it will have a pool of
   * connections of its own, and needs {@code com.zaxxer:HikariCP}.
   */
  public static JdbcGetterBuilder builder(Database database) {
    return new JdbcGetterBuilder(database);
  }

  @Override
  public byte[] get(String key) throws Exception {
    // What cannot be a key of the table is not asked for: it would fail there, not be absent.
    Optional<byte[]> value = keyType.read(key) == null ? Optional.empty() : ask.ask(key);
    return value.orElseThrow(() -> new KeyNotFoundException("no such key: " + key));
  }

  /**
   * Closes the connections that are its own, and takes a driver that it brought out of {@link
   * java.sql.DriverManager}. A {@code DataSource} that it was given stays open. Closing twice does
   * nothing.
   */
  @Override
  public void close() {
    connections.end().run();
  }
}
