package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.Group;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer is well again, and the connections that are kept to it are not. */
@Timeout(120)
class BadConnectionsTest {
  private static final int CONNECTIONS = 12;

  /** Three in a row are enough; an answer that came before may still be counted in between. */
  private static final int ENOUGH_TO_OPEN_THE_BREAKER = 6;

  /** Each has had an answer that was too long, and with so many, meetings would fail for long. */
  @Test
  void aPeerIsMetAgainOverAConnectionThatIsNew() throws Exception {
    CountedSource source = new CountedSource();
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .fronts()
            .peerRequests("get")
            .setting("geecache.peer-timeout", "30s")
            .groups((i, node) -> node.group("g").register(source.at(i)))
            .start()) {
      cluster.awaitContact();
      TestNode peer = cluster.node(1);
      Group asking = cluster.node(0).group("g");
      List<String> keys = keysOf(peer, "k", CONNECTIONS + ENOUGH_TO_OPEN_THE_BREAKER);
      CyclicBarrier barrier = new CyclicBarrier(CONNECTIONS);
      peer.front().become(Fault.LONG_BODY);
      peer.front().cutFor(request -> Reads.isRead(request) && meet(barrier)); // Not meetings.
      List<CompletableFuture<ByteView>> answers =
          keys.subList(0, CONNECTIONS).stream().map(asking::getAsync).toList();
      for (int i = 0; i < CONNECTIONS; i++) {
        assertThat(result(answers.get(i))).hasToString(valueOf(keys.get(i)));
      }

      HTTPPool pool = cluster.node(0).pool();
      AtomicInteger meetings = new AtomicInteger(); // Those from no contact to contact.
      peer.front()
          .cutFor(
              request -> {
                boolean isMeeting = !Reads.isRead(request) && pool.inContact().isEmpty();
                meetings.addAndGet(isMeeting ? 1 : 0);
                return false;
              });
      peer.front().become(Fault.PASS);
      for (int i = CONNECTIONS; !pool.inContact().isEmpty(); i++) {
        String key = keys.get(i);
        assertThat(asking.get(key)).hasToString(valueOf(key));
        assertThat(source.loadsOf(key)).contains(0);
      }
      cluster.awaitContact();

      assertThat(meetings).hasValue(1);
    }
  }

  private static boolean meet(CyclicBarrier barrier) {
    try {
      barrier.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException missing) {
      throw new AssertionError("fewer connections than keys", missing);
    }
    return false;
  }
}
