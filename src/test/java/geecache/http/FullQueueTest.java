package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Group;
import geecache.OverloadedException;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** More is wanted of a peer than may wait: that is no fault of the peer's. */
@Timeout(120)
class FullQueueTest {
  private static final int WAITING = 5;
  private static final int TOO_MANY = 20;

  private final CountedSource source = new CountedSource();

  /** All senders are held at the peer's front, and so nothing leaves the queue. */
  @ParameterizedTest
  @CsvSource({"batch, 2", "get, 3"})
  void aGetThatFindsItFullIsOverloadedAndThePeerIsNotToBlame(String how, int senders)
      throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .fronts()
            .peerRequests(how)
            .setting("geecache.peer-connections", "3")
            .setting("geecache.peer-waiting", String.valueOf(WAITING))
            .setting("geecache.peer-timeout", "30s")
            .groups((i, node) -> node.group("g").register(source.at(i)))
            .start()) {
      cluster.awaitContact();
      TestNode owner = cluster.node(1);
      HTTPPool pool = cluster.node(0).pool();
      Group asking = cluster.node(0).group("g");
      AtomicInteger held = new AtomicInteger();
      CountDownLatch goOn = new CountDownLatch(1);
      owner
          .front()
          .cutFor(
              request -> {
                if (Reads.isRead(request)) {
                  held.incrementAndGet();
                  hold(goOn);
                }
                return false;
              });

      List<String> keys = keysOf(owner, "k", senders + WAITING + TOO_MANY + 1);
      List<CompletableFuture<ByteView>> accepted = new ArrayList<>();
      for (String key : keys.subList(0, senders)) {
        accepted.add(asking.getAsync(key));
        await().until(() -> held.get() == accepted.size());
      }
      for (String key : keys.subList(senders, senders + WAITING)) {
        accepted.add(asking.getAsync(key));
      }
      for (String key : keys.subList(senders + WAITING, senders + WAITING + TOO_MANY)) {
        assertThatThrownBy(() -> asking.get(key))
            .isExactlyInstanceOf(OverloadedException.class)
            .hasMessageContaining("overloaded");
        assertThat(source.loadsOf(key)).isEmpty();
      }
      goOn.countDown();

      for (int i = 0; i < accepted.size(); i++) {
        assertThat(result(accepted.get(i))).hasToString(valueOf(keys.get(i)));
      }
      assertThat(pool.stats().refused()).isEqualTo(TOO_MANY);
      assertThat(pool.stats().failures()).isZero();
      assertThat(pool.inContact()).containsExactly(owner.url());
      String last = keys.get(keys.size() - 1);
      assertThat(asking.get(last)).hasToString(valueOf(last));
      assertThat(source.loadsOf(last)).containsExactly(owner.index());
    }
  }

  private static void hold(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, SECONDS)).isTrue();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
