package geecache.internal;

import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON text (RFC 8259). Objects and arrays end when the code that fills them returns, so
 * that they are always closed. A field whose value is null is left out. For one thread.
 *
 * <p>Beside what JSON demands, all that {@link ControlCharacters} finds is escaped: it reads as the
 * same text, and is seen.
 */
public final class JsonWriter {
  private final StringBuilder out = new StringBuilder();

  /** Whether something stands before, so that a comma has to follow. */
  private boolean comma;

  /** Makes an empty text. */
  public JsonWriter() {}

  /** Writes an object: the whole text, or an item of an array. */
  public void object(Runnable fields) {
    separate();
    fill('{', fields, '}');
  }

  /** Writes a field that is an object. */
  public void object(String name, Runnable fields) {
    name(name);
    fill('{', fields, '}');
  }

  /** Writes a field that is an array; {@code item} writes one value for each of {@code items}. */
  public <T> void array(String name, Iterable<T> items, Consumer<? super T> item) {
    name(name);
    fill('[', () -> items.forEach(item), ']');
  }

  private void fill(char begin, Runnable inner, char end) {
    out.append(begin);
    comma = false;
    inner.run();
    out.append(end);
    comma = true;
  }

  /** Writes a field that is an array of texts. */
  public void texts(String name, Iterable<String> texts) {
    array(name, texts, this::text);
  }

  /** Writes a field that is an array of numbers. */
  public void numbers(String name, LongStream numbers) {
    name(name);
    fill(
        '[',
        () ->
            numbers.forEach(
                number -> {
                  separate();
                  out.append(number);
                }),
        ']');
  }

  /** Writes a field with a text. */
  public void field(String name, @Nullable String text) {
    if (text != null) {
      name(name);
      quote(text);
    }
  }

  /** Writes a field with a number. One that is infinite, or not a number, counts as null. */
  public void field(String name, @Nullable Number number) {
    if (number != null && Double.isFinite(number.doubleValue())) {
      name(name);
      out.append(number);
    }
  }

  /** Writes a field that is true or false. */
  public void field(String name, boolean value) {
    name(name);
    out.append(value);
  }

  /**
   * Writes a field whose value is a JSON text of its own.
   *
   * @param json is one; see {@link JsonSyntax}
   */
  public void json(String name, String json) {
    name(name);
    out.append(json);
  }

  private void text(String text) {
    separate();
    quote(text);
  }

  private void name(String name) {
    separate();
    quote(name);
    out.append(':');
  }

  private void separate() {
    if (comma) {
      out.append(',');
    }
    comma = true;
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (ControlCharacters.mustEscape(text, i)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /** Returns how many bytes {@code text} takes in UTF-8, as it would be written here, at most. */
  public static int bytes(String text) {
    int bytes = 2;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        bytes += 2;
      } else if (ControlCharacters.mustEscape(text, i)) {
        bytes += 6;
      } else {
        bytes += c < 0x80 ? 1 : 3;
      }
    }
    return bytes;
  }

  /** Returns what is written so far. */
  @Override
  public String toString() {
    return out.toString();
  }
}
