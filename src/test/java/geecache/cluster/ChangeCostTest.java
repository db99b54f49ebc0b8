package geecache.cluster;

import static geecache.cluster.VersionedSource.get;
import static geecache.cluster.VersionedSource.keyOwnedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Group;
import geecache.NotReachedException;
import geecache.OverloadedException;
import geecache.SimulatedWorld;
import geecache.cluster.SimulatedNetwork.Fate;
import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What changes cost where nodes do not answer: no threads, and no time once that is known. */
class ChangeCostTest {
  private final VersionedSource source = new VersionedSource();

  private static void silence(SimulatedCluster cluster, SimulatedNode... nodes) {
    List<String> urls = List.of(nodes).stream().map(SimulatedNode::url).toList();
    cluster.network().rule(Fate.LOSE, message -> urls.contains(message.to()));
  }

  private static Duration timeOf(SimulatedWorld world, Step step) throws Exception {
    long begun = world.now();
    step.run();
    return Duration.ofNanos(world.now() - begun);
  }

  private interface Step {
    void run() throws Exception;
  }

  @Test
  void changesMakeNoThreadsHoweverManyThereAre() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode node = cluster.node(0);
      silence(cluster, cluster.node(1), cluster.node(2));
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        all.add(node.group("db").removeAsync("key" + i));
      }
      assertThat(all).noneMatch(CompletableFuture::isDone);
      cluster.world().until(() -> all.stream().allMatch(CompletableFuture::isDone));
      assertThat(all)
          .allSatisfy(
              each -> assertThatThrownBy(each::join).hasCauseInstanceOf(NotReachedException.class));
      assertThat(node.process().mostThreads()).isLessThan(10);
    }
  }

  /** The bound of these nodes is a thousand. */
  @Test
  void whereTooManyChangesAreUnderWayTheNextFailsBeforeAnythingIsDone() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      SimulatedNode node = cluster.node(0);
      Group group = node.group("db");
      String key = keyOwnedBy(node);
      get(node, key);
      silence(cluster, cluster.node(1));
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        all.add(group.removeAsync("other" + i));
      }
      source.put(key, 2);
      for (CompletableFuture<Void> refused :
          List.of(
              group.removeAsync(key),
              group.removeAllAsync(List.of(key, "one more")),
              group.clearAsync())) {
        assertThatThrownBy(refused::join)
            .hasCauseInstanceOf(OverloadedException.class)
            .hasMessageContaining("1000 changes are under way");
      }
      assertThatThrownBy(() -> group.remove(key)).isInstanceOf(OverloadedException.class);
      assertThat(get(node, key)).isEqualTo("v1");
      cluster.world().until(() -> all.stream().allMatch(CompletableFuture::isDone));
      assertThatThrownBy(() -> group.remove(key)).isInstanceOf(NotReachedException.class);
      assertThat(get(node, key)).isEqualTo("v2");
    }
  }

  @Test
  void aNodeOutOfContactIsNamedAtOnce() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode silent = cluster.node(2);
      Group group = cluster.node(0).group("db");
      silence(cluster, silent);
      assertThatThrownBy(() -> group.remove("key")).isInstanceOf(NotReachedException.class);
      cluster.world().pass(Duration.ofMinutes(5));
      assertThat(
              timeOf(
                  cluster.world(),
                  () ->
                      assertThatThrownBy(() -> group.remove("key"))
                          .isInstanceOf(NotReachedException.class)
                          .hasMessageContaining(silent.url())))
          .isLessThan(Duration.ofMillis(50));
      List<String> keys = IntStream.range(0, 10_000).mapToObj(i -> "k" + i).toList();
      assertThat(
              timeOf(
                  cluster.world(),
                  () ->
                      assertThatThrownBy(() -> group.removeAll(keys))
                          .isInstanceOf(NotReachedException.class)))
          .isLessThan(Duration.ofMillis(500));
    }
  }

  /** The one that is silent was in contact until now: its name is known after its silence. */
  @Test
  void aChangeEndsWithTheSilenceOfANode() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).timeout(Duration.ofSeconds(1)).met()) {
      silence(cluster, cluster.node(2));
      Group group = cluster.node(0).group("db");
      assertThat(
              timeOf(
                  cluster.world(),
                  () ->
                      assertThatThrownBy(() -> group.remove("key"))
                          .isInstanceOf(NotReachedException.class)))
          .isBetween(Duration.ofSeconds(1), Duration.ofMillis(1_100));
    }
  }

  /** Together they are many times what the log holds. */
  @Test
  void manyBulkRemovalsAtOnceReachAllNodesAndClearNone() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      String kept = keyOwnedBy(cluster.node(1));
      get(cluster.node(1), kept);
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int caller = 0; caller < 30; caller++) {
        String prefix = "of" + caller + "-";
        List<String> keys = IntStream.range(0, 1_500).mapToObj(i -> prefix + i).toList();
        all.add(cluster.node(caller % 2).group("db").removeAllAsync(keys));
      }
      cluster.world().until(() -> all.stream().allMatch(CompletableFuture::isDone));
      assertThat(all).noneMatch(CompletableFuture::isCompletedExceptionally);
      assertThat(cluster.node(1).local("db").peek(kept)).isNotNull();
    }
  }

  /** Each batch is removed at once there. */
  @Test
  void aNodeThatIsAloneRemovesAsManyKeysAsItIsGiven() throws Exception {
    try (SimulatedCluster cluster = source.cluster(1).removalLogSize(2).alone()) {
      get(cluster.node(0), "k1");
      source.put("k1", 2);
      List<String> keys = IntStream.range(0, 20_000).mapToObj(i -> "k" + i).toList();
      cluster.node(0).group("db").removeAll(keys);
      assertThat(get(cluster.node(0), "k1")).isEqualTo("v2");
    }
  }

  /** It cannot have missed anything: its first meeting is under way. */
  @Test
  void aNodeThatIsJustJoiningIsWaitedFor() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).alone()) {
      cluster.show(0, 1);
      cluster.node(2).show(cluster.urls(0, 1, 2));
      cluster.node(0).show(cluster.urls(0, 1, 2));
      cluster.node(0).group("db").remove("key");
      cluster.node(1).show(cluster.urls(0, 1, 2));
      cluster.node(1).group("db").clear();
    }
  }

  /** Callers of all nodes change without a pause while a node comes back. */
  @Test
  void aNodeIsMetAgainWhileChangesGoOn() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode back = cluster.node(2);
      cluster.network().rule(Fate.REFUSE, message -> message.to().equals(back.url()));
      assertThatThrownBy(() -> cluster.node(0).group("db").remove("key"))
          .isInstanceOf(NotReachedException.class);
      boolean[] over = {false};
      List<CompletableFuture<Void>> callers = new ArrayList<>();
      for (SimulatedNode node : List.of(cluster.node(0), cluster.node(1))) {
        for (int i = 0; i < 3; i++) {
          String key = "key" + i;
          callers.add(
              cluster
                  .world()
                  .begin(
                      () -> {
                        while (!over[0]) {
                          try {
                            node.group("db").remove(key);
                          } catch (NotReachedException expected) {
                            cluster.world().sleep(Duration.ofNanos(100_000));
                          }
                        }
                        return null;
                      }));
        }
      }
      cluster.world().pass(Duration.ofSeconds(1));
      cluster.network().heal();
      cluster.world().pass(Duration.ofSeconds(3));
      assertThat(cluster.node(0).cluster().inContact()).contains(back.url());
      assertThat(cluster.node(1).cluster().inContact()).contains(back.url());
      over[0] = true;
      for (CompletableFuture<Void> caller : callers) {
        cluster.world().result(caller);
      }
    }
  }

  /** Each batch is acknowledged, and all of them take longer than a change may. */
  @Test
  void aBulkRemovalEndsWithinTheLimitOfOneChange() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      Group group = cluster.node(0).group("db");
      String url = cluster.node(1).url();
      String kept = keyOwnedBy(cluster.node(1));
      get(cluster.node(0), kept);
      cluster
          .network()
          .begin(new Trouble(message -> message.kind() == Kind.CHANGE, 0, 0, false, 450, 0, 0));
      List<String> keys = new ArrayList<>(List.of("first"));
      IntStream.range(0, 60_000).forEach(i -> keys.add("k" + i));
      keys.add(kept);
      source.put(kept, 2);
      List<CompletableFuture<Void>> calls =
          List.of(group.removeAllAsync(keys), group.removeAllAsync(keys));
      Duration time =
          timeOf(
              cluster.world(),
              () ->
                  cluster.world().until(() -> calls.stream().allMatch(CompletableFuture::isDone)));
      assertThat(time).isBetween(Duration.ofSeconds(9), Duration.ofMillis(10_100));
      assertThat(calls)
          .allSatisfy(
              call ->
                  assertThatThrownBy(call::join)
                      .hasCauseInstanceOf(NotReachedException.class)
                      .hasMessageContaining(url));
      assertThat(get(cluster.node(0), kept)).isEqualTo("v2");
      cluster.awaitContact();
      assertThat(get(cluster.node(1), kept)).isEqualTo("v2");
    }
  }
}
