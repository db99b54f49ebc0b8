package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.Callers;
import geecache.GatedGetter;
import geecache.Group;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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

  /**
   * The setter reads between its own removal and the set at the owner: what it then has from the
   * source must not outlive the set.
   */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aReadDuringASetDoesNotOutliveIt(String how) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    try (Callers callers = new Callers();
        TestCluster cluster = met(cluster(2, how).setting("geecache.peer-timeout", "20s"))) {
      String key = keysOwnedBy(cluster.node(1), 1).get(0);
      warm(cluster, key);
      cluster
          .node(1)
          .front()
          .onlyFor(
              head -> {
                if (isChange(head)) {
                  held.countDown();
                  return !passes(release);
                }
                return false;
              });
      CompletableFuture<Void> set =
          callers.call(
              () -> {
                cluster.node(0).group("db").set(key, ByteView.of("set"), null);
                return null;
              });
      held.await();
      for (int i = 0; i < 20; i++) {
        assertThat(get(cluster.node(0), key)).isEqualTo("v1");
      }
      release.countDown();
      result(set);
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, key)).isEqualTo("set");
      }
    }
  }

  @Test
  void anyTimeToLiveCanBeSetAndANegativeOneChangesNothing() throws Exception {
    try (TestCluster cluster = met(cluster(2, "batch"))) {
      String key = keysOwnedBy(cluster.node(1), 1).get(0);
      Group group = cluster.node(0).group("db");
      for (Duration life : List.of(ChronoUnit.FOREVER.getDuration(), Duration.ofNanos(1))) {
        group.set(key, ByteView.of("set"), life);
      }
      group.set(key, ByteView.of("set"), ChronoUnit.FOREVER.getDuration());
      assertThatThrownBy(() -> group.set(key, ByteView.of("x"), Duration.ofSeconds(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("time to live must not be negative: PT-1S");
      assertThat(group.get(key, ChronoUnit.FOREVER.getDuration())).hasToString("set");
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
}
