package geecache.http;

import static geecache.http.CountedSource.keysOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Callers;
import geecache.Group;
import geecache.OverloadedException;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All connections to a peer are in use: that is no fault of the peer's. */
@Timeout(120)
class FullPoolTest {
  /** One for requests, one for an open answer, and one more. */
  private static final int CONNECTIONS = 3;

  private final CountedSource source = new CountedSource();

  /** Changes hold the connections for twice as long as a read waits for one. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aGetThatFindsNoneIsOverloadedAndThePeerIsNotToBlame(String how) throws Exception {
    try (Callers callers = new Callers();
        TestCluster cluster =
            TestCluster.builder()
                .nodes(2)
                .fronts()
                .peerRequests(how)
                .setting("geecache.peer-timeout", "1s")
                .secret("open-sesame-sesame")
                .setting("geecache.peer-connections", "1")
                .setting("geecache.peer-parked", "1")
                .groups((i, node) -> node.group("g").register(source.at(i)))
                .start()) {
      cluster.awaitContact();
      TestNode peer = cluster.node(1);
      Group asking = cluster.node(0).group("g");
      String key = keysOf(peer, "k", 1).get(0);
      peer.front().onlyFor(request -> request.target().startsWith("/_cluster/change"));
      peer.front().become(Fault.TRICKLE);
      for (int i = 0; i < CONNECTIONS; i++) {
        String removed = "removed" + i;
        callers.call(
            () -> {
              asking.remove(removed);
              return null;
            });
      }
      await().until(() -> peer.front().requests(Fault.TRICKLE) == CONNECTIONS);

      assertThatThrownBy(() -> asking.get(key))
          .isExactlyInstanceOf(OverloadedException.class)
          .hasMessageContaining("connections");

      assertThat(source.loadsOf(key)).isEmpty();
      assertThat(cluster.node(0).pool().stats().failures()).isZero();
      assertThat(cluster.node(0).pool().stats().refused()).isEqualTo(1);
    }
  }
}
