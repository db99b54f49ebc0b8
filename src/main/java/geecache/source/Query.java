package geecache.source;

import geecache.source.JdbcGetterBuilder.KeyType;
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
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The query of a getter, for one key or for many. Keys are bound, never pasted; they are such as
 * their type can read.
 */
final class Query {
  private final DataSource source;
  private final String sql;
  private final @Nullable String manySql;
  private final int manyAt;
  private final KeyType keyType;
  private final RowValue rowValue;
  private final int limitSeconds;

  Query(
      DataSource source,
      String sql,
      @Nullable String manySql,
      KeyType keyType,
      RowValue rowValue,
      Duration timeLimit) {
    this.source = source;
    this.sql = sql;
    this.manySql = manySql;
    this.manyAt = manySql == null ? -1 : Placeholders.only("many-query", manySql);
    this.keyType = keyType;
    this.rowValue = rowValue;
    this.limitSeconds =
        (int) Math.min(Integer.MAX_VALUE, timeLimit.plusNanos(999_999_999).toSeconds());
  }

  /** Returns the value of {@code key}, or nothing if no row has it. */
  Optional<byte[]> one(String key) throws SQLException {
    try (ReadOnlySession session = new ReadOnlySession(source);
        PreparedStatement statement = session.connection().prepareStatement(sql)) {
      statement.setQueryTimeout(limitSeconds);
      statement.setMaxRows(2);
      statement.setObject(1, keyType.read(key));
      try (ResultSet rows = statement.executeQuery()) {
        return only(rows);
      }
    } catch (SQLException failure) {
      if (isNoText(failure)) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  private Optional<byte[]> only(ResultSet rows) throws SQLException {
    if (!rows.next()) {
      return Optional.empty();
    }
    Optional<byte[]> value = rowValue.of(rows, 1);
    if (rows.next()) {
      throw severalRows();
    }
    return value;
  }

  private static SQLException severalRows() {
    return new SQLException("the query gives more than one row for a key");
  }

  /**
   * Returns the values of those keys that have one, and nothing for those that have no row; keys
   * that only the query for one can answer are left out.
   */
  Map<String, Optional<byte[]>> many(Set<String> keys) throws SQLException {
    Map<String, Optional<byte[]>> found = new HashMap<>();
    boolean strange = false;
    List<@Nullable Object> bound = new ArrayList<>();
    keys.forEach(key -> bound.add(keyType.read(key)));
    int places = Integer.highestOneBit(2 * bound.size() - 1); // So that statements are few.
    String text = Placeholders.repeated(Objects.requireNonNull(manySql), manyAt, places);
    try (ReadOnlySession session = new ReadOnlySession(source);
        PreparedStatement statement = session.connection().prepareStatement(text)) {
      statement.setQueryTimeout(limitSeconds);
      for (int i = 0; i < places; i++) {
        statement.setObject(i + 1, bound.get(Math.min(i, bound.size() - 1)));
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String key = rows.getString(1);
          if (!keys.contains(key)) {
            strange = true; // Equal to a key in the database's eyes: padded, or of another case.
          } else if (found.put(key, rowValue.of(rows, 2)) != null) {
            throw severalRows();
          }
        }
      }
    } catch (SQLException failure) {
      if (isOfData(failure)) {
        return Map.of(); // It is one key's, and not to be felt by those that came with it.
      }
      throw failure;
    }
    if (!strange) {
      keys.forEach(key -> found.putIfAbsent(key, Optional.empty()));
    }
    return found;
  }

  /** Whether a value is what failed, which may be a key: SQL's class of data exceptions. */
  private static boolean isOfData(SQLException failure) {
    return failure.getSQLState() != null && failure.getSQLState().startsWith("22");
  }

  /** Whether the key has a character that no text of this database can have, such as NUL. */
  private static boolean isNoText(SQLException failure) {
    return "22021".equals(failure.getSQLState());
  }
}
