package geecache.cluster;

import static geecache.cluster.VersionedSource.KEYS;
import static geecache.cluster.VersionedSource.get;
import static geecache.cluster.VersionedSource.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.NotReachedException;
import geecache.cluster.SimulatedNetwork.Fate;
import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Message;
import geecache.cluster.SimulatedNetwork.Rule;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes join, and ask the former owners of keys before the source. */
class JoiningTest {
  private final VersionedSource source = new VersionedSource();

  /** Makes nodes of which the first few know each other, and the others are alone. */
  private SimulatedCluster cluster(SimulatedCluster.Builder builder, int together) {
    SimulatedCluster cluster = builder.alone();
    cluster.show(IntStream.range(0, together).toArray());
    return cluster;
  }

  private static long peekHits(SimulatedNode node) {
    return node.group("db").stats().peekHits();
  }

  private static List<String> held(SimulatedNode by, SimulatedNode nowOwnedBy) {
    return ownedBy(nowOwnedBy).stream().filter(k -> by.local("db").peek(k) != null).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatJoinsAsksTheFormerOwners(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(3).reads(how), 2)) {
      source.warm(cluster.node(0));
      cluster.show(0, 1, 2);
      assertThat(ownedBy(cluster.node(2))).isNotEmpty();
      source.assertNothingIsLoaded(cluster, 0, 1, 2);
      assertThat(peekHits(cluster.node(2))).isEqualTo(ownedBy(cluster.node(2)).size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void twoNodesThatJoinAtOnceAskTheFormerOwners(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(4).reads(how), 2)) {
      source.warm(cluster.node(0));
      cluster.show(0, 1, 2, 3);
      source.assertNothingIsLoaded(cluster, 3, 2, 0, 1);
    }
  }

  @Test
  void aNodeThatJoinsAfterAnotherAsksThatToo() throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(4), 2)) {
      source.warm(cluster.node(0));
      cluster.show(0, 1, 2);
      source.assertNothingIsLoaded(cluster, 2);
      cluster.show(0, 1, 2, 3);
      source.assertNothingIsLoaded(cluster, 0, 1, 2, 3);
    }
  }

  @Test
  void aNodeThatWasTakenOutOfTheViewIsStillAsked() throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(3), 3)) {
      source.warm(cluster.node(0));
      cluster.show(0, 1);
      source.assertNothingIsLoaded(cluster, 0, 1);
      assertThat(peekHits(cluster.node(0)) + peekHits(cluster.node(1))).isPositive();
    }
  }

  @Test
  void aViewThatFlapsLosesNothing() throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(3), 3)) {
      source.warm(cluster.node(0));
      for (int i = 0; i < 3; i++) {
        cluster.show(0, 1);
        cluster.show(0, 1, 2);
      }
      source.assertNothingIsLoaded(cluster, 0, 1, 2);
    }
  }

  @Test
  void withoutAWarmJoinTheSourceIsAsked() throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(3).warmJoin(Duration.ZERO), 2)) {
      source.warm(cluster.node(0));
      cluster.show(0, 1, 2);
      source.warm(cluster.node(2));
      assertThat(source.loads()).isEqualTo(KEYS.size() + ownedBy(cluster.node(2)).size());
    }
  }

  @Test
  void afterTheTimeOfAWarmJoinTheSourceIsAsked() throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(3).warmJoin(Duration.ofMinutes(1)), 2)) {
      source.warm(cluster.node(0));
      cluster.show(0, 1, 2);
      cluster.world().pass(Duration.ofMinutes(1));
      source.warm(cluster.node(2));
      assertThat(source.loads()).isEqualTo(KEYS.size() + ownedBy(cluster.node(2)).size());
    }
  }

  /** Node 0 does not hear of the removal, and does not show that it knows it. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aPeekAtAnOwnerThatMissedARemovalIsInVain(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(4).reads(how), 3)) {
      source.warm(cluster.node(1));
      cluster.show(0, 1, 2, 3);
      SimulatedNode former = cluster.node(0);
      SimulatedNode joined = cluster.node(3);
      List<String> keys = held(former, joined);
      String key = keys.get(0);
      // As at a plain undeploy: it asks and tells others, and hears nothing itself.
      cluster.network().rule(Fate.REFUSE, m -> m.to().equals(former.url()) && !m.isRead());
      source.put(key, 2);
      assertThatThrownBy(() -> cluster.node(1).group("db").remove(key))
          .isInstanceOf(NotReachedException.class)
          .hasMessageContaining(former.url());
      assertThat(former.local("db").peek(key)).isNotNull();
      assertThat(get(joined, key)).isEqualTo("v2");
      assertThat(peekHits(joined)).isZero();
      assertThat(get(joined, keys.get(1))).isEqualTo("v1");
      assertThat(peekHits(joined)).isEqualTo(1);
    }
  }

  /** More was removed than the log holds: none of its values may be taken, removed or not. */
  @Test
  void aPeekAtAnOwnerThatMissedMoreThanTheLogHoldsIsInVain() throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(4).removalLogSize(10), 3)) {
      source.warm(cluster.node(1));
      cluster.show(0, 1, 2, 3);
      SimulatedNode former = cluster.node(0);
      SimulatedNode joined = cluster.node(3);
      List<String> keys = held(former, joined);
      cluster
          .network()
          .rule(Fate.REFUSE, m -> m.to().equals(former.url()) && m.kind() != Kind.READ);
      KEYS.forEach(key -> source.put(key, 2));
      assertThatThrownBy(() -> cluster.node(1).group("db").removeAll(KEYS))
          .isInstanceOf(NotReachedException.class);
      for (String key : keys) {
        assertThat(get(joined, key)).isEqualTo("v2");
      }
      assertThat(peekHits(joined)).isZero();
    }
  }

  @Test
  void aSilentFormerOwnerIsNotAskedAgain() throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(3), 2)) {
      source.warm(cluster.node(0));
      cluster.show(0, 1, 2);
      SimulatedNode former = cluster.node(0);
      Rule silence =
          cluster.network().rule(Fate.LOSE, m -> m.to().equals(former.url()) && m.isRead());
      List<String> lost = held(former, cluster.node(2));
      int before = source.loads();
      for (String key : lost) {
        get(cluster.node(2), key);
      }
      assertThat(source.loads() - before).isEqualTo(lost.size());
      assertThat(silence.count()).isEqualTo(1);
    }
  }

  /** Questions that wait for a node when it leaves the view fail, and it did not. */
  @Test
  void aNodeThatWasAskedWhenItWasTakenOutIsStillAsked() throws Exception {
    try (SimulatedCluster cluster = cluster(source.cluster(3).timeout(Duration.ofSeconds(30)), 2)) {
      source.warm(cluster.node(0));
      cluster.show(0, 1, 2);
      SimulatedNode former = cluster.node(0);
      SimulatedNode joined = cluster.node(2);
      List<String> keys = held(former, joined);
      int before = source.loads();
      Rule held = cluster.network().hold(m -> isRead(m, joined, former));
      CompletableFuture<ByteView> one = joined.group("db").getAsync(keys.get(0));
      cluster.world().until(() -> held.count() == 1);
      CompletableFuture<ByteView> two = joined.group("db").getAsync(keys.get(1));
      cluster.world().until(() -> held.count() == 2);
      CompletableFuture<ByteView> waits = joined.group("db").getAsync(keys.get(2));
      joined.show(cluster.urls(1, 2));
      assertThat(cluster.world().result(waits)).hasToString("v1");
      assertThat(source.loads() - before).isEqualTo(1);
      held.release();
      cluster.world().result(one);
      cluster.world().result(two);
      assertThat(get(joined, keys.get(3))).isEqualTo("v1");
      assertThat(source.loads() - before).isEqualTo(1);
    }
  }

  private static boolean isRead(Message message, SimulatedNode from, SimulatedNode to) {
    return message.isRead() && message.from().equals(from.url()) && message.to().equals(to.url());
  }
}
