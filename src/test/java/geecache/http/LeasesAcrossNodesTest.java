package geecache.http;

import static geecache.http.CountedSource.keysOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Callers;
import geecache.Group;
import geecache.HeldLoader;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.PatientHolders;
import geecache.Value;
import geecache.testing.TestCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leases over real HTTP: one caller of any node loads a key for all. */
@Timeout(60)
class LeasesAcrossNodesTest {
  private static final int OWNER = 1;

  private final Callers callers = new Callers();
  private final List<HeldLoader> holders = new ArrayList<>();
  private final AtomicInteger calls = new AtomicInteger();
  private TestCluster cluster;
  private String key;

  private void start(String how, String secret) {
    start(how, secret, Duration.ofSeconds(10));
  }

  private void start(String how, String secret, Duration leaseTimeout) {
    TestCluster.Builder builder =
        TestCluster.builder()
            .nodes(3)
            .peerRequests(how)
            .groups(
                (i, node) -> {
                  PatientHolders.of(node.group("g").leaseTimeout(leaseTimeout).register());
                  node.group("small").maxValueBytes(3).register();
                });
    if (!secret.isEmpty()) {
      builder.secret(secret);
    }
    cluster = builder.start();
    cluster.awaitContact();
    key = keysOf(cluster.node(OWNER), "k", 1).get(0);
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

  private static Value value(String text) {
    return Value.of(ByteView.of(text));
  }

  private HeldLoader held(int node, String text, Throwable failure) throws InterruptedException {
    HeldLoader made = new HeldLoader(callers, group(node), key, calls, text, failure);
    holders.add(made);
    return made;
  }

  private CompletableFuture<String> waiter(int node, String text) {
    return callers.call(
        () ->
            group(node)
                .get(
                    key,
                    k -> {
                      calls.incrementAndGet();
                      return value(text);
                    })
                .toString());
  }

  private int httpStatus(int node) throws IOException {
    return cluster
        .node(node)
        .request(
            "GET",
            "/_geecache/g/" + key,
            Map.of("Authorization", "Bearer " + ServedNode.FIRST),
            null)
        .status();
  }

  private void awaitWaiting(int node, int gets) {
    await().until(() -> group(node).stats().getsWaiting() == gets);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void allCallersOfAllNodesWaitForOneLoader(String how) throws Exception {
    start(how, ServedNode.FIRST);
    HeldLoader holder = held(0, "630", null);
    List<CompletableFuture<String>> others = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      others.add(waiter(i % 3, "other"));
    }
    awaitWaiting(0, 10);
    awaitWaiting(2, 10);
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("630");
    assertThat(others).allSatisfy(other -> assertThat(other.join()).isEqualTo("630"));
    assertThat(calls).hasValue(1);
    assertThat(group(2).get(key).toString()).isEqualTo("630");
    assertThat(group(OWNER).getIfPresent(key)).map(ByteView::toString).contains("630");
    assertThat(cluster.node(OWNER).geecache().local().leasesOfOthers()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void whatNobodyFilledIsAbsentEverywhere(String how) throws Exception {
    start(how, ServedNode.FIRST);
    assertThatThrownBy(() -> group(0).get(key)).isInstanceOf(KeyNotFoundException.class);
    assertThat(httpStatus(0)).isEqualTo(404);
    assertThat(group(0).getIfPresent(key)).isEmpty();
    waiter(0, "630").join();
    assertThat(group(2).getIfPresent(key)).map(ByteView::toString).contains("630");
    assertThat(httpStatus(2)).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aLoaderThatThrowsFailsAllAndItsCallerGetsTheVeryException(String how) throws Exception {
    start(how, ServedNode.FIRST);
    IOException failure = new IOException("words of the source");
    HeldLoader holder = held(0, "", failure);
    CompletableFuture<String> here = waiter(0, "x");
    CompletableFuture<String> there = waiter(2, "x");
    awaitWaiting(0, 1);
    awaitWaiting(OWNER, 1);
    holder.letGo();
    assertThatThrownBy(holder.answer::join).hasCause(failure);
    for (CompletableFuture<String> other : List.of(here, there)) {
      assertThatThrownBy(other::join)
          .cause()
          .isInstanceOf(LoadException.class)
          .hasMessageNotContaining("words");
    }
    assertThat(calls).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aBrokenHolderPassesTheLeaseToAnotherNode(String how) throws Exception {
    start(how, ServedNode.FIRST);
    HeldLoader holder = held(0, "", new AssertionError("broken"));
    CompletableFuture<String> there = waiter(2, "second");
    awaitWaiting(OWNER, 1);
    holder.letGo();
    assertThat(there.join()).isEqualTo("second");
    assertThatThrownBy(holder.answer::join).hasCauseInstanceOf(AssertionError.class);
    assertThat(calls).hasValue(2);
    assertThat(group(OWNER).get(key).toString()).isEqualTo("second");
  }

  @Test
  void aBrokenHolderPassesTheLeaseToACallerOfItsOwnNode() throws Exception {
    start("batch", ServedNode.FIRST);
    HeldLoader holder = held(0, "", new AssertionError("broken"));
    CompletableFuture<String> here = waiter(0, "second");
    awaitWaiting(0, 1);
    holder.letGo();
    assertThat(here.join()).isEqualTo("second");
    assertThat(group(2).get(key).toString()).isEqualTo("second");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aRemovalVoidsALeaseOfAnotherNode(int remover) throws Exception {
    start("batch", ServedNode.FIRST);
    HeldLoader holder = held(0, "old", null);
    CompletableFuture<String> before = waiter(2, "x");
    awaitWaiting(OWNER, 1);
    group(remover).remove(key);
    assertThat(waiter(2, "new").join()).isEqualTo("new");
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("old");
    assertThat(before.join()).isEqualTo("old");
    for (int node = 0; node < 3; node++) {
      assertThat(group(node).get(key).toString()).isEqualTo("new");
    }
  }

  @Test
  void aLeaseLivesAsLongAsItsNodeSaysSo() throws Exception {
    start("batch", ServedNode.FIRST);
    HeldLoader holder = held(0, "630", null);
    CompletableFuture<String> other = waiter(2, "second");
    await()
        .during(Duration.ofMillis(2_500))
        .atMost(Duration.ofSeconds(30))
        .until(() -> !other.isDone());
    holder.letGo();
    assertThat(other.join()).isEqualTo("630");
    assertThat(calls).hasValue(1);
  }

  /** The owner passes the lease on, and on the node of the holder nobody waits for it either. */
  @Test
  void aHolderThatHangsKeepsNobodyOfItsNodePastItsLease() throws Exception {
    start("batch", ServedNode.FIRST, Duration.ofSeconds(4));
    HeldLoader holder = held(0, "late", null);
    CompletableFuture<String> here = waiter(0, "next");
    assertThat(here.join()).isEqualTo("next");
    assertThat(group(OWNER).get(key).toString()).isEqualTo("next");
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("late");
    assertThat(group(2).get(key).toString()).isEqualTo("next");
  }

  @Test
  void theLeaseOfANodeThatEndsPassesOn() throws Exception {
    start("batch", ServedNode.FIRST);
    held(0, "630", null);
    CompletableFuture<String> other = waiter(2, "second");
    awaitWaiting(OWNER, 1);
    cluster.node(0).stop();
    assertThat(other.join()).isEqualTo("second");
    assertThat(group(OWNER).get(key).toString()).isEqualTo("second");
    assertThat(group(OWNER).stats().leasesRanOut()).isOne();
  }

  @Test
  void anOwnerThatEndsLeavesOneLoadANodeAndNothingStored() throws Exception {
    start("batch", ServedNode.FIRST);
    HeldLoader holder = held(0, "630", null);
    CompletableFuture<String> here = waiter(0, "x");
    awaitWaiting(0, 1);
    cluster.node(OWNER).stop();
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("630");
    assertThat(here.join()).isEqualTo("630");
    assertThat(group(0).stats().entries()).isZero();
    assertThat(calls).hasValue(1);
  }

  @Test
  void aSnapshotOlderThanARemovalAtTheOwnerIsForItsCallerAlone() throws Exception {
    start("batch", ServedNode.FIRST);
    group(2).remove(key);
    Duration[] age = {Duration.ofSeconds(30)};
    cluster.node(0).geecache().transactionAge(now -> Optional.of(age[0]));
    assertThat(waiter(0, "old").join()).isEqualTo("old");
    assertThatThrownBy(() -> group(2).get(key)).isInstanceOf(KeyNotFoundException.class);
    age[0] = Duration.ZERO;
    assertThat(waiter(0, "new").join()).isEqualTo("new");
    assertThat(group(2).get(key).toString()).isEqualTo("new");
  }

  @Test
  void thatThereIsNoSuchKeyInASnapshotOlderThanARemovalIsForItsCallerAlone() throws Exception {
    start("batch", ServedNode.FIRST);
    group(2).remove(key);
    cluster.node(0).geecache().transactionAge(now -> Optional.of(Duration.ofSeconds(30)));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<ByteView> old =
        callers.call(
            () ->
                group(0)
                    .get(
                        key,
                        wanted -> {
                          begun.countDown();
                          go.await();
                          throw new KeyNotFoundException("not in my snapshot");
                        }));
    begun.await();
    CompletableFuture<String> joined = waiter(1, "new");
    await().until(() -> group(1).stats().getsWaiting() == 1);
    go.countDown();
    assertThatThrownBy(old::join).hasCauseInstanceOf(KeyNotFoundException.class);
    assertThat(joined.join()).isEqualTo("new");
    assertThat(group(2).get(key).toString()).isEqualTo("new");
  }

  @Test
  void aLoaderThatGetsItsOwnKeyOfAnotherNodeFailsAtOnce() {
    start("batch", ServedNode.FIRST);
    assertThatThrownBy(() -> group(0).get(key, k -> Value.of(group(0).get(k, l -> value("x")))))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("load cycle");
  }

  @Test
  void putIfAbsentIsOneStepAtTheOwner() throws Exception {
    start("batch", ServedNode.FIRST);
    List<CompletableFuture<String>> puts = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int node = i % 3;
      String text = "v" + i;
      puts.add(
          callers.call(
              () -> group(node).putIfAbsent(key, ByteView.of(text), null) ? text : "not stored"));
    }
    List<String> stored =
        puts.stream().map(CompletableFuture::join).filter(text -> text.startsWith("v")).toList();
    assertThat(stored).hasSize(1);
    for (int node = 0; node < 3; node++) {
      assertThat(group(node).get(key).toString()).isEqualTo(stored.get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void withoutASecretEachNodeLoadsOnceForItself(String how) throws Exception {
    start(how, "");
    HeldLoader holder = held(0, "630", null);
    CompletableFuture<String> here = waiter(0, "x");
    awaitWaiting(0, 1);
    assertThat(waiter(2, "of 2").join()).isEqualTo("of 2");
    holder.letGo();
    assertThat(here.join()).isEqualTo("630");
    assertThat(group(0).get(key).toString()).isEqualTo("630");
    assertThat(calls).hasValue(2);
  }

  @Test
  void aValueThatIsTooLargeIsServedToItsCallerAlone() throws Exception {
    start("batch", ServedNode.FIRST);
    Group small = cluster.node(0).group("small");
    assertThat(small.get(key, k -> value("large")).toString()).isEqualTo("large");
    assertThat(small.getIfPresent(key)).isEmpty();
    assertThat(small.get(key, k -> value("fit")).toString()).isEqualTo("fit");
    assertThat(cluster.node(2).group("small").get(key).toString()).isEqualTo("fit");
  }
}
