package geecache.testing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The lines of HTTP/1.1 outside of bodies: bytes up to a line feed, each a char. */
final class Lines {
  /** More than any head here has, so that what is no HTTP does not fill the heap. */
  private static final int MAX_LENGTH = 64 << 10;

  private Lines() {}

  /** Returns the next line with its end; null if the stream ends before it. */
  static @Nullable String next(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int octet;
    while ((octet = in.read()) >= 0) {
      line.append((char) octet);
      if (octet == '\n') {
        return line.toString();
      }
      if (line.length() == MAX_LENGTH) {
        throw new IOException("a line is longer than " + MAX_LENGTH + " bytes");
      }
    }
    if (line.isEmpty()) {
      return null;
    }
    throw new EOFException("the stream ends within a line: " + line);
  }

  /** Returns the next line with its end, which must come. */
  static String require(InputStream in) throws IOException {
    String line = next(in);
    if (line == null) {
      throw new EOFException("the stream ends before a line");
    }
    return line;
  }
}
