package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What changes a node: refused without a secret, and by who does not show it. */
interface ChangeContract extends Deployed {
  /** A meeting that tells of no removal: field 1 is a URL. */
  byte[] MEETING = "\n\22http://127.0.0.1:1".getBytes(UTF_8);

  /** One that tells the node to clear everything: field 2 is true. */
  byte[] CLEARING = {0x10, 1};

  Map<String, String> OF_NODES =
      Map.of("Content-Type", "application/vnd.geecache.cluster.v1+protobuf");

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void withoutASecretNobodyChangesANode(Site site) throws IOException {
    byte[] value = "631".getBytes(UTF_8);
    assertForbidden(client().send("PUT", site.node("/scores/Tom"), Map.of(), value));
    assertForbidden(client().send("PUT", site.node("/scores?key=Tom"), Map.of(), value));
    assertForbidden(client().send("DELETE", site.node("/scores/Tom"), Map.of(), null));
    assertForbidden(client().send("DELETE", site.node("/scores?all=true"), Map.of(), null));
    String change = site.at("/_cluster/change?group=scores");
    assertForbidden(client().send("POST", change, OF_NODES, new byte[] {0x12, 1, 'x'}));
    assertForbidden(client().send("POST", site.at("/_cluster/changes"), OF_NODES, new byte[0]));
    assertForbidden(client().send("POST", site.at("/_cluster/meet"), OF_NODES, CLEARING));
    Answer unchanged = client().get(site.node("/scores/Tom"));
    assertThat(unchanged.text()).isEqualTo("630");
    assertThat(unchanged.header("Cache-Status")).isEqualTo("geecache; hit");
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void nodesMeetWithoutASecret(Site site) throws IOException {
    Answer met = client().send("POST", site.at("/_cluster/meet"), OF_NODES, MEETING);
    assertThat(met.code()).as("%s", met).isEqualTo(200);
    assertThat(met.header("Geecache-Status")).isEqualTo("ok");
    assertThat(met.mediaType()).isEqualTo("application/vnd.geecache.cluster.v1+protobuf");
    boolean listsMembers = met.body().length > 0 && met.body()[0] == 0x0a; // Field 1 of the answer.
    assertThat(listsMembers).as("whether it knows members: %s", met).isFalse();

    assertStatus(400, "bad-request", post(site, "/_cluster/meet", new byte[] {0x0a, 0x7f}));
    assertStatus(404, "bad-request", post(site, "/_cluster/none", MEETING));
    assertStatus(404, "bad-request", post(site, "/_cluster", MEETING));
    assertStatus(405, "method-not-allowed", client().get(site.at("/_cluster/meet")));
  }

  @Test
  default void whoDoesNotShowTheSecretGetsNothing() throws IOException {
    for (Map<String, String> shown :
        List.of(
            Map.<String, String>of(),
            Map.of("Authorization", "Bearer " + Site.SECRET + "x"),
            Map.of("Authorization", "Basic " + Site.SECRET))) {
      for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE")) {
        byte[] body = method.startsWith("P") ? new byte[] {0x08, 1} : null;
        Answer answer = client().send(method, Site.GUARDED.node("/scores?key=Tom"), shown, body);
        assertStatus(401, "unauthorized", answer);
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
      }
      for (String path : List.of("/_cluster/meet", "/_cluster/changes", "/_cluster/change")) {
        Answer answer = client().send("POST", Site.GUARDED.at(path), shown, MEETING);
        assertStatus(401, "unauthorized", answer);
      }
    }
  }

  /** The group gate is behind a filter that forbids asynchronous requests. */
  @ParameterizedTest
  @ValueSource(strings = {"echo", "gate"})
  default void whatIsPutIsAnsweredUntilItIsDeleted(String group) throws IOException {
    for (String key :
        List.of("plain", "a b/c", "a;b=c", "../x", "%2F", "\u4e2d\ud83d\ude00", "\n")) {
      String target = "/" + group + "?key=" + AwkwardKeys.encode(key);
      assertChanged(guarded("PUT", target, "new \u4e2d".getBytes(UTF_8)));
      assertThat(guarded("GET", target, null).text()).isEqualTo("new \u4e2d");
      assertChanged(guarded("DELETE", target, null));
      assertThat(guarded("GET", target, null).text()).isEqualTo(key);
    }
    String inPath = "/" + group + "/a%20b/c";
    assertChanged(guarded("PUT", inPath, new byte[0]));
    assertThat(guarded("GET", inPath, null).body()).isEmpty();
    byte[] large = new byte[1 << 20];
    large[large.length - 1] = -1;
    assertChanged(guarded("PUT", inPath, large));
    assertThat(guarded("GET", inPath, null).body()).isEqualTo(large);
    assertChanged(guarded("DELETE", "/" + group + "?all=true", null));
    assertThat(guarded("GET", inPath, null).text()).isEqualTo("a b/c");
  }

  @Test
  default void aValueMayBePutForATime() throws IOException {
    Answer put =
        client()
            .send(
                "PUT",
                Site.GUARDED.node("/echo/timed"),
                Map.of("Authorization", "Bearer " + Site.SECRET, "Cache-Control", "max-age=1000"),
                "value".getBytes(UTF_8));
    assertChanged(put);
    Answer answer = guarded("GET", "/echo/timed", null);
    assertThat(answer.text()).isEqualTo("value");
    assertThat(answer.header("Cache-Control")).isEqualTo("private, max-age=1000");
  }

  private Answer guarded(String method, String rest, byte @Nullable [] body) throws IOException {
    return client().send(method, Site.GUARDED.node(rest), Site.GUARDED.credentials(), body);
  }

  private Answer post(Site site, String path, byte[] body) throws IOException {
    return client().send("POST", site.at(path), OF_NODES, body);
  }

  private static void assertForbidden(Answer answer) {
    assertStatus(403, "forbidden", answer);
    assertThat(answer.text()).contains("geecache.secret");
  }

  private static void assertChanged(Answer answer) {
    assertStatus(204, "ok", answer);
    assertThat(answer.body()).isEmpty();
  }

  private static void assertStatus(int code, String status, Answer answer) {
    assertThat(answer.code()).as("%s", answer).isEqualTo(code);
    assertThat(answer.header("Geecache-Status")).as("%s", answer).isEqualTo(status);
  }
}
