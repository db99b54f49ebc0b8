package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** Reads a row as the bytes of a value. */
interface RowReader {
  /**
   * Returns the value of the row that {@code rows} is at; nothing if it is NULL.
   *
   * @param first the first column that belongs to the value, counted from 1
   */
  Optional<byte[]> read(ResultSet rows, int first) throws SQLException;

  /**
   * Returns a reader of rows that have one column for the value.
   *
   * @param maxBytes the largest LOB that is read
   */
  static RowReader ofColumn(int maxBytes) {
    return (rows, first) -> readColumn(rows, first, maxBytes);
  }

  /**
   * Returns a reader of rows as JSON objects.
   *
   * @param maxBytes the largest LOB that is read
   */
  static RowReader ofJson(int maxBytes) {
    return new JsonRowReader(maxBytes);
  }

  private static Optional<byte[]> readColumn(ResultSet rows, int first, int maxBytes)
      throws SQLException {
    int columns = rows.getMetaData().getColumnCount() - first + 1;
    if (columns != 1) {
      throw new SQLException(
          "the query gives " + columns + " columns for a value, and result=column takes one");
    }
    Object value = ColumnReader.read(rows, first, maxBytes);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof byte[] bytes) {
      return Optional.of(bytes);
    }
    return Optional.of(text(value, rows, first).getBytes(UTF_8));
  }

  private static String text(Object value, ResultSet rows, int column) throws SQLException {
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString(); // As in JSON rows: 0.0000001, and not 1E-7.
    }
    return value instanceof Object[] ? rows.getString(column) : value.toString();
  }

  /** Reads a row as an object with a member for each column, in their order. */
  final class JsonRowReader implements RowReader {
    private final int maxBytes;
    private final JsonFactory json =
        JsonFactory.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

    JsonRowReader(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    @Override
    public Optional<byte[]> read(ResultSet rows, int first) throws SQLException {
      ResultSetMetaData columns = rows.getMetaData();
      Set<String> names = new HashSet<>();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (JsonGenerator to = json.createGenerator(ObjectWriteContext.empty(), out)) {
        to.writeStartObject();
        for (int i = first; i <= columns.getColumnCount(); i++) {
          String name = columns.getColumnLabel(i);
          if (!names.add(name)) {
            throw new SQLException("two columns of the query are named " + name);
          }
          to.writeName(name);
          write(to, ColumnReader.read(rows, i, maxBytes));
        }
        to.writeEndObject();
      }
      return Optional.of(out.toByteArray());
    }

    private static void write(JsonGenerator to, @Nullable Object value) {
      if (value == null) {
        to.writeNull();
      } else if (value instanceof ColumnReader.Json text) {
        to.writeRawValue(text.text());
      } else if (value instanceof byte[] bytes) {
        to.writeString(Base64.getEncoder().encodeToString(bytes));
      } else if (value instanceof Boolean truth) {
        to.writeBoolean(truth);
      } else if (value instanceof Number number) {
        writeNumber(to, number);
      } else if (value instanceof Object[] elements) {
        to.writeStartArray();
        for (Object element : elements) {
          write(to, element);
        }
        to.writeEndArray();
      } else {
        to.writeString(value.toString());
      }
    }

    private static void writeNumber(JsonGenerator to, Number number) {
      if (number instanceof BigDecimal decimal) {
        to.writeNumber(decimal);
      } else if (number instanceof BigInteger whole) {
        to.writeNumber(whole);
      } else if (number instanceof Double real) {
        to.writeNumber(real);
      } else if (number instanceof Float real) {
        to.writeNumber(real);
      } else {
        to.writeNumber(number.longValue());
      }
    }
  }
}
