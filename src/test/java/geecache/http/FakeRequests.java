package geecache.http;

import java.io.ByteArrayInputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests as a container would hand them over. */
final class FakeRequests {
  private FakeRequests() {}

  private static Request.Mapping mapping(String uri) {
    if (uri.startsWith("/_cluster")) {
      return Request.Mapping.NODES;
    }
    return uri.startsWith("/_groupcache") ? Request.Mapping.GROUPCACHE : Request.Mapping.KEYS;
  }

  static Request of(
      String method, String uri, String path, @Nullable String info, @Nullable String query) {
    return of(method, uri, path, info, query, Map.of(), null);
  }

  static Request of(
      String method,
      String uri,
      String path,
      @Nullable String info,
      @Nullable String query,
      Map<String, String> headers,
      byte @Nullable [] body) {
    return new Request(
        method,
        uri,
        path,
        info,
        query,
        mapping(uri),
        headers::get,
        body != null,
        () -> new ByteArrayInputStream(body == null ? new byte[0] : body));
  }
}
