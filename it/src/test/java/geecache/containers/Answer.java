package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.jspecify.annotations.Nullable;

/** What a server answered. */
final class Answer {
  private final int code;
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final byte[] body;

  private Answer(int code, byte[] body) {
    this.code = code;
    this.body = body;
  }

  static Answer read(ClassicHttpResponse response) throws IOException {
    HttpEntity entity = response.getEntity();
    byte[] body = entity == null ? new byte[0] : EntityUtils.toByteArray(entity);
    Answer answer = new Answer(response.getCode(), body == null ? new byte[0] : body);
    for (Header header : response.getHeaders()) {
      answer.headers.merge(header.getName(), header.getValue(), (a, b) -> a + ", " + b);
    }
    return answer;
  }

  int code() {
    return code;
  }

  /** Returns all values of a header, joined by commas; null if it has none. */
  @Nullable String header(String name) {
    return headers.get(name);
  }

  /** Whether the answer is a node's own, and not the container's. */
  boolean isOurs() {
    return headers.containsKey("Geecache-Status");
  }

  byte[] body() {
    return body.clone();
  }

  String text() {
    return new String(body, UTF_8);
  }

  /** The content type without parameters, in lower case. */
  String mediaType() {
    return headers
        .getOrDefault("Content-Type", "")
        .replaceFirst(";.*", "")
        .strip()
        .toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    String start = new String(body, 0, Math.min(body.length, 600), UTF_8);
    return code + " " + headers + " " + ControlCharacters.escape(start);
  }
}
