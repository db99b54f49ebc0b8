package geecache.source;

import geecache.internal.ControlCharacters;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads rows of a table of changes, and deletes them. Immutable. */
final class ChangeRows {
  /** The most rows that are read at once. */
  static final int MOST = 1_000;

  /**
   * A row.
   *
   * @param group the name of a group
   * @param key the key that changed; null if any may have
   */
  record Row(long id, String group, @Nullable String key) {}

  private final String table;

  ChangeRows(String table) {
    this.table = table;
  }

  /**
   * Returns the oldest rows of these groups, and ends the transaction, so that the next call sees
   * what has been committed by then.
   */
  List<Row> read(Connection connection, Collection<String> groups) throws SQLException {
    String places = String.join(", ", Collections.nCopies(groups.size(), "?"));
    List<Row> rows = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id, grp, cache_key from "
                + table
                + " where grp in ("
                + places
                + ") order by id")) {
      select.setMaxRows(MOST);
      int place = 0;
      for (String group : groups) {
        select.setString(++place, group);
      }
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          rows.add(new Row(found.getLong(1), found.getString(2), found.getString(3)));
        }
      }
    }
    connection.commit();
    return rows;
  }

  /** Deletes these rows; another node may have done so for some. */
  void delete(Connection connection, List<Row> rows) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("delete from " + table + " where id = ?")) {
      for (Row row : rows) {
        delete.setLong(1, row.id());
        delete.addBatch();
      }
      delete.executeBatch();
    }
    connection.commit();
  }

  @Override
  public String toString() {
    return "table " + ControlCharacters.escape(table);
  }
}
