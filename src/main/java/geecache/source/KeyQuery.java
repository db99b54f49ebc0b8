package geecache.source;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The query of a getter, for one key or for many. Keys are bound as parameters and are never part
 * of the SQL. Callers pass only keys that their type can parse.
 */
final class KeyQuery {
  private final DataSource dataSource;
  private final String sql;
  private final @Nullable String manySql;
  private final int manyIndex;
  private final Function<String, @Nullable Object> keyParser;
  private final RowReader rowReader;
  private final int limitSeconds;

  KeyQuery(
      DataSource dataSource,
      String sql,
      @Nullable String manySql,
      Function<String, @Nullable Object> keyParser,
      RowReader rowReader,
      Duration timeLimit) {
    this.dataSource = dataSource;
    this.sql = sql;
    this.manySql = manySql;
    this.manyIndex = manySql == null ? -1 : Placeholder.indexIn("many-query", manySql);
    this.keyParser = keyParser;
    this.rowReader = rowReader;
    this.limitSeconds =
        (int) Math.min(Integer.MAX_VALUE, timeLimit.plusNanos(999_999_999).toSeconds());
  }

  /** Returns the value of {@code key}; nothing if no row has this key. */
  Optional<byte[]> loadOne(String key) throws SQLException {
    try (ReadOnlySession session = new ReadOnlySession(dataSource);
        PreparedStatement statement = session.connection().prepareStatement(sql)) {
      statement.setQueryTimeout(limitSeconds);
      statement.setMaxRows(2);
      statement.setObject(1, keyParser.apply(key));
      try (ResultSet rows = statement.executeQuery()) {
        return onlyValue(rows);
      }
    } catch (SQLException failure) {
      if (hasForbiddenCharacter(failure)) {
        return Optional.empty();
      }
      throw failure;
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
  Map<String, Optional<byte[]>> loadMany(Set<String> keys) throws SQLException {
    Map<String, Optional<byte[]>> found = new HashMap<>();
    boolean hasOtherKeys = false;
    List<@Nullable Object> bound = new ArrayList<>();
    keys.forEach(key -> bound.add(keyParser.apply(key)));
    int places =
        Integer.highestOneBit(2 * bound.size() - 1); // Powers of two, for few different statements.
    String text = Placeholder.repeated(Objects.requireNonNull(manySql), manyIndex, places);
    try (ReadOnlySession session = new ReadOnlySession(dataSource);
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
            throw severalRows();
          }
        }
      }
    } catch (SQLException failure) {
      if (isDataException(failure)) {
        return Map.of(); // One key is at fault, and the others must not fail with it.
      }
      throw failure;
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

  /** Whether the key has a character that this database allows in no text, such as NUL. */
  private static boolean hasForbiddenCharacter(SQLException failure) {
    return "22021".equals(failure.getSQLState());
  }
}
