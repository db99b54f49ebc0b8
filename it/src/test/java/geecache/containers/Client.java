package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Map;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * An ordinary HTTP client, with a few kept connections, that does nothing of its own accord. Safe
 * for use by many threads.
 */
final class Client implements AutoCloseable {
  private final HttpHost host;
  private final CloseableHttpClient http =
      HttpClients.custom()
          .disableAutomaticRetries()
          .disableContentCompression()
          .disableCookieManagement()
          .disableRedirectHandling()
          .build();

  Client(int port) {
    this.host = new HttpHost("http", "127.0.0.1", port);
  }

  Answer get(String target) throws IOException {
    return send("GET", target, null);
  }

  Answer send(String method, String target, @Nullable String body) throws IOException {
    byte[] bytes = body == null ? null : body.getBytes(UTF_8);
    return send(method, target, Map.of("Content-Type", "text/plain"), bytes);
  }

  /** Sends {@code headers} too, of which {@code Content-Type} only with a body. */
  Answer send(String method, String target, Map<String, String> headers, byte @Nullable [] body)
      throws IOException {
    BasicClassicHttpRequest request = new BasicClassicHttpRequest(method, host, target);
    headers.forEach(request::setHeader);
    request.removeHeaders("Content-Type");
    if (body != null) {
      String type = headers.get("Content-Type");
      request.setEntity(new ByteArrayEntity(body, type == null ? null : ContentType.parse(type)));
    }
    return http.execute(host, request, Answer::read);
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
