package geecache.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Group;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Answers to nodes that show the secret, and to nodes without one, of all sizes: those that fit the
 * container's buffer, those that go out by one write, and those that are written in parts.
 */
@Timeout(120)
class AnswersToNodesTest {
  private static byte[] value(String key) {
    return (key + "-").repeat(1024).substring(0, 1024).getBytes(US_ASCII);
  }

  private static TestCluster.Builder nodes(boolean secret) {
    TestCluster.Builder two =
        TestCluster.builder()
            .nodes(2)
            .groups(node -> node.group("g").hotCopies(false).register(AnswersToNodesTest::value));
    return secret ? two.secret("a-secret-for-these-tests") : two;
  }

  @ParameterizedTest
  @CsvSource({"1, true", "40, true", "110, true", "250, true", "40, false", "250, false"})
  void haveAllValues(int count, boolean secret) throws Exception {
    try (TestCluster cluster = nodes(secret).start()) {
      cluster.awaitContact();
      TestNode asking = cluster.node(0);
      Group group = asking.group("g");
      List<String> keys =
          IntStream.iterate(0, i -> i + 1)
              .mapToObj(i -> "key-" + i)
              .filter(key -> !asking.pool().owns(key))
              .limit(count)
              .toList();
      for (int round = 0; round < 2; round++) { // Loaded, and in memory.
        assertThat(group.getAll(keys))
            .hasSize(count)
            .allSatisfy((key, value) -> assertThat(value.toByteArray()).isEqualTo(value(key)));
      }
      assertThat(group.stats().loads()).isZero();
      assertThat(cluster.node(1).group("g").stats().loads()).isEqualTo(count);
    }
  }
}
