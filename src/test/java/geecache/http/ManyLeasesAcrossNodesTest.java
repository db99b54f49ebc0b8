package geecache.http;

import static geecache.http.CountedSource.keysOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Callers;
import geecache.Group;
import geecache.HeldLoader;
import geecache.LoadException;
import geecache.PatientHolders;
import geecache.Value;
import geecache.testing.TestCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leases for many keys, and for gets that do not block, over real HTTP. */
@Timeout(120)
class ManyLeasesAcrossNodesTest {
  private final Callers callers = new Callers();
  private final List<HeldLoader> holders = new ArrayList<>();

  /** The keys of each call of {@link #load}. */
  private final List<List<String>> calls = new CopyOnWriteArrayList<>();

  private TestCluster cluster;

  private void start(String how, String secret) {
    TestCluster.Builder builder =
        TestCluster.builder()
            .nodes(3)
            .peerRequests(how)
            .setting("geecache.warm-join", "0") // A former owner that is asked makes a key late.
            .groups(
                node ->
                    PatientHolders.of(
                        node.group("g").leaseTimeout(Duration.ofSeconds(60)).register()));
    if (!secret.isEmpty()) {
      builder.secret(secret);
    }
    cluster = builder.start();
    cluster.awaitContact();
  }

  @AfterEach
  void stop() {
    holders.forEach(HeldLoader::letGo);
    cluster.close();
    callers.close();
  }

  private Group group(int node) {
    return cluster.node(node).group("g");
  }

  private List<String> keysOfNode(int node, String prefix, int count) {
    return keysOf(cluster.node(node), prefix, count);
  }

  private List<String> keysOfAll(String prefix, int ofEach) {
    List<String> keys = new ArrayList<>();
    for (int node = 0; node < 3; node++) {
      keys.addAll(keysOfNode(node, prefix, ofEach));
    }
    return keys;
  }

  private static Value value(String text) {
    return Value.of(ByteView.of(text));
  }

  private static Map<String, Value> valuesOf(Set<String> keys) {
    Map<String, Value> all = new HashMap<>();
    keys.forEach(key -> all.put(key, value(key + "!")));
    return all;
  }

  private Map<String, Value> load(Set<String> keys) {
    calls.add(List.copyOf(keys));
    return valuesOf(keys);
  }

  private HeldLoader held(int node, String key) throws InterruptedException {
    HeldLoader made =
        new HeldLoader(callers, group(node), key, new AtomicInteger(), "of holder", null);
    holders.add(made);
    return made;
  }

  private void awaitWaiting(int node, int gets) {
    await().until(() -> group(node).stats().getsWaiting() == gets);
  }

  private void assertIdle() {
    for (int node = 0; node < 3; node++) {
      awaitWaiting(node, 0);
      int index = node;
      await().until(() -> cluster.node(index).geecache().local().leasesOfOthers() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void keysOfAllNodesAreLoadedByOneCallAndStoredByTheirOwners(String how) throws Exception {
    start(how, ServedNode.FIRST);
    List<String> keys = keysOfAll("k", 20);
    Map<String, ByteView> values = group(0).getAll(keys, this::load);
    assertThat(values.keySet()).containsExactlyElementsOf(keys);
    assertThat(calls.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(keys);
    if (how.equals("batch")) {
      assertThat(calls).hasSize(1);
    }
    for (String key : keys) {
      assertThat(group(2).get(key)).hasToString(key + "!");
    }
    for (int node = 0; node < 3; node++) {
      assertThat(group(node).stats().leases()).isEqualTo(20);
      for (String key : keysOfNode(node, "k", 20)) {
        assertThat(group(node).getIfPresent(key)).isPresent();
      }
    }
    assertThat(calls.stream().flatMap(List::stream)).hasSize(60);
    assertIdle();
  }

  @Test
  void manyCallersOfAllNodesLoadEachKeyOnce() throws Exception {
    start("batch", ServedNode.FIRST);
    List<String> keys = keysOfAll("k", 100);
    CyclicBarrier begin = new CyclicBarrier(12);
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int node = i % 3;
      List<String> mine = new ArrayList<>(keys);
      Collections.shuffle(mine, new Random(i));
      all.add(
          callers.call(
              () -> {
                begin.await();
                return group(node).getAll(mine, this::load).size();
              }));
    }
    for (CompletableFuture<Integer> each : all) {
      assertThat(Callers.result(each)).isEqualTo(300);
    }
    assertThat(calls.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(keys);
    assertIdle();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void itRunsItsOwnLeasesBeforeItWaitsForOtherNodes(String how) throws Exception {
    start(how, ServedNode.FIRST);
    List<String> keys = keysOfNode(1, "k", 4);
    HeldLoader holder = held(2, keys.get(0));
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group(0).getAll(keys, this::load));
    await().until(() -> calls.stream().mapToInt(List::size).sum() == 3);
    assertThat(all).isNotDone();
    for (String key : keys.subList(1, 4)) {
      await().until(() -> group(1).getIfPresent(key).isPresent());
    }
    holder.letGo();
    Map<String, ByteView> values = Callers.result(all);
    assertThat(values.keySet()).containsExactlyElementsOf(keys);
    assertThat(values.get(keys.get(0))).hasToString("of holder");
    assertThat(calls.stream().flatMap(List::stream)).doesNotContain(keys.get(0));
  }

  /** Each of two nodes takes the lease of its own key first, and then asks the other for its. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void crossingSetsOfTwoNodesDoNotWaitForEachOther(String how) throws Exception {
    start(how, ServedNode.FIRST);
    int rounds = how.equals("batch") ? 20 : 1; // A node answers "pending" late to a GET.
    for (int round = 0; round < rounds; round++) {
      List<String> ofFirst = keysOfNode(0, "r" + round, 3);
      List<String> ofSecond = keysOfNode(1, "r" + round, 3);
      List<String> keys = new ArrayList<>(ofFirst);
      keys.addAll(ofSecond);
      CyclicBarrier begin = new CyclicBarrier(2);
      List<CompletableFuture<Integer>> both = new ArrayList<>();
      for (int node = 0; node < 2; node++) {
        Group group = group(node);
        both.add(
            callers.call(
                () -> {
                  begin.await();
                  return group.getAll(keys, this::load).size();
                }));
      }
      for (CompletableFuture<Integer> each : both) {
        assertThat(each.get(50, TimeUnit.SECONDS)).isEqualTo(6);
      }
    }
    assertThat(calls.stream().flatMap(List::stream)).hasSize(6 * rounds).doesNotHaveDuplicates();
    assertIdle();
  }

  @Test
  void aRemovalInTheMidstVoidsAndTheHolderHasItsValue() throws Exception {
    start("batch", ServedNode.FIRST);
    List<String> keys = keysOfAll("k", 2);
    Map<String, ByteView> values =
        group(0)
            .getAll(
                keys,
                mine -> {
                  for (String key : keys.subList(0, 4)) {
                    group(2).remove(key);
                  }
                  return load(mine);
                });
    assertThat(values).hasSize(6);
    assertThat(calls).hasSize(1);
    for (int i = 0; i < 6; i++) {
      for (int node = 0; node < 3; node++) {
        assertThat(group(node).getIfPresent(keys.get(i)).isPresent())
            .as("key %s at node %s", i, node)
            .isEqualTo(i >= 4);
      }
    }
    assertIdle();
  }

  @Test
  void aHolderThatIsInterruptedPassesItsLeasesToOtherNodes() throws Exception {
    start("batch", ServedNode.FIRST);
    List<String> keys = keysOfAll("k", 5);
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Map<String, ByteView>> broken =
        callers.call(
            () ->
                group(0)
                    .getAll(
                        keys,
                        mine -> {
                          begun.countDown();
                          new CountDownLatch(1).await();
                          return Map.of();
                        }));
    Thread holder = callers.last();
    begun.await();
    CompletableFuture<Map<String, ByteView>> there =
        callers.call(() -> group(2).getAll(keys, this::load));
    awaitWaiting(2, 15);
    holder.interrupt();
    assertThat(Callers.result(there)).hasSize(15);
    assertThatThrownBy(() -> Callers.result(broken)).isInstanceOf(InterruptedException.class);
    assertThat(calls.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(keys);
    assertIdle();
  }

  @Test
  void aLoaderThatThrowsFailsItsKeysOnAllNodes() throws Exception {
    start("batch", ServedNode.FIRST);
    List<String> keys = keysOfAll("k", 2);
    IOException failure = new IOException("words of the source");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<Map<String, ByteView>> holder =
        callers.call(
            () ->
                group(0)
                    .getAll(
                        keys,
                        mine -> {
                          begun.countDown();
                          go.await();
                          throw failure;
                        }));
    begun.await();
    CompletableFuture<Map<String, ByteView>> there =
        callers.call(() -> group(2).getAll(keys, this::load));
    awaitWaiting(2, 6);
    go.countDown();
    assertThatThrownBy(() -> Callers.result(holder)).isSameAs(failure);
    assertThatThrownBy(() -> Callers.result(there))
        .isInstanceOf(LoadException.class)
        .hasMessageNotContaining("words");
    assertThat(calls).isEmpty();
    assertIdle();
  }

  @Test
  void hitsCopiesOwnKeysAndThoseOfPeersAreGotTogether() throws Exception {
    start("batch", ServedNode.FIRST);
    List<String> keys = keysOfAll("k", 3);
    group(0).set(keys.get(0), ByteView.of("set"), null); // Its own.
    group(1).set(keys.get(3), ByteView.of("set"), null); // Of a peer, which has it.
    HeldLoader holder = held(2, keys.get(6));
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(
            () ->
                group(0)
                    .getAll(
                        keys,
                        mine -> {
                          Map<String, Value> found = load(mine);
                          found.remove(keys.get(7));
                          return found;
                        }));
    await().until(() -> !calls.isEmpty());
    holder.letGo();
    Map<String, ByteView> values = Callers.result(all);
    List<String> present = new ArrayList<>(keys);
    present.remove(7);
    assertThat(values.keySet()).containsExactlyElementsOf(present);
    assertThat(values.get(keys.get(0))).hasToString("set");
    assertThat(values.get(keys.get(3))).hasToString("set");
    assertThat(values.get(keys.get(6))).hasToString("of holder");
    assertThat(calls).hasSize(1);
    assertThat(calls.get(0))
        .containsExactlyInAnyOrder(
            keys.get(1), keys.get(2), keys.get(4), keys.get(5), keys.get(7), keys.get(8));
  }

  @Test
  void anOwnerThatHasEndedLeavesOneLoadANode() throws Exception {
    start("batch", ServedNode.FIRST);
    List<String> keys = keysOfAll("k", 5);
    cluster.node(1).stop();
    assertThat(group(0).getAll(keys, this::load)).hasSize(15);
    assertThat(calls.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(keys);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void withoutASecretEachNodeLoadsOnceForItself(String how) throws Exception {
    start(how, "");
    List<String> keys = keysOfAll("k", 5);
    assertThat(group(0).getAll(keys, this::load)).hasSize(15);
    assertThat(group(0).getAll(keys, this::load)).hasSize(15);
    assertThat(calls.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(group(2).getAll(keys, this::load)).hasSize(15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void theStageOfOneCallerIsTheLoadForAllNodes(String how) throws Exception {
    start(how, ServedNode.FIRST);
    String key = keysOfNode(1, "k", 1).get(0);
    AtomicInteger begun = new AtomicInteger();
    CompletableFuture<Value> stage = new CompletableFuture<>();
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      gets.add(
          group(i % 3)
              .getAsync(
                  key,
                  wanted -> {
                    begun.incrementAndGet();
                    return stage;
                  }));
    }
    await().until(() -> begun.get() == 1);
    stage.complete(value("630"));
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(Callers.result(get)).hasToString("630");
    }
    assertThat(begun).hasValue(1);
    assertThat(group(1).getIfPresent(key)).map(ByteView::toString).contains("630");
    assertIdle();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aFutureThatIsCancelledPassesTheLeaseToAnotherNode(String how) throws Exception {
    start(how, ServedNode.FIRST);
    String key = keysOfNode(1, "k", 1).get(0);
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<ByteView> first =
        group(0)
            .getAsync(
                key,
                wanted -> {
                  begun.countDown();
                  return new CompletableFuture<>();
                });
    begun.await();
    CompletableFuture<ByteView> there =
        group(2).getAsync(key, wanted -> CompletableFuture.completedFuture(value("second")));
    awaitWaiting(1, 1);
    first.cancel(false);
    assertThat(Callers.result(there)).hasToString("second");
    assertThat(group(1).get(key)).hasToString("second");
    assertIdle();
  }
}
