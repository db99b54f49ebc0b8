package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Callers;
import geecache.Geecache;
import geecache.Group;
import geecache.OverloadedException;
import geecache.Ticker;
import geecache.cluster.ClusterNode;
import geecache.cluster.ClusterRuntime;
import geecache.cluster.Meeting;
import geecache.cluster.NodeLink;
import geecache.cluster.Standing;
import geecache.internal.Waiting;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node whose connections to one peer are all in use. */
@Timeout(120)
class FullPoolTest {
  /** One for reads, one for an open answer, and those for messages. */
  private static final int CONNECTIONS = 2 + PeerClient.MESSAGES;

  private final CountedSource source = new CountedSource();

  /** Meetings hold the connections for far longer than a read waits for one. */
  @ParameterizedTest
  @EnumSource(PeerOptions.Requests.class)
  void aGetThatFindsNoneIsOverloadedAndThePeerIsNotToBlame(PeerOptions.Requests how)
      throws Exception {
    PeerOptions options =
        PeerOptions.builder()
            .requests(how)
            .timeout(Duration.ofSeconds(4))
            .connections(1)
            .maxOpenAnswers(1)
            .build();
    PeerThreads threads = new PeerThreads();
    try (Callers callers = new Callers(); // They end with the client.
        TestCluster cluster =
            TestCluster.builder()
                .fronts()
                .groups(node -> node.group("g").register(source.at(1)))
                .start();
        PeerClient client = new PeerClient(7, options);
        Geecache node = new Geecache(Ticker.system(), 0)) {
      TestNode peer = cluster.node(0);
      HttpLinks links = new HttpLinks(client, options, HTTPPool.DEFAULT_BASE_PATH, threads.timer());
      ClusterNode asking =
          new ClusterNode(
              node.local(),
              "http://asking:1",
              7,
              options.cluster(),
              new ClusterRuntime(
                  Ticker.system(),
                  System::currentTimeMillis,
                  threads.executor(),
                  threads.timer(),
                  new Random(),
                  Waiting.REAL),
              links);
      node.registerPeers(asking);
      Group group = node.group("g").register(source.at(0));
      asking.set(List.of("http://asking:1", peer.url()));
      await().until(() -> asking.inContact().contains(peer.url()));
      String key = foreignKey(asking);

      peer.front().onlyFor(request -> request.target().startsWith("/_cluster/"));
      peer.front().become(Fault.TRICKLE);
      NodeLink link = links.node(peer.url());
      Meeting meeting = new Meeting("", Standing.UNTOLD, 0, false, List.of());
      for (int i = 0; i < CONNECTIONS; i++) {
        callers.call(() -> link.meet(meeting, Duration.ofMinutes(1)));
      }
      await().until(() -> peer.front().requests(Fault.TRICKLE) == CONNECTIONS);

      assertThatThrownBy(() -> group.get(key))
          .isExactlyInstanceOf(OverloadedException.class)
          .hasMessageContaining("connections");

      assertThat(source.loadsOf(key)).isEmpty();
      assertThat(asking.stats().failures()).isZero();
      assertThat(asking.stats().refused()).isEqualTo(1);
    } finally {
      threads.close(Duration.ofSeconds(5));
    }
  }

  /** Returns a key that is not of {@code node}. */
  private static String foreignKey(ClusterNode node) {
    int i = 0;
    while (node.owns("k" + i)) {
      i++;
    }
    return "k" + i;
  }
}
