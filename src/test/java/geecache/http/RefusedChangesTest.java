package geecache.http;

import static geecache.http.CountedSource.keysOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Geecache;
import geecache.NotReachedException;
import geecache.NotReachedException.Reason;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node that refused a change is told apart from one that was not reached. */
@Timeout(60)
class RefusedChangesTest {
  private static final String SECRET = "a-secret-for-these-tests";

  /** The second node has less room than the first, and not all of its groups. */
  private static void register(int index, Geecache node) {
    node.group("short").maxValueBytes(index == 0 ? 1000 : 100).register(key -> key.getBytes(UTF_8));
    node.group("narrow").maxBytes(index == 0 ? 1 << 20 : 2000).register(key -> key.getBytes(UTF_8));
    if (index == 0) {
      node.group("alone").register(key -> key.getBytes(UTF_8));
    }
  }

  private static TestCluster.Builder two() {
    return TestCluster.builder().nodes(2).groups(RefusedChangesTest::register);
  }

  private static Response put(TestNode node, String group, String key, String value)
      throws IOException {
    return node.request(
        "PUT",
        "/_geecache/" + group + "/" + key,
        Map.of("Authorization", "Bearer " + SECRET),
        value.getBytes(UTF_8));
  }

  @Test
  void aValueOfAGroupThatOnlySomeNodesHaveIsStoredByOneOfThem() throws Exception {
    try (TestCluster cluster = two().secret(SECRET).start()) {
      cluster.awaitContact();
      String key = keysOf(cluster.node(1), "k", 1).get(0);
      assertThat(put(cluster.node(0), "alone", key, "set").status()).isEqualTo(204);
      assertThat(cluster.node(0).group("alone").get(key)).hasToString("set");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "short, 200, 413, TOO_LARGE, value is too large",
    "narrow, 3000, 413, TOO_LARGE, value is too large"
  })
  void aValueThatItsOwnerRefusesIsStoredNowhere(
      String group, int size, int code, Reason reason, String why) throws Exception {
    try (TestCluster cluster = two().secret(SECRET).start()) {
      cluster.awaitContact();
      TestNode asked = cluster.node(0);
      TestNode owner = cluster.node(1);
      String key = keysOf(owner, "k", 1).get(0);
      String value = "x".repeat(size);

      Response answer = put(asked, group, key, value);

      assertThat(answer.status()).isEqualTo(code);
      assertThat(answer.header("Geecache-Status")).isEqualTo("refused");
      assertThat(answer.text())
          .isEqualTo(
              "a value for a key of group %s is stored nowhere for sure: its setting was refused by"
                      .formatted(group)
                  + " %s (%s)\n".formatted(owner.url(), why));
      assertThat(asked.group(group).get(key)).hasToString(key);
      NotReachedException refused =
          catchThrowableOfType(
              NotReachedException.class,
              () -> asked.group(group).set(key, ByteView.of(value), null));
      assertThat(refused.nodes()).containsExactly(owner.url());
      assertThat(refused.reasons()).containsExactly(Map.entry(owner.url(), reason));
      assertThat(put(asked, group, key, "").status()).isEqualTo(code == 413 ? 204 : code);
    }
  }

  /** Its operator has given it another secret, or none. */
  @ParameterizedTest
  @CsvSource({"another-secret-for-these-tests", "''"})
  void aNodeThatTakesNoChangesIsNamedAsSuch(String other) throws Exception {
    try (TestCluster cluster =
        two().setting(0, "geecache.secret", SECRET).setting(1, "geecache.secret", other).start()) {
      TestNode asked = cluster.node(0);
      String url = cluster.node(1).url();
      String key = keysOf(cluster.node(1), "k", 1).get(0);
      await()
          .untilAsserted(
              () -> {
                Response answer = put(asked, "short", key, "x");
                assertThat(answer.text()).endsWith(" was refused by " + url + " (not allowed)\n");
                assertThat(answer.status()).isEqualTo(502);
                assertThat(answer.header("Geecache-Status")).isEqualTo("refused");
              });
      NotReachedException refused =
          catchThrowableOfType(NotReachedException.class, () -> asked.group("short").remove(key));
      assertThat(refused)
          .hasMessage(
              "the removal of a key of group short was refused by " + url + " (not allowed)");
    }
  }

  /** A node that was not reached may lack the change, which is worse than a refusal. */
  @Test
  void ofSeveralNodesThoseThatWereNotReachedDecideTheStatus() {
    Map<String, Reason> reasons = new LinkedHashMap<>();
    reasons.put("http://a", Reason.TOO_LARGE);
    assertThat(ReplyFactory.of(new NotReachedException("it", reasons)).code()).isEqualTo(413);
    reasons.put("http://b", Reason.REFUSED);
    assertThat(ReplyFactory.of(new NotReachedException("it", reasons)).code()).isEqualTo(502);
    reasons.put("http://c", Reason.NOT_REACHED);
    Reply reply = ReplyFactory.of(new NotReachedException("it", reasons));
    assertThat(reply.code()).isEqualTo(502);
    assertThat(reply.headers()).containsEntry(Reply.STATUS_HEADER, "not-reached");
    assertThat(reply.body())
        .hasToString(
            "it did not reach http://c, and was refused by http://a (value is too large), http://b"
                + " (not allowed)\n");
  }
}
