package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.util.Map;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;

/**
 * One node of a cluster, with a group whose values are their keys. Safe for use by many threads.
 *
 * @param container where it runs
 * @param client of that container
 */
record Member(ClusterSite site, Container container, Client client) {

  /** As its peers name it. */
  String url() {
    return "http://127.0.0.1:" + container.port() + site.contextPath();
  }

  /** Whether it is deployed. Connections kept from before a restart end with the first try. */
  boolean answers() throws IOException {
    try {
      return send("GET", "x", ClusterSite.CREDENTIALS, null).code() == 200;
    } catch (NoHttpResponseException | SocketException ofBefore) {
      return false;
    }
  }

  Answer get(String key) throws IOException {
    return send("GET", key, site.readCredentials(), null);
  }

  /** Gets {@code key}, whose value is to be {@code value}. */
  void assertAnswers(String key, String value) throws IOException {
    Answer answer = get(key);
    assertThat(answer.code()).as("%s of %s: %s", printable(key), url(), answer).isEqualTo(200);
    assertThat(answer.text()).as("%s of %s: %s", printable(key), url(), answer).isEqualTo(value);
  }

  Answer put(String key, String value) throws IOException {
    return send("PUT", key, ClusterSite.CREDENTIALS, value);
  }

  Answer delete(String key) throws IOException {
    return send("DELETE", key, ClusterSite.CREDENTIALS, null);
  }

  Answer clear() throws IOException {
    return client.send(
        "DELETE", site.contextPath() + "/_geecache/echo?all=true", ClusterSite.CREDENTIALS, null);
  }

  Answer send(String method, String key, Map<String, String> headers, @Nullable String body)
      throws IOException {
    return client.send(
        method,
        site.contextPath() + "/_geecache/echo?key=" + AwkwardKeys.encode(key),
        headers,
        body == null ? null : body.getBytes(UTF_8));
  }

  /** Returns how often its source was asked for {@code key}. */
  int loads(String key) throws IOException {
    String encoded = AwkwardKeys.encode(key);
    return Integer.parseInt(client.get(site.contextPath() + "/loads?key=" + encoded).text());
  }

  private static String printable(String key) {
    return AwkwardKeys.printable(key);
  }

  @Override
  public String toString() {
    return url();
  }
}
