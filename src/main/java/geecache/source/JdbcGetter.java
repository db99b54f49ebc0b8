package geecache.source;

import geecache.Getter;
import geecache.KeyNotFoundException;
import geecache.OverloadedException;
import geecache.internal.MediaType;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.source.JdbcGetterBuilder.Result;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Loads a key by a SQL query. The value is one column, or the row as JSON. The key is bound as the
 * query's only parameter, in a read-only transaction, with a time limit. A key without a row is
 * absent; several rows are a failure. The cause of a failure is in the log only: clients get {@code
 * load failed} and an id. If no connection is free in time, the load fails as overloaded. Safe for
 * use by many threads.
 *
 * <p>With a query for many keys, loads that arrive while others run are answered together, whether
 * they come from {@code getAll}, peers or single gets.
 *
 * <p>The node that has its group closes this getter at its own end.
 */
public final class JdbcGetter implements Getter, AutoCloseable {
  /** Loads the value of a key, alone or together with others. */
  private interface Loader {
    Optional<byte[]> load(String key)
        throws SQLException, OverloadedException, InterruptedException;
  }

  private final Loader loader;
  private final ConnectionSource connections;
  private final KeyType keyType;
  private final int maxLoads;
  private final String contentType;

  JdbcGetter(
      KeyQuery query,
      ConnectionSource connections,
      boolean isBatching,
      KeyType keyType,
      Result result) {
    int places = connections.places().count();
    BatchingLoader batching = new BatchingLoader(query::loadOne, query::loadMany, places);
    this.connections = connections;
    this.keyType = keyType;
    this.contentType = result == Result.ROW ? MediaType.JSON : MediaType.OCTET_STREAM;
    this.maxLoads = isBatching ? Integer.MAX_VALUE : places; // One connection serves many loads.
    this.loader = isBatching ? batching::load : query::loadOne;
  }

  /**
   * Returns a builder. If {@code database} is a URL, the getter will have a connection pool of its
   * own, and needs {@code com.zaxxer:HikariCP}.
   */
  public static JdbcGetterBuilder builder(Database database) {
    return new JdbcGetterBuilder(database);
  }

  @Override
  public byte[] get(String key) throws Exception {
    // A key that the column cannot hold is absent; as a query it would fail.
    Optional<byte[]> value = keyType.parse(key) == null ? Optional.empty() : loader.load(key);
    return value.orElseThrow(() -> new KeyNotFoundException("no such key: " + key));
  }

  /**
   * Returns how many connections the pool has; with a query for many keys, or with the pool of
   * somebody else, there is no bound.
   */
  @Override
  public int maxLoads() {
    return maxLoads;
  }

  /**
   * Returns {@code application/json} for rows, and {@code application/octet-stream} for columns.
   */
  @Override
  public String contentType() {
    return contentType;
  }

  /**
   * Closes the getter's own connections, and deregisters a driver that it loaded from {@link
   * java.sql.DriverManager}. A {@code DataSource} that the getter was given stays open. Closing
   * twice does nothing.
   */
  @Override
  public void close() {
    connections.close();
  }
}
