package geecache.http;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request to a node, as it came over the wire.
 *
 * @param method in the case in which it was sent
 * @param uri the raw path of the request, which ends with {@code rawPath}
 * @param rawPath the raw path after the mapping: empty, or starting with a slash
 * @param pathInfo what the container made of {@code rawPath}; null where it made nothing of it
 * @param rawQuery the raw query without its question mark, or null
 * @param mapping where it came in
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

  /** What a node's servlet is mapped to. */
  public enum Mapping {
    /** Where clients and nodes ask for keys, unless the servlet is mapped elsewhere. */
    KEYS("/_geecache/"),
    /** Where nodes tell each other all that is not a read. */
    NODES("/_cluster/"),
    /** Where Go nodes ask, and are asked: golang/groupcache's default. */
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

  /** The headers of a request; asked only while the node's {@code handle} runs. */
  @FunctionalInterface
  public interface Headers {
    /** Returns the value of a header, several lines joined by commas; null if it is absent. */
    @Nullable String get(String name);
  }

  /** The body of a request; opened at most once, and only while the node's {@code handle} runs. */
  @FunctionalInterface
  public interface Content {
    /** Returns the body, whose reading may block. */
    InputStream open() throws IOException;
  }

  /** Returns the raw path up to where the node is mapped, without a slash at its end. */
  String mappedPath() {
    return uri.endsWith(rawPath) ? uri.substring(0, uri.length() - rawPath.length()) : "";
  }

  /** Returns the body; null if it has more than {@code limit} bytes. */
  byte @Nullable [] body(int limit) throws IOException {
    try (InputStream in = content.open()) {
      byte[] bytes = in.readNBytes(limit);
      return bytes.length == limit && in.read() >= 0 ? null : bytes;
    }
  }
}
