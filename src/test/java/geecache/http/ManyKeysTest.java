package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.CacheException;
import geecache.Callers;
import geecache.Group;
import geecache.LoadTimeoutException;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many keys that one peer owns, which a caller's thread asks for with one question. */
@Timeout(120)
class ManyKeysTest {
  private final CountedSource source = new CountedSource();

  private TestCluster cluster(Duration wait) throws Exception {
    TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .fronts()
            .setting("geecache.peer-timeout", "30s")
            .groups((i, node) -> node.group("g").waitTimeout(wait).register(source.at(i)))
            .start();
    cluster.awaitContact();
    return cluster;
  }

  /** Has the first read of {@code owner} wait for {@code goOn}; returns how many came. */
  private static AtomicInteger holdFirstRead(TestNode owner, CountDownLatch goOn) {
    AtomicInteger reads = new AtomicInteger();
    owner
        .front()
        .cutFor(
            request -> {
              if (Reads.isRead(request) && reads.incrementAndGet() == 1) {
                awaitUninterrupted(goOn);
              }
              return false;
            });
    return reads;
  }

  private static void awaitUninterrupted(CountDownLatch goOn) {
    try {
      goOn.await();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 3_000, 24_568})
  void areTheValuesThatTheirOwnerLoads(int count) throws Exception {
    try (TestCluster cluster = cluster(Duration.ofSeconds(60))) {
      List<String> keys = keysOf(cluster.node(1), "k", count);
      for (int i = 0; i < 2; i++) {
        Map<String, ByteView> values = cluster.node(0).group("g").getAll(keys);
        assertThat(values.keySet()).containsExactlyElementsOf(keys);
        assertThat(values).allSatisfy((key, value) -> assertThat(value).hasToString(valueOf(key)));
      }
      assertThat(keys).allSatisfy(key -> assertThat(source.loadsOf(key)).containsExactly(1));
    }
  }

  @Test
  void manyCallersOfTheSameKeysGetThemAll() throws Exception {
    try (Callers callers = new Callers();
        TestCluster cluster = cluster(Duration.ofSeconds(60))) {
      List<String> keys = keysOf(cluster.node(1), "k", 400);
      Group asking = cluster.node(0).group("g");
      List<CompletableFuture<Map<String, ByteView>>> all = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        List<String> some = keys.subList(2 * i, 2 * i + 200);
        all.add(callers.call(() -> asking.getAll(some)));
      }
      for (CompletableFuture<Map<String, ByteView>> some : all) {
        assertThat(result(some))
            .hasSize(200)
            .allSatisfy((key, value) -> assertThat(value).hasToString(valueOf(key)));
      }
      assertThat(asking.stats().loads()).isZero();
    }
  }

  /** The peer has said nothing yet, and would be given much more time. */
  @Test
  void anInterruptEndsOnesOwnWaitAndOthersGetWhatTheyJoined() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Callers callers = new Callers();
        TestCluster cluster = cluster(Duration.ofSeconds(60))) {
      List<String> keys = keysOf(cluster.node(1), "k", 20);
      AtomicInteger reads = holdFirstRead(cluster.node(1), goOn);
      Group asking = cluster.node(0).group("g");
      CompletableFuture<Boolean> interrupted =
          callers.call(
              () -> {
                assertThatThrownBy(() -> asking.getAll(keys))
                    .isInstanceOf(LoadTimeoutException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
                return Thread.interrupted();
              });
      await().until(() -> reads.get() == 1);
      CompletableFuture<ByteView> joined = asking.getAsync(keys.get(7));
      assertThat(asking.stats().fetchesDeduplicated()).isEqualTo(1);
      callers.last().interrupt();
      assertThat(result(interrupted)).isTrue();
      assertThat(result(joined)).hasToString(valueOf(keys.get(7)));
      assertThat(asking.stats().loads()).isZero();
      assertThat(cluster.node(0).pool().stats().failures()).isZero();
      goOn.countDown();
    }
  }

  @Test
  void aDeadlineEndsOnesOwnWaitAndOthersGetWhatTheyJoined() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Callers callers = new Callers();
        TestCluster cluster = cluster(Duration.ofSeconds(1))) {
      List<String> keys = keysOf(cluster.node(1), "k", 20);
      AtomicInteger reads = holdFirstRead(cluster.node(1), goOn);
      Group asking = cluster.node(0).group("g");
      CompletableFuture<Map<String, ByteView>> all = callers.call(() -> asking.getAll(keys));
      await().until(() -> reads.get() == 1);
      CompletableFuture<ByteView> joined =
          callers.call(() -> asking.get(keys.get(7), Duration.ofSeconds(60)));
      assertThatThrownBy(() -> result(all)).isInstanceOf(CacheException.class);
      assertThat(result(joined)).hasToString(valueOf(keys.get(7)));
      assertThat(asking.stats().loads()).isZero();
      assertThat(cluster.node(0).pool().stats().failures()).isZero();
      goOn.countDown();
    }
  }
}
