package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.testing.Response;
import geecache.testing.TestNode;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;

/** What nodes tell their operators, over HTTP and with the secret. */
final class Explained {
  static final String SECRET = "a-secret-for-these-tests";
  static final Map<String, String> WITH_SECRET = Map.of("Authorization", "Bearer " + SECRET);

  private Explained() {}

  static JsonObject ask(TestNode node, String target) throws IOException {
    Response answer = node.request("GET", target, WITH_SECRET, null);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(answer.header("Geecache-Status")).isEqualTo("ok");
    return read(answer.text());
  }

  static JsonObject read(String json) {
    try (JsonReader reader = Json.createReader(new StringReader(json))) {
      return reader.readObject();
    }
  }

  /** Asks {@code node} what all nodes have of a key of the group {@code db}. */
  static JsonObject key(TestNode node, String key) throws IOException {
    return ask(node, "/_cluster/explain?group=db&key=" + URLEncoder.encode(key, UTF_8));
  }

  /** Returns what {@code all} has of one node. */
  static JsonObject of(TestNode node, JsonObject all) {
    List<JsonObject> nodes = all.getJsonArray("nodes").getValuesAs(JsonObject.class);
    return nodes.stream()
        .filter(each -> each.getString("node").equals(node.url()))
        .findFirst()
        .orElseThrow();
  }

  /** Returns the answer of one node in {@code all}. */
  static JsonObject answerOf(TestNode node, JsonObject all) {
    JsonObject told = of(node, all);
    assertThat(told).containsKey("answer").doesNotContainKey("failure");
    return told.getJsonObject("answer");
  }

  /** Returns what {@code node} itself holds of a key, as it tells it. */
  static JsonObject held(TestNode node, String key) throws IOException {
    return answerOf(node, key(node, key)).getJsonObject("held");
  }
}
