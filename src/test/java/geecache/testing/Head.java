package geecache.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The request line and the headers of a request, as they came over the wire. Immutable. */
public final class Head {
  private static final int MAX_LINES = 1000;

  private final String text;
  private final String startLine;
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /** Takes a head with the empty line at its end; every char is one byte. */
  Head(String text) {
    this.text = text;
    String[] lines = text.split("\r?\n");
    startLine = lines[0];
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.merge(
            lines[i].substring(0, colon),
            lines[i].substring(colon + 1).strip(),
            (first, next) -> first + ", " + next);
      }
    }
  }

  /** Reads a head, of a request or an answer; null if the stream ends before it. */
  static @Nullable Head read(InputStream in) throws IOException {
    String line = Lines.next(in);
    while (line != null && line.isBlank()) { // RFC 9112, section 2.2.
      line = Lines.next(in);
    }
    if (line == null) {
      return null;
    }
    StringBuilder text = new StringBuilder(line);
    for (int lines = 1; !line.isBlank(); lines++) {
      if (lines > MAX_LINES) {
        throw new IOException("a head has more than " + MAX_LINES + " lines");
      }
      line = Lines.require(in);
      text.append(line);
    }
    return new Head(text.toString());
  }

  /** Returns the first line without its end: {@code GET /path?query HTTP/1.1}. */
  public String requestLine() {
    return startLine;
  }

  /** Returns the method in the case in which it was sent. */
  public String method() {
    return word(0);
  }

  /** Returns the raw path and query. */
  public String target() {
    return word(1);
  }

  /** Returns all values of a header, joined by commas; null if there is none. */
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  /** Whether a header, which lists tokens, has this one. */
  boolean lists(String name, String token) {
    return Arrays.stream(headers.getOrDefault(name, "").split(","))
        .anyMatch(listed -> listed.strip().equalsIgnoreCase(token));
  }

  /** Of an answer, its status code. */
  int status() throws IOException {
    String code = word(1);
    if (!code.matches("\\d{3}")) {
      throw new IOException("not a status line: " + startLine);
    }
    return Integer.parseInt(code);
  }

  /** Whether whoever sent this goes on to use the connection. */
  boolean keepsAlive() {
    return startLine.contains("HTTP/1.1") && !lists("Connection", "close");
  }

  /** Returns this head for a body that is not chunked and has so many bytes. */
  Head withLength(int bytes) {
    StringBuilder other = new StringBuilder(startLine).append("\r\n");
    text.lines()
        .skip(1)
        .filter(line -> !line.isBlank())
        .filter(line -> !line.matches("(?i)(content-length|transfer-encoding)[ \t]*:.*"))
        .forEach(line -> other.append(line).append("\r\n"));
    return new Head(other + "Content-Length: " + bytes + "\r\n\r\n");
  }

  /** Returns all headers by name, in the order of their names. */
  Map<String, String> headers() {
    return headers;
  }

  /** Returns the head as it came, empty line included. */
  byte[] bytes() {
    return text.getBytes(ISO_8859_1);
  }

  private String word(int index) {
    String[] words = startLine.split(" ");
    return index < words.length ? words[index] : "";
  }

  @Override
  public String toString() {
    return startLine + " " + headers;
  }
}
