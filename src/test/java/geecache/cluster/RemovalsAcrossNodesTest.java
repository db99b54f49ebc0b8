package geecache.cluster;

import static geecache.cluster.VersionedSource.KEYS;
import static geecache.cluster.VersionedSource.get;
import static geecache.cluster.VersionedSource.keyOwnedBy;
import static geecache.cluster.VersionedSource.warm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.Group;
import geecache.LogCapture;
import geecache.NotReachedException;
import geecache.cluster.SimulatedNetwork.Fate;
import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Rule;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Removals and sets across nodes, also those that do not hear each other and meet again. */
class RemovalsAcrossNodesTest {
  private final VersionedSource source = new VersionedSource();

  private SimulatedCluster.Builder cluster(int nodes, String how) {
    return source.cluster(nodes).reads(how);
  }

  private static CompletableFuture<Void> begin(SimulatedCluster cluster, Change change) {
    return cluster
        .world()
        .begin(
            () -> {
              change.make();
              return null;
            });
  }

  private interface Change {
    void make() throws Exception;
  }

  private static Predicate<SimulatedNetwork.Message> changesTo(SimulatedNode node) {
    return message -> message.kind() == Kind.CHANGE && message.to().equals(node.url());
  }

  private static void assertAll(SimulatedCluster cluster, String key, String value)
      throws Exception {
    for (SimulatedNode node : cluster.nodes()) {
      assertThat(get(node, key)).as(node.url()).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aRemovalHoldsOnEveryNodeWhicheverRemoves(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(3, how).met()) {
      int version = 1;
      for (SimulatedNode owner : cluster.nodes()) {
        String key = keyOwnedBy(owner);
        for (SimulatedNode remover : cluster.nodes()) {
          warm(cluster, key);
          source.put(key, ++version);
          remover.group("db").remove(key);
          assertAll(cluster, key, "v" + version);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void clearingAndRemovingManyHoldOnEveryNode(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(3, how).met()) {
      List<String> keys = IntStream.range(0, 2_500).mapToObj(i -> "key" + i).toList();
      Group last = cluster.node(2).group("db");
      last.getAll(keys);
      keys.forEach(key -> source.put(key, 2));
      last.removeAll(keys);
      assertThat(Set.copyOf(cluster.node(1).group("db").getAll(keys).values()))
          .containsExactly(ByteView.of("v2"));
      keys.forEach(key -> source.put(key, 3));
      cluster.node(0).group("db").clear();
      assertThat(Set.copyOf(last.getAll(keys).values())).containsExactly(ByteView.of("v3"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aSetIsStoredByTheOwnerAndSeenByAll(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(3, how).met()) {
      int number = 0;
      for (SimulatedNode owner : cluster.nodes()) {
        String key = keyOwnedBy(owner);
        for (SimulatedNode setter : cluster.nodes()) {
          warm(cluster, key);
          String value = "set " + number++;
          int loads = source.loads();
          setter.group("db").set(key, ByteView.of(value), null);
          assertAll(cluster, key, value);
          assertThat(source.loads()).isEqualTo(loads);
        }
      }
    }
  }

  /**
   * The setter reads between its own removal and the set at the owner: the value that it then has
   * from the source must not outlive the set.
   */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aReadDuringASetDoesNotOutliveIt(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(2, how).timeout(Duration.ofSeconds(20)).met()) {
      String key = keyOwnedBy(cluster.node(1));
      warm(cluster, key);
      Rule held = cluster.network().hold(changesTo(cluster.node(1)));
      CompletableFuture<Void> set =
          begin(cluster, () -> cluster.node(0).group("db").set(key, ByteView.of("set"), null));
      cluster.world().until(() -> held.count() == 1);
      for (int i = 0; i < 20; i++) {
        assertThat(get(cluster.node(0), key)).isEqualTo("v1");
      }
      held.release();
      cluster.world().result(set);
      assertAll(cluster, key, "set");
    }
  }

  @Test
  void anyTimeToLiveCanBeSetAndANegativeOneChangesNothing() throws Exception {
    try (SimulatedCluster cluster = cluster(2, "batch").met()) {
      String key = keyOwnedBy(cluster.node(1));
      Group group = cluster.node(0).group("db");
      for (Duration life : List.of(ChronoUnit.FOREVER.getDuration(), Duration.ofNanos(1))) {
        group.set(key, ByteView.of("set"), life);
      }
      group.set(key, ByteView.of("set"), ChronoUnit.FOREVER.getDuration());
      assertThatThrownBy(() -> group.set(key, ByteView.of("x"), Duration.ofSeconds(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("time to live must not be negative: PT-1S");
      assertThat(group.get(key, ChronoUnit.FOREVER.getDuration())).hasToString("set");
    }
  }

  @Test
  void withoutASecretNothingIsChangedWhereThereArePeers() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).withoutSecret().met()) {
      assertAll(cluster, "Tom", "v1");
      Group group = cluster.node(0).group("db");
      source.put("Tom", 2);
      String message =
          "changes need a secret where there are peers: set geecache.secret on all nodes";
      assertThatThrownBy(() -> group.remove("Tom"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(message);
      assertThatThrownBy(group::clear).hasMessage(message);
      assertThatThrownBy(() -> group.set("Tom", ByteView.of("x"), null)).hasMessage(message);
      assertAll(cluster, "Tom", "v1");
    }
  }

  /** Its contact with itself cannot be made, and is not tried without end. */
  @Test
  void aNodeThatIsNamedTwiceSaysSoOnce() {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.WARNING);
        SimulatedCluster cluster = source.cluster(1).alone()) {
      SimulatedNode node = cluster.node(0);
      cluster.network().alias("http://alias:1", node);
      node.show(List.of(node.url(), "http://alias:1"));
      cluster.world().until(() -> !log.messages().isEmpty());
      cluster.world().pass(Duration.ofMinutes(1));
      assertThat(log.messages())
          .containsExactly(
              "WARNING http://alias:1 is this node itself, which knows itself by another URL: all"
                  + " nodes have to name it by one, and geecache.self, if it is set, has to be that");
    }
  }

  /**
   * Node 2 takes node 1 for the owner; node 0 is. The remover tells 0 and 2, and is held on its way
   * to 1. The value that 2 then reads from 1 is not older than the removal, which 2 knows and 1
   * does not.
   */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void removalBetweenOwnerAndANodeWithAnOlderView(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(3, how).timeout(Duration.ofSeconds(20)).alone()) {
      cluster.node(0).show(cluster.urls(0, 1, 2));
      cluster.node(1).show(cluster.urls(0, 1, 2));
      cluster.node(2).show(cluster.urls(1, 2));
      cluster.awaitContact();
      SimulatedNode removing = cluster.node(0);
      SimulatedNode between = cluster.node(1);
      SimulatedNode older = cluster.node(2);
      String key =
          KEYS.stream().filter(k -> removing.owns(k) && !older.owns(k)).findFirst().orElseThrow();
      for (int i = 0; i < 20; i++) {
        assertThat(get(older, key)).isEqualTo("v1");
      }
      assertThat(between.group("db").stats().entries()).isEqualTo(1);
      Rule held = cluster.network().hold(changesTo(between));

      source.put(key, 2);
      CompletableFuture<Void> removal = begin(cluster, () -> removing.group("db").remove(key));
      cluster.world().until(() -> held.count() == 1);
      for (int i = 0; i < 100 && get(older, key).equals("v1"); i++) {
        cluster.world().pass(Duration.ofMillis(1)); // It is being told.
      }
      assertThat(get(older, key)).isEqualTo("v2");
      assertThat(get(older, key)).isEqualTo("v2");
      held.release();
      cluster.world().result(removal);
      assertAll(cluster, key, "v2");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatWasPausedDuringARemovalAndReturns(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(3, how).met()) {
      SimulatedNode paused = cluster.node(1);
      String key = keyOwnedBy(paused);
      warm(cluster, key);
      cluster.network().rule(Fate.LOSE, message -> message.to().equals(paused.url()));
      source.put(key, 2);
      assertThatThrownBy(() -> cluster.node(0).group("db").remove(key))
          .isInstanceOfSatisfying(
              NotReachedException.class,
              failure -> assertThat(failure.nodes()).containsExactly(paused.url()))
          .hasMessage("the removal of a key of group db did not reach " + paused.url());
      assertThat(get(cluster.node(0), key)).isEqualTo("v2");
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
      assertThat(cluster.node(0).cluster().inContact()).doesNotContain(paused.url());

      cluster.network().heal();
      cluster.awaitContact();
      assertAll(cluster, key, "v2");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void twoHalvesThatMeetAgain(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(4, how).met()) {
      String left = keyOwnedBy(cluster.node(0));
      String right = keyOwnedBy(cluster.node(3));
      warm(cluster, left);
      warm(cluster, right);
      List<String> half = cluster.urls(0, 1);
      cluster.network().rule(Fate.REFUSE, m -> half.contains(m.from()) != half.contains(m.to()));
      source.put(left, 2);
      source.put(right, 2);
      assertThatThrownBy(() -> cluster.node(1).group("db").remove(left))
          .isInstanceOf(NotReachedException.class)
          .hasMessageContaining(cluster.node(2).url())
          .hasMessageContaining(cluster.node(3).url());
      assertThatThrownBy(() -> cluster.node(2).group("db").remove(right))
          .isInstanceOf(NotReachedException.class);
      assertThat(get(cluster.node(0), left)).isEqualTo("v2");
      assertThat(get(cluster.node(3), right)).isEqualTo("v2");

      cluster.network().heal();
      cluster.awaitContact();
      assertAll(cluster, left, "v2");
      assertAll(cluster, right, "v2");
    }
  }

  /** More was removed without the paused node than the others remember. */
  @Test
  void aLogThatDoesNotReachBackClearsTheNodeThatIsMet() throws Exception {
    try (SimulatedCluster cluster = cluster(2, "batch").removalLogSize(10).met()) {
      SimulatedNode paused = cluster.node(1);
      String key = keyOwnedBy(paused);
      warm(cluster, key);
      cluster.network().rule(Fate.REFUSE, message -> message.to().equals(paused.url()));
      source.put(key, 2);
      Group group = cluster.node(0).group("db");
      assertThatThrownBy(() -> group.remove(key)).isInstanceOf(NotReachedException.class);
      for (int i = 0; i < 20; i++) {
        String other = "other" + i;
        assertThatThrownBy(() -> group.remove(other)).isInstanceOf(NotReachedException.class);
      }
      assertThat(get(paused, key)).isEqualTo("v1");
      cluster.network().heal();
      cluster.awaitContact();
      assertThat(get(paused, key)).isEqualTo("v2");
    }
  }

  @Test
  void aNodeThatOnlyOthersKnowIsToldToo() throws Exception {
    try (SimulatedCluster cluster = cluster(3, "batch").alone()) {
      cluster.node(0).show(cluster.urls(0, 1));
      cluster.node(1).show(cluster.urls(0, 1, 2));
      cluster.node(2).show(cluster.urls(0, 1, 2));
      cluster.awaitContact();
      String key = keyOwnedBy(cluster.node(2));
      warm(cluster, key);
      source.put(key, 2);
      cluster.node(0).group("db").remove(key);
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
    }
  }
}
