package geecache.cluster;

import static geecache.cluster.VersionedSource.get;
import static geecache.cluster.VersionedSource.keyOwnedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Group;
import geecache.NotReachedException;
import geecache.SimulatedWorld;
import geecache.cluster.SimulatedNetwork.Fate;
import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Message;
import geecache.cluster.SimulatedNetwork.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Removals while the view of the removing node loses another node, and gets it back. */
class FlappingViewsTest {
  private static final int SEEDS = 20;

  private static CompletableFuture<Void> removing(SimulatedCluster cluster, String key) {
    return cluster.world().begin(() -> remove(cluster.node(0), key));
  }

  private static Void remove(SimulatedNode node, String key) throws Exception {
    try {
      node.group("db").remove(key);
    } catch (NotReachedException named) {
      // The node that it names is told when it is met.
    }
    return null;
  }

  private static CompletableFuture<Void> showing(SimulatedCluster cluster, int... nodes) {
    return cluster
        .world()
        .begin(
            () -> {
              cluster.node(0).show(cluster.urls(nodes));
              return null;
            });
  }

  /**
   * The meeting makes contact with a node that is not in the view any more. What is removed while
   * it is away, it is told when it returns.
   */
  @Test
  void aNodeThatIsMetWhileTheViewLosesItIsToldWhatItMissedWhenItReturns() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      VersionedSource source = new VersionedSource();
      try (SimulatedCluster cluster = source.cluster(2).seed(seed).met()) {
        SimulatedWorld world = cluster.world();
        SimulatedNode away = cluster.node(1);
        String key = keyOwnedBy(away);
        get(cluster.node(0), keyOwnedBy(cluster.node(0)));
        get(away, key);
        cluster.node(0).show(cluster.urls(0));
        cluster.node(0).show(cluster.urls(0, 1));
        world.pass(Duration.ofNanos(1));
        world.result(showing(cluster, 0)); // While a thread is about to meet the node.
        world.pass(Duration.ofSeconds(70));
        source.put(key, 2);
        cluster.node(0).group("db").remove(key);
        assertThat(get(away, key)).isEqualTo("v1");
        cluster.show(0, 1);
        assertThat(get(away, key)).as("seed " + seed).isEqualTo("v2");
      }
    }
  }

  /**
   * Node 0 has carried the removal out, and tells the owner first; then the views lose node 1. It
   * holds a copy.
   */
  @Test
  void aRemovalAndThenAViewWithoutANodeThatIsNotToldYet() throws Exception {
    VersionedSource source = new VersionedSource();
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode away = cluster.node(1);
      String key = keyOwnedBy(cluster.node(2));
      VersionedSource.warm(cluster, key);
      Rule held =
          cluster
              .network()
              .hold(
                  message ->
                      message.from().equals(cluster.node(0).url())
                          && message.kind() == Kind.CHANGE);
      source.put(key, 2);
      CompletableFuture<Void> removed = removing(cluster, key);
      cluster.world().until(() -> held.count() > 0);
      cluster.node(0).show(cluster.urls(0, 2));
      cluster.node(2).show(cluster.urls(0, 2));
      held.release();
      cluster.world().result(removed);
      assertThat(get(away, key)).isEqualTo("v2");
    }
  }

  /** The view changes between any two steps of the removal. */
  @Test
  void aRemovalWhileTheViewLosesANodeReachesItAtLeastWhenItReturns() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      VersionedSource source = new VersionedSource();
      try (SimulatedCluster cluster = source.cluster(2).seed(seed).met()) {
        String key = keyOwnedBy(cluster.node(1));
        get(cluster.node(1), key);
        source.put(key, 2);
        CompletableFuture<Void> removed = removing(cluster, key);
        CompletableFuture<Void> shown = showing(cluster, 0);
        cluster.world().result(removed);
        cluster.world().result(shown);
        cluster.show(0, 1);
        assertThat(get(cluster.node(1), key)).as("seed " + seed).isEqualTo("v2");
      }
    }
  }

  @Test
  void aRemovalWhileTheViewGetsANodeBackReachesIt() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      VersionedSource source = new VersionedSource();
      try (SimulatedCluster cluster = source.cluster(2).seed(seed).met()) {
        String key = keyOwnedBy(cluster.node(1));
        get(cluster.node(1), key);
        cluster.node(0).show(cluster.urls(0));
        source.put(key, 2);
        CompletableFuture<Void> shown = showing(cluster, 0, 1);
        CompletableFuture<Void> removed = removing(cluster, key);
        cluster.world().result(removed);
        cluster.world().result(shown);
        cluster.awaitContact();
        assertThat(get(cluster.node(1), key)).as("seed " + seed).isEqualTo("v2");
      }
    }
  }

  /** As by a short answer of a name service. It serves its values all the time. */
  @Test
  void aNodeThatVanishedLatelyIsTold() throws Exception {
    VersionedSource source = new VersionedSource();
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      SimulatedNode away = cluster.node(1);
      String key = keyOwnedBy(away);
      get(away, key);
      cluster.node(0).show(cluster.urls(0));
      cluster.world().pass(Duration.ofSeconds(59));
      source.put(key, 2);
      cluster.node(0).group("db").remove(key);
      assertThat(get(away, key)).isEqualTo("v2");
    }
  }

  /** As in a partition that the membership has noticed. */
  @Test
  void aNodeThatVanishedLatelyAndIsNotReachedIsNamed() throws Exception {
    VersionedSource source = new VersionedSource();
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      SimulatedNode away = cluster.node(1);
      Group group = cluster.node(0).group("db");
      cluster.network().rule(Fate.LOSE, message -> message.to().equals(away.url()));
      cluster.node(0).show(cluster.urls(0));
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> group.remove("key1"))
            .isInstanceOfSatisfying(
                NotReachedException.class,
                failure -> assertThat(failure.nodes()).containsExactly(away.url()));
      }
      assertThatThrownBy(group::clear).isInstanceOf(NotReachedException.class);
      cluster.world().pass(Duration.ofMinutes(1));
      group.remove("key1");
    }
  }

  /** Otherwise each deploy would be a minute of failing changes. */
  @Test
  void aNodeThatSaidGoodbyeIsNeitherToldNorNamed() throws Exception {
    VersionedSource source = new VersionedSource();
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode gone = cluster.node(1);
      gone.stop();
      cluster.node(0).group("db").remove("key1");
      cluster.node(0).show(cluster.urls(0, 2));
      cluster.node(0).group("db").remove("key2");
      assertThat(count(cluster, gone, Kind.CHANGE)).isZero();
    }
  }

  private static long count(SimulatedCluster cluster, SimulatedNode to, Kind kind) {
    return cluster.network().log().stream()
        .filter(sent -> isTo(sent.message(), to.url(), kind))
        .count();
  }

  private static boolean isTo(Message message, String url, Kind kind) {
    return message.to().equals(url) && message.kind() == kind;
  }

  /** A load balancer, or an address that was given to two. */
  @Test
  void aUrlBehindWhichTwoNodesAnswerInTurnsIsMetWithAPause() throws Exception {
    VersionedSource source = new VersionedSource();
    try (SimulatedCluster cluster = source.cluster(3).alone()) {
      String shared = "http://shared:9";
      List<SimulatedNode> behind = new ArrayList<>(cluster.nodes().subList(1, 3));
      cluster
          .network()
          .rule(
              Fate.PASS,
              message -> {
                behind.add(behind.remove(0));
                cluster.network().alias(shared, behind.get(0));
                return false;
              });
      Rule meetings =
          cluster.network().rule(Fate.PASS, message -> isTo(message, shared, Kind.MEET));
      SimulatedNode asking = cluster.node(0);
      asking.show(List.of(asking.url(), shared));
      CompletableFuture<Void> asked =
          cluster
              .world()
              .begin(
                  () -> {
                    for (int i = 0; i < 1_000; i++) {
                      get(asking, "key" + i);
                      cluster.world().sleep(Duration.ofMillis(10));
                    }
                    return null;
                  });
      cluster.world().result(asked);
      assertThat(meetings.count()).isBetween(2, 25);
    }
  }
}
