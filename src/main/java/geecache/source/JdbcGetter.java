package geecache.source;

import geecache.BulkGetter;
import geecache.ByteView;
import geecache.KeyNotFoundException;
import geecache.Value;
import geecache.internal.MediaType;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.source.JdbcGetterBuilder.Result;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Loads a key by a SQL query. The value is one column, or the row as JSON. The key is bound as the
 * query's only parameter, in a read-only transaction, with a time limit. A key without a row is
 * absent; several rows are a failure. The cause of a failure is in the log only: clients get {@code
 * load failed} and an id. If no connection is free in time, the load fails as overloaded. Safe for
 * use by many threads.
 *
 * <p>With a query for many keys, loads that arrive while others run are answered together, whether
 * they come from {@code getAll}, peers or single gets. A key that the database takes for another,
 * and each key of a query that fails because of its data or takes too long, is queried by itself.
 *
 * <p>The node that has its group closes this getter at its own end.
 */
public final class JdbcGetter implements BulkGetter, AutoCloseable {
  /** The most keys of a query. */
  private static final int MAX_KEYS = 256;

  private final KeyQuery query;
  private final ConnectionSource connections;
  private final KeyType keyType;
  private final int maxBatch;
  private final String contentType;

  JdbcGetter(
      KeyQuery query,
      ConnectionSource connections,
      boolean isBatching,
      KeyType keyType,
      Result result) {
    this.query = query;
    this.connections = connections;
    this.keyType = keyType;
    this.maxBatch = isBatching ? MAX_KEYS : 1;
    this.contentType = result == Result.ROW ? MediaType.JSON : MediaType.OCTET_STREAM;
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
    Optional<byte[]> value = canBeKey(key) ? query.loadOne(key) : Optional.empty();
    return value.orElseThrow(() -> new KeyNotFoundException("no such key: " + key));
  }

  /** A key that the column cannot hold is absent; as a query it would fail. */
  private boolean canBeKey(String key) {
    return keyType.parse(key) != null;
  }

  @Override
  public Value load(String key) throws Exception {
    return Value.of(ByteView.of(get(key)));
  }

  /** Queries each key by itself. */
  @Override
  public Map<String, byte[]> getAll(Set<String> keys) throws Exception {
    Map<String, byte[]> found = new HashMap<>();
    for (String key : keys) {
      if (canBeKey(key)) {
        query.loadOne(key).ifPresent(value -> found.put(key, value));
      }
    }
    return found;
  }

  @Override
  public Map<String, Answer> loadAll(Set<String> keys) throws Exception {
    if (maxBatch == 1) {
      return BulkGetter.super.loadAll(keys);
    }
    Set<String> possible = new LinkedHashSet<>(keys);
    possible.removeIf(key -> !canBeKey(key));
    Map<String, Answer> answers = new HashMap<>();
    if (!possible.isEmpty()) {
      Map<String, Optional<byte[]>> rows = query.loadMany(possible);
      for (String key : possible) {
        Optional<byte[]> row = rows.get(key);
        if (row == null) {
          answers.put(key, Answer.askAlone());
        } else if (row.isPresent()) {
          answers.put(key, Answer.of(Value.of(ByteView.of(row.get()))));
        }
      }
    }
    return answers;
  }

  /** Returns how many keys a query may have: 1 without a query for many keys. */
  @Override
  public int maxBatch() {
    return maxBatch;
  }

  /** Returns how many connections the pool has; with the pool of somebody else, no bound. */
  @Override
  public int maxLoads() {
    return connections.places().count();
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
