package geecache.source;

import geecache.OverloadedException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The query of a getter, for one key or for many. Keys are bound as parameters and are never part
 * of the SQL. Callers pass only keys that their type can parse.
 */
final class KeyQuery {
  private final ConnectionSource connections;
  private final String sql;
  private final @Nullable String manySql;
  private final int manyIndex;
  private final Function<String, @Nullable Object> parser;
  private final boolean comparesText;
  private final RowReader rowReader;
  private final int limitSeconds;

  /**
   * Makes a query.
   *
   * @param manySql null if there is none for many keys
   * @param parser returns what is bound for a key
   * @param comparesText whether keys are bound as text
   */
  KeyQuery(
      ConnectionSource connections,
      String sql,
      @Nullable String manySql,
      Function<String, @Nullable Object> parser,
      boolean comparesText,
      RowReader rowReader,
      Duration timeLimit) {
    this.connections = connections;
    this.sql = sql;
    this.manySql = manySql;
    this.manyIndex = manySql == null ? -1 : Placeholder.indexIn("many-query", manySql);
    this.parser = parser;
    this.comparesText = comparesText;
    this.rowReader = rowReader;
    this.limitSeconds =
        (int) Math.min(Integer.MAX_VALUE, timeLimit.plusNanos(999_999_999).toSeconds());
  }

  /** Returns the value of {@code key}; nothing if no row has this key. */
  Optional<byte[]> loadOne(String key)
      throws SQLException, OverloadedException, InterruptedException {
    try (ReadOnlySession session = new ReadOnlySession(connections);
        PreparedStatement statement = session.connection().prepareStatement(sql)) {
      statement.setQueryTimeout(limitSeconds);
      statement.setMaxRows(2);
      statement.setObject(1, parser.apply(key));
      try (ResultSet rows = statement.executeQuery()) {
        return onlyValue(rows);
      }
    } catch (SQLException failure) {
      if (hasForbiddenCharacter(failure)) {
        return Optional.empty();
      }
      throw explained(failure);
    }
  }

  private Optional<byte[]> onlyValue(ResultSet rows) throws SQLException {
    if (!rows.next()) {
      return Optional.empty();
    }
    Optional<byte[]> value = rowReader.read(rows, 1);
    if (rows.next()) {
      throw severalRows();
    }
    return value;
  }

  private static SQLException severalRows() {
    return new SQLException("the query gives more than one row for a key");
  }

  /**
   * Returns the value of each key, which is empty if no row has the key. A key that only the query
   * for one key can answer is missing in the map.
   */
  Map<String, Optional<byte[]>> loadMany(Set<String> keys)
      throws SQLException, OverloadedException, InterruptedException {
    Map<String, Optional<byte[]>> found = new HashMap<>();
    boolean hasOtherKeys = false;
    List<@Nullable Object> bound = new ArrayList<>();
    keys.forEach(key -> bound.add(parser.apply(key)));
    int places =
        Integer.highestOneBit(2 * bound.size() - 1); // Powers of two, for few different statements.
    String text = Placeholder.repeated(Objects.requireNonNull(manySql), manyIndex, places);
    try (ReadOnlySession session = new ReadOnlySession(connections);
        PreparedStatement statement = session.connection().prepareStatement(text)) {
      statement.setQueryTimeout(limitSeconds);
      for (int i = 0; i < places; i++) {
        statement.setObject(i + 1, bound.get(Math.min(i, bound.size() - 1)));
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String key = rows.getString(1);
          if (!keys.contains(key)) {
            hasOtherKeys =
                true; // To the database it equals one of ours: padded, or of another case.
          } else if (found.put(key, rowReader.read(rows, 2)) != null) {
            return Map.of(); // Each is asked for alone, and that key fails.
          }
        }
      }
    } catch (SQLException failure) {
      if (isDataException(failure) || isOfTimeLimit(failure)) {
        return Map.of(); // One key may be at fault, and the others must not fail with it.
      }
      throw explained(failure);
    }
    if (!hasOtherKeys) {
      keys.forEach(key -> found.putIfAbsent(key, Optional.empty()));
    }
    return found;
  }

  /** Whether a value caused the failure, possibly a key: SQL's class of data exceptions, 22. */
  private static boolean isDataException(SQLException failure) {
    return failure.getSQLState() != null && failure.getSQLState().startsWith("22");
  }

  /**
   * Whether the query took too long: JDBC's class, or SQL's state for a query that was cancelled.
   */
  private static boolean isOfTimeLimit(SQLException failure) {
    return failure instanceof SQLTimeoutException || "57014".equals(failure.getSQLState());
  }

  /** Names the setting that a failure comes from. */
  private SQLException explained(SQLException failure) {
    if (isOfTimeLimit(failure)) {
      return new SQLTimeoutException(
          "the query took longer than its time-limit of %d s: %s"
              .formatted(limitSeconds, failure.getMessage()),
          failure.getSQLState(),
          failure);
    }
    if (comparesText && "42883".equals(failure.getSQLState())) {
      // PostgreSQL: there is no such operator.
      return new SQLException(
          "the key is compared as text, and the column may be of another type:"
              + " set key-type to integer or uuid: "
              + failure.getMessage(),
          failure.getSQLState(),
          failure);
    }
    return failure;
  }

  /** Whether the key has a character that this database allows in no text, such as NUL. */
  private static boolean hasForbiddenCharacter(SQLException failure) {
    return "22021".equals(failure.getSQLState());
  }
}
