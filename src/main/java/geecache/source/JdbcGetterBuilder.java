package geecache.source;

import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link JdbcGetter} is to do. Made by {@link JdbcGetter#builder}; every rule is looked at
 * when {@link #build} is called, or sooner. {@link #query} is required; all else has a default. For
 * one thread.
 */
public final class JdbcGetterBuilder {
  /** What the keys of a query are in the database. */
  public enum KeyType {
    /** Text of any kind; the default. */
    TEXT {
      @Override
      Object read(String key) {
        return key;
      }
    },
    /**
     * A whole number of 64 bits or fewer. Only as the database would print it: {@code 7} and not
     * {@code 07} or {@code +7}, which would be further keys for the same row, and not be removed
     * with it. What is no such number is absent, and the database is not asked.
     */
    INTEGER {
      @Override
      @Nullable Object read(String key) {
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
    /** A UUID in lower case, with its four hyphens; what is no such one is absent. */
    UUID {
      @Override
      @Nullable Object read(String key) {
        return LOWER_CASE_UUID.matcher(key).matches() ? java.util.UUID.fromString(key) : null;
      }
    };

    private static final Pattern WHOLE_NUMBER = Pattern.compile("0|-?[1-9][0-9]{0,18}");
    private static final Pattern LOWER_CASE_UUID =
        Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** Returns what is bound for {@code key}; null if no row can have it. */
    abstract @Nullable Object read(String key);
  }

  /** What becomes the value. */
  public enum Result {
    /**
     * The one column that the query gives; the default. Binary columns as they are, all others as
     * text in UTF-8. SQL's NULL is no value: the key is absent.
     */
    COLUMN,
    /**
     * The row as a JSON object: a member for each column, named by its label, in their order.
     * Numbers are numbers, NULL is {@code null}, binary columns are text in Base64, times are text
     * in ISO 8601 (with an offset where the column has one), JSON columns stand as they are, arrays
     * are arrays, and all else is the text that the driver has for it. Needs {@code
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
  private Duration timeLimit = Duration.ofSeconds(5);
  private Duration connectionWait = Duration.ofSeconds(2);
  private int connections = 8;
  private int maxValueBytes = 16 << 20;

  JdbcGetterBuilder(Database database) {
    this.database = Objects.requireNonNull(database);
  }

  /**
   * Setting {@code query}, text, required: a SQL query with exactly one {@code ?}, where the key is
   * bound. A key with no row is absent; more than one row is a failure.
   */
  public JdbcGetterBuilder query(String sql) {
    Placeholders.only("query", sql);
    this.query = sql;
    return this;
  }

  /**
   * Setting {@code many-query}, text, none by default: a SQL query for many keys, by which loads
   * that come while others are under way are answered together. It has exactly one {@code ?}, which
   * stands where a list of values may, as in {@code where id in (?)}; its first column is the key,
   * and the others are those of {@link #query}.
   */
  public JdbcGetterBuilder manyQuery(String sql) {
    Placeholders.only("many-query", sql);
    this.manyQuery = sql;
    return this;
  }

  /** Setting {@code key-type}: {@code text}, {@code integer} or {@code uuid}; {@code text}. */
  public JdbcGetterBuilder keyType(KeyType type) {
    this.keyType = Objects.requireNonNull(type);
    return this;
  }

  /** Setting {@code result}: {@code column} or {@code row}; {@code column} by default. */
  public JdbcGetterBuilder result(Result what) {
    this.result = Objects.requireNonNull(what);
    return this;
  }

  /**
   * Setting {@code time-limit}, a duration, more than zero, 5 s by default: how long the query may
   * take, rounded up to whole seconds. With a URL, two seconds of silence more end the connection.
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
  public JdbcGetterBuilder connections(int most) {
    if (most < 1 || most > 1000) {
      throw new IllegalArgumentException("connections must be from 1 to 1000: " + most);
    }
    this.connections = most;
    return this;
  }

  /**
   * Setting {@code connection-wait}, a duration of at least 250 ms, with a URL only; 2 s by
   * default: how long a load waits for a connection, new or free.
   */
  public JdbcGetterBuilder connectionWait(Duration most) {
    if (most.compareTo(LEAST_WAIT) < 0) {
      throw new IllegalArgumentException("connection-wait must be at least 250 ms: " + most);
    }
    this.connectionWait = most;
    return this;
  }

  /**
   * The group's {@code max-value-bytes}, at least 1, 16 MiB by default: a LOB that is larger is a
   * failure before it is read.
   */
  public JdbcGetterBuilder maxValueBytes(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("max-value-bytes must be positive: " + most);
    }
    this.maxValueBytes = most;
    return this;
  }

  /**
   * Makes the getter, and connects to nothing yet: a database that is down stops no start.
   *
   * @throws IllegalArgumentException if the query is missing, or the driver does not take the URL
   * @throws IllegalStateException if the {@code DataSource}, the driver or a library is not there;
   *     the message says what to add
   */
  public JdbcGetter build() {
    String sql = query;
    if (sql == null) {
      throw new IllegalArgumentException("query is required");
    }
    RowValue rowValue = rowValue();
    Connections from = database.pooled(timeLimit.plusSeconds(2), connections, connectionWait);
    Query asked = new Query(from.source(), sql, manyQuery, keyType, rowValue, timeLimit);
    return new JdbcGetter(asked, from, manyQuery != null, keyType);
  }

  private RowValue rowValue() {
    try {
      return RowValue.of(result, maxValueBytes);
    } catch (NoClassDefFoundError absent) {
      throw new IllegalStateException(
          "result=row needs tools.jackson.core:jackson-core in the application", absent);
    }
  }
}
