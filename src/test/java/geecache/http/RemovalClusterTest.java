package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Callers;
import geecache.GatedGetter;
import geecache.Group;
import geecache.NotReachedException;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Removals and sets across nodes. */
class RemovalClusterTest extends RemovalCluster {
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aRemovalHoldsOnEveryNodeWhoeverRemoves(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how))) {
      int version = 1;
      for (TestNode owner : cluster.nodes()) {
        String key = keysOwnedBy(owner, 1).get(0);
        for (TestNode remover : cluster.nodes()) {
          warm(cluster, key);
          source.put(key, ++version);
          remover.group("db").remove(key);
          for (TestNode node : cluster.nodes()) {
            assertThat(get(node, key)).isEqualTo("v" + version);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void clearingAndRemovingManyHoldOnEveryNode(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how))) {
      List<String> keys = IntStream.range(0, 2_500).mapToObj(i -> "key" + i).toList();
      Group last = cluster.node(2).group("db");
      last.getAll(keys);
      keys.forEach(key -> source.put(key, 2));
      last.removeAll(keys);
      assertThat(Set.copyOf(cluster.node(1).group("db").getAll(keys).values()))
          .containsExactly(ByteView.of("v2"));
      keys.forEach(key -> source.put(key, 3));
      cluster.node(0).group("db").clear();
      assertThat(Set.copyOf(last.getAll(keys).values())).containsExactly(ByteView.of("v3"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aSetIsStoredByTheOwnerAndSeenByAll(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how))) {
      int number = 0;
      for (TestNode owner : cluster.nodes()) {
        String key = keysOwnedBy(owner, 1).get(0);
        for (TestNode setter : cluster.nodes()) {
          warm(cluster, key);
          ByteView value = ByteView.of("set " + number++);
          long loads = loads(cluster);
          setter.group("db").set(key, value, null);
          for (TestNode node : cluster.nodes()) {
            assertThat(node.group("db").get(key)).isEqualTo(value);
          }
          assertThat(loads(cluster)).isEqualTo(loads);
        }
      }
    }
  }

  private static long loads(TestCluster cluster) {
    return cluster.nodes().stream().mapToLong(node -> node.group("db").stats().loads()).sum();
  }

  /** The owner is loading, another node waits for it, and a third removes. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void removalDuringAFetch(String how) throws Exception {
    GatedGetter gated = new GatedGetter();
    try (Callers callers = new Callers();
        TestCluster cluster =
            met(cluster(3, how).groups(node -> node.group("gated").register(gated)))) {
      String key = keysOwnedBy(cluster.node(0), 1).get(0);
      Group asking = cluster.node(1).group("gated");
      CompletableFuture<ByteView> early = callers.call(() -> asking.get(key));
      GatedGetter.Call old = gated.next();

      cluster.node(2).group("gated").remove(key);
      List<CompletableFuture<ByteView>> late = new ArrayList<>();
      for (TestNode node : cluster.nodes()) {
        late.add(callers.call(() -> node.group("gated").get(key)));
      }
      GatedGetter.Call fresh = gated.next();
      old.answer("old");
      assertThat(result(early)).hasToString("old");
      fresh.answer("new");
      for (CompletableFuture<ByteView> get : late) {
        assertThat(result(get)).hasToString("new");
      }
      for (TestNode node : cluster.nodes()) {
        assertThat(node.group("gated").get(key)).hasToString("new");
      }
    }
  }

  @Test
  void withoutASecretNothingIsChangedWhereThereArePeers() throws Exception {
    try (TestCluster cluster =
        met(TestCluster.builder().nodes(2).groups(n -> n.group("db").register(this::load)))) {
      for (TestNode node : cluster.nodes()) {
        get(node, "Tom");
      }
      Group group = cluster.node(0).group("db");
      source.put("Tom", 2);
      String message =
          "changes need a secret where there are peers: set geecache.secret on all nodes";
      assertThatThrownBy(() -> group.remove("Tom"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(message);
      assertThatThrownBy(group::clear).hasMessage(message);
      assertThatThrownBy(() -> group.set("Tom", ByteView.of("x"), null)).hasMessage(message);
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, "Tom")).isEqualTo("v1");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatWasPausedDuringARemovalAndReturns(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how).setting("geecache.peer-timeout", "2500ms"))) {
      TestNode paused = cluster.node(1);
      String key = keysOwnedBy(paused, 1).get(0);
      warm(cluster, key);
      paused.front().become(Fault.SILENT);
      source.put(key, 2);
      assertThatThrownBy(() -> cluster.node(0).group("db").remove(key))
          .isInstanceOfSatisfying(
              NotReachedException.class,
              failure -> assertThat(failure.nodes()).containsExactly(paused.url()))
          .hasMessage("the removal of a key of group db did not reach " + paused.url());
      assertThat(get(cluster.node(0), key)).isEqualTo("v2");
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
      assertThat(cluster.node(0).pool().inContact()).doesNotContain(paused.url());

      paused.front().become(Fault.PASS);
      await().untilAsserted(() -> assertThat(get(paused, key)).isEqualTo("v2"));
      await()
          .untilAsserted(
              () -> assertThat(cluster.node(0).pool().inContact()).contains(paused.url()));
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, key)).isEqualTo("v2");
      }
    }
  }
}
