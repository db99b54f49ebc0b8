package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Callers;
import geecache.Group;
import geecache.LogCapture;
import geecache.NotReachedException;
import geecache.cluster.Sender;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Removals across nodes that do not hear each other, and meet again. */
class LostContactTest extends RemovalCluster {
  /** Its contact with itself cannot be made, and is not tried without end. */
  @Test
  void aNodeThatIsNamedTwiceSaysSoOnce() throws Exception {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.WARNING);
        TestCluster cluster = TestCluster.builder().secret(SECRET).start()) {
      TestNode node = cluster.node(0);
      String alias = node.url().replace("127.0.0.1", "localhost");
      node.pool().set(List.of(node.url(), alias));
      await().untilAsserted(() -> assertThat(log.messages()).isNotEmpty());
      assertThat(log.messages())
          .containsExactly(
              "WARNING "
                  + alias
                  + " is this node itself, which knows itself by another URL: all nodes have to name it by"
                  + " one, and geecache.self, if it is set, has to be that");
    }
  }

  /**
   * Node 2 takes node 1 for the owner; node 0 is. The remover tells 0 and 2, and is held on its way
   * to 1. What 2 then reads from 1 is not older than the removal that 2 knows and 1 does not.
   */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void removalBetweenOwnerAndANodeWithAnOlderView(String how) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Callers callers = new Callers();
        TestCluster cluster = met(cluster(3, how).view(2, 1, 2))) {
      String key =
          IntStream.iterate(0, i -> i + 1)
              .mapToObj(i -> "key" + i)
              .filter(k -> cluster.node(0).pool().owns(k) && !cluster.node(2).pool().owns(k))
              .findFirst()
              .orElseThrow();
      for (int i = 0; i < 20; i++) {
        assertThat(get(cluster.node(2), key)).isEqualTo("v1");
      }
      assertThat(cluster.node(1).group("db").stats().entries()).isEqualTo(1);
      cluster.node(1).front().onlyFor(head -> isChange(head) && !passes(release));

      source.put(key, 2);
      CompletableFuture<Void> removal =
          callers.call(
              () -> {
                cluster.node(0).group("db").remove(key);
                return null;
              });
      await().untilAsserted(() -> assertThat(get(cluster.node(2), key)).isEqualTo("v2"));
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
      release.countDown();
      removal.handle((done, failure) -> null).get(1, TimeUnit.MINUTES);
      for (TestNode node : cluster.nodes()) {
        assertThat(get(node, key)).isEqualTo("v2");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatWasPausedDuringARemovalAndReturns(String how) throws Exception {
    try (TestCluster cluster = met(cluster(3, how))) {
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

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void twoHalvesThatMeetAgain(String how) throws Exception {
    try (TestCluster cluster = met(cluster(4, how))) {
      String left = keysOwnedBy(cluster.node(0), 1).get(0);
      String right = keysOwnedBy(cluster.node(3), 1).get(0);
      warm(cluster, left);
      warm(cluster, right);
      cut(cluster.nodes().subList(0, 2), cluster.nodes().subList(2, 4));
      source.put(left, 2);
      source.put(right, 2);
      assertThatThrownBy(() -> cluster.node(1).group("db").remove(left))
          .isInstanceOf(NotReachedException.class)
          .hasMessageContaining(cluster.node(2).url())
          .hasMessageContaining(cluster.node(3).url());
      assertThatThrownBy(() -> cluster.node(2).group("db").remove(right))
          .isInstanceOf(NotReachedException.class);
      assertThat(get(cluster.node(0), left)).isEqualTo("v2");
      assertThat(get(cluster.node(3), right)).isEqualTo("v2");

      cluster.nodes().forEach(node -> node.front().heal());
      await()
          .untilAsserted(
              () -> {
                for (TestNode node : cluster.nodes()) {
                  assertThat(get(node, left)).isEqualTo("v2");
                  assertThat(get(node, right)).isEqualTo("v2");
                }
              });
      cluster.awaitContact();
    }
  }

  private static void cut(List<TestNode> one, List<TestNode> other) {
    cutFrom(one, other);
    cutFrom(other, one);
  }

  private static void cutFrom(List<TestNode> nodes, List<TestNode> senders) {
    Set<String> ids =
        senders.stream()
            .map(sender -> PeerHeaders.of(new Sender(sender.pool().id(), 0)).substring(0, 16))
            .collect(Collectors.toSet());
    for (TestNode node : nodes) {
      node.front()
          .cutFor(
              head -> {
                String mark = head.header(PeerHeaders.SENDER);
                return mark != null && ids.contains(mark.substring(0, 16));
              });
    }
  }

  /** More was removed without the paused node than the others remember. */
  @Test
  void aLogThatDoesNotReachBackClearsTheNodeThatIsMet() throws Exception {
    try (TestCluster cluster = met(cluster(2, "batch").setting("geecache.removal-log", "10"))) {
      TestNode paused = cluster.node(1);
      String key = keysOwnedBy(paused, 1).get(0);
      warm(cluster, key);
      paused.front().become(Fault.REFUSE);
      source.put(key, 2);
      Group group = cluster.node(0).group("db");
      assertThatThrownBy(() -> group.remove(key)).isInstanceOf(NotReachedException.class);
      for (int i = 0; i < 20; i++) {
        String other = "other" + i;
        assertThatThrownBy(() -> group.remove(other)).isInstanceOf(NotReachedException.class);
      }
      assertThat(get(paused, key)).isEqualTo("v1");
      paused.front().become(Fault.PASS);
      await().untilAsserted(() -> assertThat(get(paused, key)).isEqualTo("v2"));
    }
  }

  @Test
  void whoIsKnownToOthersAloneIsToldToo() throws Exception {
    try (TestCluster cluster = met(cluster(3, "batch").view(0, 0, 1))) {
      String key = keysOwnedBy(cluster.node(2), 1).get(0);
      warm(cluster, key);
      source.put(key, 2);
      cluster.node(0).group("db").remove(key);
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
    }
  }
}
