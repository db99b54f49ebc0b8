package geecache.http;

import static geecache.http.CountedSource.keysOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.Getter;
import geecache.Group;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another node answers at a URL that is known. */
@Timeout(120)
class RestartedPeerTest {
  private static final int KEYS = 20;

  /** Meetings are held back, so that the restarted node is there and has not been met. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aRestartedPeerIsMetBeforeItsAnswersAreUsed(String how) throws Exception {
    AtomicInteger lives = new AtomicInteger();
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .fronts()
            .peerRequests(how)
            .groups((i, node) -> node.group("g").register(getter(i, lives)))
            .start()) {
      cluster.awaitContact();
      TestNode peer = cluster.node(1);
      Group asking = cluster.node(0).group("g");
      List<String> keys = keysOf(peer, "k", 3 * KEYS);
      assertThat(valuesOf(asking, keys.subList(0, KEYS))).containsOnly("by 1, life 1");

      peer.front().cutFor(request -> !Reads.isRead(request));
      peer.restart();

      assertThat(valuesOf(asking, keys.subList(KEYS, 2 * KEYS))).containsOnly("by 0");
      assertThat(cluster.node(0).pool().inContact()).isEmpty();

      peer.front().heal();
      cluster.awaitContact();
      List<String> fresh = new ArrayList<>(keys.subList(2 * KEYS, 3 * KEYS));
      await().until(() -> asking.get(fresh.remove(0)).toString().equals("by 1, life 2"));
    }
  }

  private static Getter getter(int node, AtomicInteger lives) {
    if (node == 0) {
      return key -> "by 0".getBytes(UTF_8);
    }
    int life = lives.incrementAndGet();
    return key -> ("by 1, life " + life).getBytes(UTF_8);
  }

  private static List<String> valuesOf(Group group, List<String> keys) throws Exception {
    List<String> values = new ArrayList<>();
    for (String key : keys) {
      values.add(group.get(key).toString());
    }
    return values;
  }
}
