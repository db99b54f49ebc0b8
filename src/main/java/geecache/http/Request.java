package geecache.http;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request to a node, as it was sent.
 *
 * @param method in the case that the client used
 * @param uri the raw path of the request, which ends with {@code rawPath}
 * @param rawPath the raw path after the mapping: empty, or starting with a slash
 * @param pathInfo {@code rawPath} as the container decoded it; null if the container has none
 * @param rawQuery the raw query without its question mark, or null
 * @param mapping the mapping that the request matched
 * @param headers its headers
 * @param hasBody whether the request announces a body
 * @param content its body
 */
public record Request(
    String method,
    String uri,
    String rawPath,
    @Nullable String pathInfo,
    @Nullable String rawQuery,
    Mapping mapping,
    Headers headers,
    boolean hasBody,
    Content content) {

  /** The paths that a node's servlet is mapped to. */
  public enum Mapping {
    /** Clients and nodes ask for keys here, unless the servlet is mapped elsewhere. */
    KEYS("/_geecache/"),
    /** Nodes meet here, tell changes and hand entries over. */
    NODES("/_cluster/"),
    /** Go nodes ask here, and are asked here: golang/groupcache's default. */
    GROUPCACHE("/_groupcache/");

    private final String path;

    Mapping(String path) {
      this.path = path;
    }

    /** Returns the path below a node's base URL; starts and ends with a slash. */
    public String path() {
      return path;
    }
  }

  /** The headers of a request; read only while {@link HTTPPool#handle} runs. */
  @FunctionalInterface
  public interface Headers {
    /** Returns the value of a header, several lines joined by commas; null if it is absent. */
    @Nullable String get(String name);
  }

  /** The body of a request; opened at most once, and only while {@link HTTPPool#handle} runs. */
  @FunctionalInterface
  public interface Content {
    /** Returns the body. Reading it may block. */
    InputStream open() throws IOException;
  }

  /** Returns the raw path up to the mapping, without a slash at the end. */
  String mappedPath() {
    return uri.endsWith(rawPath) ? uri.substring(0, uri.length() - rawPath.length()) : "";
  }

  Request with(Content limited) {
    return new Request(
        method, uri, rawPath, pathInfo, rawQuery, mapping, headers, hasBody, limited);
  }

  /** Tells that a body has more bytes than it may. */
  static final class TooLongBody extends IOException {
    private static final long serialVersionUID = 1;

    private TooLongBody(long limit) {
      super("the body has more than " + limit + " bytes");
    }
  }

  /**
   * Reads the body; null if it has more than {@code limit} bytes.
   *
   * @throws IOException if the client ends before its body does, or the body is malformed
   */
  byte @Nullable [] body(int limit) throws IOException {
    try {
      return stream(limit).readAllBytes();
    } catch (TooLongBody tooLong) {
      return null;
    }
  }

  /**
   * Returns the body, whose stream fails with {@link TooLongBody} once it has given {@code limit}
   * bytes and there are more. It fails with another {@link IOException} if the client ends before
   * its body does, or the body is malformed. Nobody closes it: the container would read the rest
   * then, as slowly as it comes.
   */
  InputStream stream(int limit) throws IOException {
    try {
      return new Bounded(content.open(), limit);
    } catch (RuntimeException malformed) { // Some containers say it so.
      throw new IOException(malformed);
    }
  }

  private static final class Bounded extends InputStream {
    private final InputStream in;
    private final int limit;
    private int read;

    Bounded(InputStream in, int limit) {
      this.in = in;
      this.limit = limit;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int asked = Math.min(length, limit + 1 - read); // One more tells whether there is more.
      try {
        int more = in.read(into, offset, asked);
        read += Math.max(0, more);
        if (read > limit) {
          throw new TooLongBody(limit);
        }
        return more;
      } catch (RuntimeException malformed) {
        throw new IOException(malformed);
      }
    }
  }
}
