package geecache.source;

import geecache.source.ConnectionSource.PoolOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link JdbcGetter}. Made by {@link JdbcGetter#builder}. {@link #query} is required; all
 * other options have defaults. An invalid option is refused at once, or by {@link #build}. For one
 * thread.
 */
public final class JdbcGetterBuilder {
  /** The type of the column that keys are compared with. */
  public enum KeyType {
    /** Text of any kind; the default. */
    TEXT {
      @Override
      Object parse(String key) {
        return key;
      }
    },
    /**
     * A whole number of 64 bits or fewer. Only the form that the database prints is a key: {@code
     * 7}, but not {@code 07} or {@code +7}. Those would be more keys for the same row, and removing
     * {@code 7} would not remove them. All other keys are absent, and the database is not asked.
     */
    INTEGER {
      @Override
      @Nullable Object parse(String key) {
        if (!WHOLE_NUMBER.matcher(key).matches()) {
          return null;
        }
        try {
          return Long.valueOf(key);
        } catch (NumberFormatException tooLarge) {
          return null;
        }
      }
    },
    /** A UUID in lower case, with its four hyphens. All other keys are absent. */
    UUID {
      @Override
      @Nullable Object parse(String key) {
        return LOWER_CASE_UUID.matcher(key).matches() ? java.util.UUID.fromString(key) : null;
      }
    };

    private static final Pattern WHOLE_NUMBER = Pattern.compile("0|-?[1-9][0-9]{0,18}");
    private static final Pattern LOWER_CASE_UUID =
        Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** Returns the parameter for {@code key}; null if no row can have this key. */
    abstract @Nullable Object parse(String key);
  }

  /** The part of the query's result that becomes the value. */
  public enum Result {
    /**
     * The only column of the query; the default. Binary columns are taken as they are, all others
     * as text in UTF-8. If the column is NULL, the key is absent.
     */
    COLUMN,
    /**
     * The row as a JSON object: a member for each column, named by its label, in their order.
     * Numbers are numbers, NULL is {@code null}, binary columns are text in Base64, times are text
     * in ISO 8601 (with an offset if the column has one), JSON columns are copied as they are,
     * arrays are arrays, and all other types are the text that the driver gives. Needs {@code
     * tools.jackson.core:jackson-core}.
     */
    ROW
  }

  private static final Duration LEAST_WAIT = Duration.ofMillis(250);

  private final Database database;
  private @Nullable String query;
  private @Nullable String manyQuery;
  private KeyType keyType = KeyType.TEXT;
  private Result result = Result.COLUMN;
  private String poolName = "geecache-jdbc";
  private Duration timeLimit = Duration.ofSeconds(5);
  private Duration connectionWait = Duration.ofSeconds(2);
  private int connections = 8;
  private int maxValueBytes = 16 << 20;

  JdbcGetterBuilder(Database database) {
    this.database = Objects.requireNonNull(database);
  }

  /**
   * The name of the group, so that the pool is called after it in logs and in names of threads;
   * none by default. A group by settings gives its own.
   */
  public JdbcGetterBuilder group(String name) {
    this.poolName = "geecache-jdbc-" + name;
    return this;
  }

  /**
   * Setting {@code query}, text, required: a SQL query with exactly one {@code ?}, to which the key
   * is bound. A key without a row is absent; more than one row is a failure.
   */
  public JdbcGetterBuilder query(String sql) {
    Placeholder.indexIn("query", sql);
    this.query = sql;
    return this;
  }

  /**
   * Setting {@code many-query}, text, none by default: a SQL query for many keys. With it, loads
   * that arrive while others run are answered together. It has exactly one {@code ?}, at a place
   * where SQL allows a list of values, as in {@code where id in (?)}. Its first column is the key;
   * the others are those of {@link #query}.
   */
  public JdbcGetterBuilder manyQuery(String sql) {
    Placeholder.indexIn("many-query", sql);
    this.manyQuery = sql;
    return this;
  }

  /**
   * Setting {@code key-type}: {@code text}, {@code integer} or {@code uuid}; {@code text} by
   * default.
   */
  public JdbcGetterBuilder keyType(KeyType type) {
    this.keyType = Objects.requireNonNull(type);
    return this;
  }

  /** Setting {@code result}: {@code column} or {@code row}; {@code column} by default. */
  public JdbcGetterBuilder result(Result result) {
    this.result = Objects.requireNonNull(result);
    return this;
  }

  /**
   * Setting {@code time-limit}, a duration, more than zero, 5 s by default: how long the query may
   * take, rounded up to whole seconds. With a URL, a connection that then stays silent for two more
   * seconds is closed.
   */
  public JdbcGetterBuilder timeLimit(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("time-limit must be positive: " + limit);
    }
    this.timeLimit = limit;
    return this;
  }

  /**
   * Setting {@code connections}, a number from 1 to 1000, with a URL only; 8 by default: how many
   * connections the pool has at most.
   */
  public JdbcGetterBuilder connections(int max) {
    if (max < 1 || max > 1000) {
      throw new IllegalArgumentException("connections must be from 1 to 1000: " + max);
    }
    this.connections = max;
    return this;
  }

  /**
   * Setting {@code connection-wait}, a duration of at least 250 ms, with a URL only; 2 s by
   * default: how long a load waits for a connection, free or new. One that gets none fails as
   * overloaded, unless the database cannot be reached. Most loads wait in their group instead,
   * which runs no more loads than there are connections.
   */
  public JdbcGetterBuilder connectionWait(Duration max) {
    if (max.compareTo(LEAST_WAIT) < 0) {
      throw new IllegalArgumentException("connection-wait must be at least 250 ms: " + max);
    }
    this.connectionWait = max;
    return this;
  }

  /**
   * The group's {@code max-value-bytes}, at least 1, 16 MiB by default: a larger LOB is a failure,
   * and is not read.
   */
  public JdbcGetterBuilder maxValueBytes(int max) {
    if (max < 1) {
      throw new IllegalArgumentException("max-value-bytes must be positive: " + max);
    }
    this.maxValueBytes = max;
    return this;
  }

  /**
   * Returns the getter. It does not connect yet, so that a node starts even if its database is
   * down.
   *
   * @throws IllegalArgumentException if the query is missing, or the driver does not accept the URL
   * @throws IllegalStateException if the {@code DataSource}, the driver or a library is missing;
   *     the message says what to add
   */
  public JdbcGetter build() {
    String sql = query;
    if (sql == null) {
      throw new IllegalArgumentException("query is required");
    }
    RowReader rowReader = rowReader();
    ConnectionSource pool =
        database.openPool(
            timeLimit.plusSeconds(2), new PoolOptions(poolName, connections, connectionWait));
    KeyQuery keyQuery =
        new KeyQuery(
            pool, sql, manyQuery, keyType::parse, keyType == KeyType.TEXT, rowReader, timeLimit);
    return new JdbcGetter(keyQuery, pool, manyQuery != null, keyType, result);
  }

  private RowReader rowReader() {
    try {
      return result == Result.ROW
          ? RowReader.ofJson(maxValueBytes)
          : RowReader.ofColumn(maxValueBytes);
    } catch (NoClassDefFoundError absent) {
      throw new IllegalStateException(
          "result=row needs tools.jackson.core:jackson-core in the application", absent);
    }
  }
}
