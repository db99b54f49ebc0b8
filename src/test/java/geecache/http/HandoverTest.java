package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.NotReachedException;
import geecache.cluster.HandedEntry;
import geecache.cluster.LeaveReport;
import geecache.cluster.Sender;
import geecache.testing.Fault;
import geecache.testing.Head;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node that leaves hands over, and what is refused. */
class HandoverTest extends WarmCluster {
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatLeavesHandsOverWhatItHas(String how) throws Exception {
    try (TestCluster cluster = started(cluster(3, how), 3, 3)) {
      warm(cluster.node(0));
      TestNode leaver = cluster.node(0);
      int owned = ownedBy(leaver).size();
      LeaveReport report = result(leaver.pool().leave());
      assertThat(report.over()).isTrue();
      assertThat(List.of(report.entries(), report.taken(), report.refused(), report.unsent()))
          .containsExactly((long) owned, (long) owned, 0L, 0L);
      assertThat(ownedBy(leaver)).isEmpty();
      assertThat(cluster.node(1).pool().stats().taken() + cluster.node(2).pool().stats().taken())
          .isEqualTo(owned);
      assertThat(leaver.pool().stats().handedOver()).isEqualTo(owned);
      leaver.stop();
      assertNothingIsLoaded(cluster, 1, 2);
    }
  }

  @Test
  void strangersHandNothingOver() throws Exception {
    try (TestCluster cluster = started(cluster(1, "batch"), 1, 1)) {
      Response refused =
          cluster
              .node(0)
              .request(
                  "POST",
                  "/_cluster/handoff?group=db",
                  Map.of(
                      "Authorization",
                      "Bearer " + SECRET,
                      PeerHeaders.SENDER,
                      PeerHeaders.of(new Sender(7, 1))),
                  new byte[0]);
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.text())
          .isEqualTo("only a node that was in contact may hand entries over\n");
    }
  }

  @Test
  void aNodeThatIsUndeployedHandsOverAlone() throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      cluster.node(0).stop();
      assertNothingIsLoaded(cluster, 1, 2);
    }
  }

  /** Node 0 is told of nothing any more, as one that is being undeployed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKeyRemovedBeforeItsEntryComesIsRefused(boolean all) throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      TestNode leaver = cluster.node(0);
      String key = ownedBy(leaver).get(0);
      cluster.node(0).front().become(Fault.NOT_FOUND_PAGE);
      source.put(key, 2);
      assertThatThrownBy(
              () -> {
                if (all) {
                  cluster.node(1).group("db").clear();
                } else {
                  cluster.node(1).group("db").remove(key);
                }
              })
          .isInstanceOf(NotReachedException.class);
      LeaveReport report = result(leaver.pool().leave());
      assertThat(report.refused()).isEqualTo(all ? report.entries() : 1);
      for (TestNode node : cluster.nodes().subList(1, 3)) {
        assertThat(get(node, key)).isEqualTo("v2");
      }
    }
  }

  /** A message with its entry is on its way while the key is removed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKeyRemovedWhileItsEntryIsOnItsWayIsRefused(boolean all) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      warm(cluster.node(0));
      String key = ownedBy(cluster.node(0)).get(0);
      CountDownLatch sent = new CountDownLatch(1);
      cluster.node(1).front().cutFor(head -> isHandoff(head) && !passes(sent, release));
      CompletableFuture<LeaveReport> left = cluster.node(0).pool().leave();
      assertThat(sent.await(1, TimeUnit.MINUTES)).isTrue();
      source.put(key, 2);
      if (all) {
        cluster.node(1).group("db").clear();
      } else {
        cluster.node(1).group("db").remove(key);
      }
      release.countDown();
      assertThat(result(left).refused()).isPositive();
      assertThat(get(cluster.node(1), key)).isEqualTo("v2");
      assertThat(get(cluster.node(0), key)).isEqualTo("v2");
    }
  }

  private static boolean isHandoff(Head head) {
    return head.target().startsWith("/_cluster/handoff");
  }

  /** What was removed everywhere and loaded again is as good as anything else. */
  @Test
  void anEntryNamesTheRemovalsThatItsNodeKnows() throws Exception {
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      warm(cluster.node(0));
      cluster.node(1).group("db").clear();
      KEYS.forEach(key -> source.put(key, 2));
      cluster.node(1).group("db").removeAll(KEYS);
      for (String key : KEYS) {
        assertThat(get(cluster.node(1), key)).isEqualTo("v2");
      }
      LeaveReport report = result(cluster.node(0).pool().leave());
      assertThat(List.of(report.refused(), report.unsent())).containsExactly(0L, 0L);
      assertThat(report.taken()).isPositive();
    }
  }

  /** However long a silence the node bears otherwise. */
  @Test
  void handingOverEndsWithItsTime() throws Exception {
    try (TestCluster cluster =
        started(
            cluster(2, "batch")
                .setting("geecache.handoff", "600ms")
                .setting("geecache.peer-timeout", "5m"),
            2,
            2)) {
      warm(cluster.node(0));
      cluster.node(1).front().onlyFor(HandoverTest::isHandoff);
      cluster.node(1).front().become(Fault.SILENT);
      LeaveReport report = result(cluster.node(0).pool().leave());
      assertThat(report.over()).isTrue();
      assertThat(report.unsent()).isEqualTo(report.entries()).isPositive();
      // It can still be asked for them.
      cluster.node(1).front().become(Fault.PASS);
      assertNothingIsLoaded(cluster, 1);
    }
  }

  @Test
  void aReceiverThatIsGoneCostsItsShareAlone() throws Exception {
    try (TestCluster cluster = started(cluster(3, "batch"), 3, 3)) {
      warm(cluster.node(0));
      cluster.node(1).front().onlyFor(HandoverTest::isHandoff);
      cluster.node(1).front().become(Fault.RESET);
      LeaveReport report = result(cluster.node(0).pool().leave());
      assertThat(report.unsent()).isPositive();
      assertThat(report.taken()).isPositive();
      assertThat(report.took()).isLessThan(Duration.ofSeconds(60));
    }
  }

  /** As where a version without that group is being deployed. */
  @Test
  void aGroupThatAReceiverLacksCostsItselfAlone() throws Exception {
    try (TestCluster cluster = started(cluster(2, "batch"), 2, 2)) {
      TestNode leaver = cluster.node(0);
      List<String> owned =
          IntStream.iterate(0, i -> i + 1)
              .mapToObj(i -> "many" + i)
              .filter(leaver.pool()::owns)
              .limit(HandedEntry.MOST_IN_A_MESSAGE + 100)
              .toList();
      leaver.group("db").getAll(owned);
      leaver.geecache().group("lone").register(this::load).get(owned.get(0));
      LeaveReport report = result(leaver.pool().leave());
      assertThat(List.of(report.taken(), report.refused(), report.unsent()))
          .containsExactly((long) owned.size(), 0L, 1L);
    }
  }
}
