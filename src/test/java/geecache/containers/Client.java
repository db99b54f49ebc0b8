package geecache.containers;

import java.io.IOException;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.jspecify.annotations.Nullable;

/** An ordinary HTTP client, with kept connections, that does nothing of its own accord. */
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
    BasicClassicHttpRequest request = new BasicClassicHttpRequest(method, host, target);
    if (body != null) {
      request.setEntity(new StringEntity(body));
    }
    return http.execute(host, request, Answer::read);
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
