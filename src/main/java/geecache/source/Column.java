package geecache.source;

import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads a column as one of few types, the same for all databases: bytes, {@link String}, {@link
 * Boolean}, {@link Number}, {@link Json}, an array of these, or null. Times are text in ISO 8601;
 * what is none of these is the text that the driver has for it.
 */
final class Column {
  /** A text that is JSON already. */
  record Json(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  private Column() {}

  /**
   * Reads a column of the current row.
   *
   * @param maxBytes a LOB of more bytes, or characters, is a failure, before it is read
   */
  static @Nullable Object read(ResultSet rows, int column, int maxBytes) throws SQLException {
    String typeName = rows.getMetaData().getColumnTypeName(column).toLowerCase(Locale.ROOT);
    return switch (typeName) {
      case "json", "jsonb" -> json(rows.getString(column));
      // pgjdbc calls it a timestamp without one.
      case "timestamptz" -> text(rows.getObject(column, OffsetDateTime.class));
      case "timetz", "uuid" -> rows.getString(column);
      default -> byType(rows, column, maxBytes);
    };
  }

  private static @Nullable Json json(@Nullable String text) {
    return text == null ? null : new Json(text);
  }

  private static @Nullable Object byType(ResultSet rows, int column, int maxBytes)
      throws SQLException {
    return switch (rows.getMetaData().getColumnType(column)) {
      case Types.TIMESTAMP -> text(rows.getObject(column, LocalDateTime.class));
      case Types.TIMESTAMP_WITH_TIMEZONE -> text(rows.getObject(column, OffsetDateTime.class));
      case Types.TIME -> text(rows.getObject(column, LocalTime.class));
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY -> rows.getBytes(column);
      case Types.BLOB -> bytes(rows.getBlob(column), maxBytes);
      case Types.CLOB, Types.NCLOB -> text(rows.getClob(column), maxBytes);
      case Types.ARRAY -> elements(rows.getArray(column));
      default -> plain(rows.getObject(column), rows, column);
    };
  }

  private static @Nullable Object plain(@Nullable Object value, ResultSet rows, int column)
      throws SQLException {
    if (value == null) {
      return null;
    }
    Object plain = plain(value);
    return plain == null ? rows.getString(column) : plain;
  }

  /** Returns null for what only the driver has a text for. */
  private static @Nullable Object plain(Object value) {
    if (value instanceof String
        || value instanceof Boolean
        || value instanceof Number
        || value instanceof byte[]) {
      return value;
    }
    if (value instanceof UUID || value instanceof java.time.temporal.Temporal) {
      return value.toString();
    }
    if (value instanceof Timestamp time) {
      return time.toLocalDateTime().toString();
    }
    if (value instanceof Date date) {
      return date.toLocalDate().toString();
    }
    return value instanceof Time time ? time.toLocalTime().toString() : null;
  }

  private static Object @Nullable [] elements(@Nullable Array array) throws SQLException {
    if (array == null) {
      return null;
    }
    try {
      return elements((Object[]) array.getArray());
    } finally {
      array.free();
    }
  }

  private static Object[] elements(Object[] given) {
    return Arrays.stream(given).map(Column::element).toArray();
  }

  private static @Nullable Object element(@Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof Object[] inner) {
      return elements(inner);
    }
    Object plain = plain(value);
    return plain == null ? value.toString() : plain;
  }

  private static @Nullable String text(@Nullable Object time) {
    return time == null ? null : time.toString();
  }

  private static @Nullable String text(@Nullable Clob clob, int most) throws SQLException {
    if (clob == null) {
      return null;
    }
    requireAtMost(clob.length(), most);
    return clob.getSubString(1, (int) clob.length());
  }

  private static byte @Nullable [] bytes(@Nullable Blob blob, int most) throws SQLException {
    if (blob == null) {
      return null;
    }
    requireAtMost(blob.length(), most);
    return blob.getBytes(1, (int) blob.length());
  }

  private static void requireAtMost(long length, int most) throws SQLException {
    if (length > most) {
      throw new SQLException("a LOB is too large: " + length + ", at most " + most);
    }
  }
}
