package geecache.http;

import org.jspecify.annotations.Nullable;

/**
 * What {@link HTTPPool} needs of an HTTP request, as it came over the wire.
 *
 * @param method in the case in which it was sent
 * @param uri the raw path of the request, which ends with {@code rawPath}
 * @param rawPath the raw path after the mapping: empty, or starting with a slash
 * @param pathInfo what the container made of {@code rawPath}; null where it made nothing of it
 * @param rawQuery the raw query without its question mark, or null
 * @param ifNoneMatch the {@code If-None-Match} header, several joined by commas; null if absent
 * @param hasBody whether the request announces a body
 */
public record Request(
    String method,
    String uri,
    String rawPath,
    @Nullable String pathInfo,
    @Nullable String rawQuery,
    @Nullable String ifNoneMatch,
    boolean hasBody) {

  /** Returns the raw path up to where the node is mapped, without a slash at its end. */
  String mapping() {
    return uri.endsWith(rawPath) ? uri.substring(0, uri.length() - rawPath.length()) : "";
  }
}
