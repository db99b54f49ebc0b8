package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.Callers;
import geecache.GatedGetter;
import geecache.LocalNode;
import geecache.NotReachedException;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes join, and ask those who owned the keys before the source. */
class WarmJoinTest extends WarmCluster {
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatJoinsAsksTheFormerOwners(String how) throws Exception {
    try (TestCluster cluster = started(cluster(3, how), 3, 2)) {
      warm(cluster.node(0));
      show(cluster, 0, 1, 2);
      assertThat(ownedBy(cluster.node(2))).isNotEmpty();
      assertNothingIsLoaded(cluster, 0, 1, 2);
      assertThat(peekHits(cluster.node(2))).isEqualTo(ownedBy(cluster.node(2)).size());
    }
  }

  /** The former owner is loading the key: what asks only for what it has does not wait for that. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aPeekWaitsForNoLoad(String how) throws Exception {
    Map<Integer, GatedGetter> gated = Map.of(0, new GatedGetter(), 1, new GatedGetter());
    try (Callers callers = new Callers();
        TestCluster cluster =
            started(
                cluster(2, how).groups((i, node) -> node.group("gated").register(gated.get(i))),
                2,
                1)) {
      warm(cluster.node(0));
      String key = "moved";
      CompletableFuture<ByteView> old = callers.call(() -> cluster.node(0).group("gated").get(key));
      GatedGetter.Call loading = gated.get(0).next();
      cluster.node(1).pool().set(cluster.urls());
      cluster.node(0).pool().set(cluster.urls());
      String moved = key;
      if (cluster.node(1).pool().owns(moved)) {
        CompletableFuture<ByteView> now =
            callers.call(() -> cluster.node(1).group("gated").get(moved));
        gated.get(1).next().answer("new");
        assertThat(result(now)).hasToString("new");
      }
      loading.answer("old");
      assertThat(result(old)).hasToString("old");
    }
  }

  /** Node 0 does not hear of the removal; the new owner does, and tells it when it asks. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aPeekNamesTheRemovalsThatTheFormerOwnerMissed(String how) throws Exception {
    try (TestCluster cluster = started(cluster(4, how), 4, 3)) {
      warm(cluster.node(1));
      show(cluster, 0, 1, 2, 3);
      String key =
          ownedBy(cluster.node(3)).stream()
              .filter(k -> LocalNode.partOf(cluster.node(0).group("db")).peek(k) != null)
              .findFirst()
              .orElseThrow();
      hideNodeMessages(cluster.node(0));
      source.put(key, 2);
      assertThatThrownBy(() -> cluster.node(1).group("db").remove(key))
          .isInstanceOf(NotReachedException.class)
          .hasMessageContaining(cluster.node(0).url());
      assertThat(LocalNode.partOf(cluster.node(0).group("db")).peek(key)).isNotNull();
      assertThat(get(cluster.node(3), key)).isEqualTo("v2");
      assertThat(LocalNode.partOf(cluster.node(0).group("db")).peek(key)).isNull();
    }
  }

  /** As at a plain undeploy: it asks and tells others, and hears nothing itself. */
  private static void hideNodeMessages(TestNode node) {
    node.front().onlyFor(head -> !Reads.isRead(head));
    node.front().become(Fault.NOT_FOUND_PAGE);
  }
}
