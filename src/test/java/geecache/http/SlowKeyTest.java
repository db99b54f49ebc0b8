package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Callers;
import geecache.GatedGetter;
import geecache.Group;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key that takes long to load delays no other key of the same peer. */
@Timeout(120)
class SlowKeyTest {
  private static final int FAST = 1_000;
  private static final int CALLERS = 8;

  private final CountedSource source = new CountedSource();
  private final GatedGetter gate = new GatedGetter();

  /** Two nodes; keys that begin with "slow" take until they are let go. */
  private TestCluster.Builder cluster(String how) {
    return TestCluster.builder()
        .nodes(2)
        .fronts()
        .peerRequests(how)
        .setting("geecache.peer-timeout", "10s")
        .groups((i, node) -> node.group("g").register(key -> load(i, key)));
  }

  private byte[] load(int node, String key) throws Exception {
    byte[] value = source.load(node, key);
    return key.startsWith("slow") ? gate.get(key) : value;
  }

  private static void letGo(GatedGetter.Call call) {
    call.answer(valueOf(call.key()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void fastKeysOvertakeASlowOneOfTheSamePeer(String how) throws Exception {
    try (Callers callers = new Callers();
        TestCluster cluster = cluster(how).start()) {
      cluster.awaitContact();
      TestNode owner = cluster.node(1);
      Group asking = cluster.node(0).group("g");
      String slow = keysOf(owner, "slow", 1).get(0);
      CompletableFuture<ByteView> late = callers.call(() -> asking.get(slow));
      GatedGetter.Call held = gate.next();

      getByMany(callers, asking, keysOf(owner, "fast", FAST));

      assertThat(late).isNotDone();
      letGo(held);
      assertThat(result(late)).hasToString(valueOf(slow));
      assertThat(source.loadsOf(slow)).containsExactly(1);
    }
  }

  /** Two requests are held at the front, so that all else leaves in one when they come back. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void fastKeysOvertakeASlowOneOfTheSameBatch(String how) throws Exception {
    try (Callers callers = new Callers();
        TestCluster cluster = cluster(how).setting("geecache.peer-timeout", "30s").start()) {
      cluster.awaitContact();
      TestNode owner = cluster.node(1);
      Group asking = cluster.node(0).group("g");
      List<String> fast = keysOf(owner, "fast", 50);
      String slow = keysOf(owner, "slow", 1).get(0);
      List<String> both = new ArrayList<>(fast);
      both.add(fast.size() / 2, slow);
      AtomicInteger reads = new AtomicInteger();
      CountDownLatch goOn = new CountDownLatch(1);
      owner
          .front()
          .cutFor(
              request -> {
                if (Reads.isRead(request) && reads.incrementAndGet() <= 2) {
                  hold(goOn);
                }
                return false;
              });
      List<CompletableFuture<ByteView>> first = new ArrayList<>();
      for (String key : keysOf(owner, "first", 2)) {
        first.add(asking.getAsync(key));
        await().until(() -> reads.get() == first.size());
      }

      CompletableFuture<Map<String, ByteView>> all = callers.call(() -> asking.getAll(both));
      await().until(() -> asking.stats().fetches() == first.size() + both.size());
      goOn.countDown();
      GatedGetter.Call held = gate.next();
      getByMany(callers, asking, fast);

      assertThat(all).isNotDone();
      letGo(held);
      assertThat(result(all)).hasSize(both.size());
      assertThat(result(all))
          .allSatisfy((key, value) -> assertThat(value).hasToString(valueOf(key)));
      assertThat(source.loadsOf(slow)).containsExactly(1);
      for (CompletableFuture<ByteView> early : first) {
        result(early);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void fastKeysOvertakeMoreSlowOnesThanAnswersMayStayOpen(String how) throws Exception {
    int parked = 3;
    try (Callers callers = new Callers();
        TestCluster cluster =
            cluster(how).setting("geecache.peer-parked", String.valueOf(parked)).start()) {
      cluster.awaitContact();
      TestNode owner = cluster.node(1);
      Group asking = cluster.node(0).group("g");
      List<String> slow = keysOf(owner, "slow", 4 * parked);
      List<CompletableFuture<ByteView>> late = new ArrayList<>();
      List<GatedGetter.Call> held = new ArrayList<>();
      for (String key : slow) {
        late.add(asking.getAsync(key));
        held.add(gate.next());
      }

      getByMany(callers, asking, keysOf(owner, "fast", 5 * CALLERS));

      assertThat(late).noneMatch(CompletableFuture::isDone);
      held.forEach(SlowKeyTest::letGo);
      for (int i = 0; i < slow.size(); i++) {
        assertThat(result(late.get(i))).hasToString(valueOf(slow.get(i)));
        assertThat(source.loadsOf(slow.get(i))).containsExactly(1);
      }
      if (how.equals("batch")) {
        assertThat(owner.pool().stats().pending()).isPositive();
      }
    }
  }

  /** Three times the silence that a peer is granted. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aLoadLongerThanSeveralSilencesIsMadeOnce(String how) throws Exception {
    try (TestCluster cluster = cluster(how).setting("geecache.peer-timeout", "2s").start()) {
      cluster.awaitContact();
      Group asking = cluster.node(0).group("g");
      String slow = keysOf(cluster.node(1), "slow", 1).get(0);
      CompletableFuture<ByteView> late = asking.getAsync(slow);
      GatedGetter.Call held = gate.next();

      assertThatThrownBy(() -> late.get(6_200, MILLISECONDS)).isInstanceOf(TimeoutException.class);
      letGo(held);

      assertThat(result(late)).hasToString(valueOf(slow));
      assertThat(source.loads()).containsExactly(1);
      assertThat(asking.stats().fetchFailures()).isZero();
    }
  }

  private static void getByMany(Callers callers, Group group, List<String> keys) throws Exception {
    List<CompletableFuture<Object>> all = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      int first = caller;
      all.add(
          callers.call(
              () -> {
                for (int i = first; i < keys.size(); i += CALLERS) {
                  assertThat(group.get(keys.get(i))).hasToString(valueOf(keys.get(i)));
                }
                return null;
              }));
    }
    for (CompletableFuture<Object> answered : all) {
      result(answered);
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
