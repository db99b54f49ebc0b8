package geecache.cluster;

import static geecache.cluster.VersionedSource.KEYS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.CacheException;
import geecache.SimulatedWorld;
import geecache.cluster.SimulatedNetwork.Fate;
import geecache.cluster.SimulatedNetwork.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SimulatedClusterTest {
  private static final int CALLERS = 6;
  private static final int OPERATIONS = 50;

  /** Callers get and remove at all nodes, while one of them is silent for a while. */
  private static List<Sent> run(long seed) {
    VersionedSource source = new VersionedSource();
    try (SimulatedCluster cluster = source.cluster(3).seed(seed).met()) {
      SimulatedWorld world = cluster.world();
      List<CompletableFuture<Integer>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        callers.add(world.begin(() -> call(cluster)));
      }
      String silent = cluster.node(1).url();
      world.pass(Duration.ofMillis(20));
      cluster.network().rule(Fate.LOSE, message -> message.to().equals(silent));
      world.pass(Duration.ofSeconds(3));
      cluster.network().heal();
      world.until(() -> callers.stream().allMatch(CompletableFuture::isDone));
      assertThat(callers).noneMatch(CompletableFuture::isCompletedExceptionally);
      cluster.awaitContact();
      return List.copyOf(cluster.network().log());
    }
  }

  private static int call(SimulatedCluster cluster) throws Exception {
    int failed = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      SimulatedNode node = cluster.node(cluster.world().random().nextInt(3));
      String key = KEYS.get(cluster.world().random().nextInt(5));
      try {
        if (i % 10 == 9) {
          node.group("db").remove(key);
        } else {
          node.group("db").get(key);
        }
      } catch (CacheException expected) {
        failed++;
      }
    }
    return failed;
  }

  @Test
  void aRunIsRepeatedByItsSeed() {
    List<Sent> first = run(7);
    assertThat(run(7)).isEqualTo(first).hasSizeGreaterThan(CALLERS);
    assertThat(run(8)).isNotEqualTo(first);
  }

  @Test
  void timePassesOnlyInTheWorld() throws Exception {
    try (SimulatedWorld world = new SimulatedWorld(1)) {
      CompletableFuture<Long> slept =
          world.begin(
              () -> {
                world.sleep(Duration.ofHours(3));
                return world.ticker().nanos();
              });
      assertThat(world.result(slept)).isEqualTo(Duration.ofHours(3).toNanos());
    }
  }

  @Test
  void aThreadThatFailsUnseenFailsTheWorld() {
    SimulatedWorld world = new SimulatedWorld(1);
    world.start(
        () -> {
          throw new IllegalStateException("unseen");
        });
    world.pass(Duration.ofMillis(1));
    assertThatThrownBy(world::close)
        .isInstanceOf(AssertionError.class)
        .hasRootCauseMessage("unseen");
  }

  @Test
  void aWaitThatCannotEndIsToldAsSuch() {
    try (SimulatedWorld world = new SimulatedWorld(1)) {
      assertThatThrownBy(() -> world.until(() -> false))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("nothing can happen any more");
    }
  }
}
