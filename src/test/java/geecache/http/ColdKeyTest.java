package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.GatedGetter;
import geecache.GroupStats;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everybody wants one key at once. */
@Timeout(120)
class ColdKeyTest {
  private static final int NODES = 5;
  private static final int GETS = 200;

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aThousandGetsOnFiveNodesMakeOneLoad(String how) throws Exception {
    GatedGetter gate = new GatedGetter();
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(NODES)
            .peerRequests(how)
            .groups(node -> node.group("g").register(gate))
            .start()) {
      cluster.awaitContact();
      TestNode owner = cluster.node(3);
      String key = keysOf(owner, "k", 1).get(0);

      List<CompletableFuture<ByteView>> answers = new ArrayList<>();
      for (int i = 0; i < GETS; i++) {
        cluster.nodes().forEach(node -> answers.add(node.group("g").getAsync(key)));
      }
      GatedGetter.Call load = gate.next();
      for (TestNode node : cluster.nodes()) {
        await().until(() -> allHaveJoined(node.group("g").stats(), node == owner));
      }
      load.answer("value");

      assertThat(answers).hasSize(1_000);
      for (CompletableFuture<ByteView> answer : answers) {
        assertThat(result(answer)).hasToString("value");
      }
      assertThat(gate.keys()).containsExactly(key);
    }
  }

  /** At the owner its own gets, and one of each other node. */
  private static boolean allHaveJoined(GroupStats stats, boolean atOwner) {
    return atOwner
        ? stats.loads() == 1 && stats.loadsDeduplicated() >= GETS - 1 + NODES - 1
        : stats.fetches() == 1 && stats.fetchesDeduplicated() == GETS - 1;
  }
}
