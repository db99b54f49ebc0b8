package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.cluster.HandedEntry;
import geecache.cluster.LeaveReport;
import geecache.cluster.Sender;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.Map;
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
