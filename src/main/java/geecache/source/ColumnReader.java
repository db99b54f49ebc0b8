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
 * Reads a column as one of a few types, the same for all databases: bytes, {@link String}, {@link
 * Boolean}, {@link Number}, {@link Json}, an array of these, or null. Times are read as text in ISO
 * 8601. All other types are read as the text that the driver gives.
 */
final class ColumnReader {
  /** Text that is already JSON. */
  record Json(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  private ColumnReader() {}

  /**
   * Reads a column of the current row.
   *
   * @param maxBytes the most bytes or characters of a LOB; a larger one fails before it is read
   */
  static @Nullable Object read(ResultSet rows, int column, int maxBytes) throws SQLException {
    String typeName = rows.getMetaData().getColumnTypeName(column).toLowerCase(Locale.ROOT);
    return switch (typeName) {
      case "json", "jsonb" -> json(rows.getString(column));
      // pgjdbc reports the type of a timestamp without a time zone.
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

  /** Returns null if only the driver can turn {@code value} into text. */
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
    return Arrays.stream(given).map(ColumnReader::element).toArray();
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

  private static @Nullable String text(@Nullable Clob clob, int max) throws SQLException {
    if (clob == null) {
      return null;
    }
    requireAtMost(clob.length(), max);
    return clob.getSubString(1, (int) clob.length());
  }

  private static byte @Nullable [] bytes(@Nullable Blob blob, int max) throws SQLException {
    if (blob == null) {
      return null;
    }
    requireAtMost(blob.length(), max);
    return blob.getBytes(1, (int) blob.length());
  }

  private static void requireAtMost(long length, int max) throws SQLException {
    if (length > max) {
      throw new SQLException("a LOB is too large: " + length + ", at most " + max);
    }
  }
}
