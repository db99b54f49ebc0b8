package geecache.cluster;

import static geecache.cluster.VersionedSource.KEYS;
import static geecache.cluster.VersionedSource.get;
import static geecache.cluster.VersionedSource.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.NotReachedException;
import geecache.cluster.SimulatedNetwork.Fate;
import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Message;
import geecache.cluster.SimulatedNetwork.Rule;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes leave: which nodes hear of that, what they are handed, and what they refuse. */
class LeavingTest {
  private final VersionedSource source = new VersionedSource();

  private static Predicate<Message> to(SimulatedNode node, Kind kind) {
    return message -> message.to().equals(node.url()) && message.kind() == kind;
  }

  /** Whether each key has one owner. */
  private static boolean isOwnedAlike(SimulatedCluster cluster) {
    return KEYS.stream()
        .allMatch(key -> cluster.nodes().stream().filter(node -> node.owns(key)).count() == 1);
  }

  private static LeaveReport leave(SimulatedCluster cluster, SimulatedNode node) throws Exception {
    return cluster.world().result(node.cluster().leave());
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void aNodeThatLeavesHandsOverItsEntries(String how) throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).reads(how).met()) {
      source.warm(cluster.node(0));
      SimulatedNode leaver = cluster.node(0);
      int owned = ownedBy(leaver).size();
      LeaveReport report = leave(cluster, leaver);
      assertThat(report.over()).isTrue();
      long copies = report.entries() - owned;
      assertThat(copies).isZero();
      assertThat(List.of(report.taken(), report.refused(), report.unsent()))
          .containsExactly((long) owned, 0L, 0L);
      assertThat(ownedBy(leaver)).isEmpty();
      assertThat(
              cluster.node(1).cluster().stats().taken() + cluster.node(2).cluster().stats().taken())
          .isEqualTo(owned);
      assertThat(leaver.cluster().stats().handedOver()).isEqualTo(owned);
      leaver.stop();
      source.assertNothingIsLoaded(cluster, 1, 2);
    }
  }

  @Test
  void aNodeThatIsUndeployedHandsOverAlone() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      source.warm(cluster.node(0));
      cluster.node(0).stop();
      source.assertNothingIsLoaded(cluster, 1, 2);
    }
  }

  @Test
  void aNodeThatHasLeftAnswersAndHearsOfRemovals() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      source.warm(cluster.node(0));
      leave(cluster, cluster.node(0));
      source.assertNothingIsLoaded(cluster, 0);
      source.put("key1", 2);
      cluster.node(1).group("db").remove("key1");
      assertThat(get(cluster.node(0), "key1")).isEqualTo("v2");
      source.put("key2", 2);
      cluster.node(0).group("db").remove("key2");
      for (SimulatedNode node : cluster.nodes()) {
        assertThat(get(node, "key2")).isEqualTo("v2");
      }
    }
  }

  @Test
  void aNodeThatStaysOwnsKeysAgain() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      source.warm(cluster.node(0));
      leave(cluster, cluster.node(0));
      assertThat(ownedBy(cluster.node(0))).isEmpty();
      assertThat(cluster.node(0).cluster().notReady()).contains("the node leaves");
      cluster.node(0).cluster().stay();
      cluster.world().until(() -> isOwnedAlike(cluster));
      assertThat(ownedBy(cluster.node(0))).isNotEmpty();
      source.assertNothingIsLoaded(cluster, 0, 1);
    }
  }

  @Test
  void aNodeThatHasLeftAndRestartsJoinsAsAnyOther() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      source.warm(cluster.node(0));
      leave(cluster, cluster.node(0));
      cluster.node(0).stop();
      cluster.node(0).start();
      cluster.node(0).show(cluster.urls(0, 1, 2));
      cluster.world().until(() -> isOwnedAlike(cluster) && !ownedBy(cluster.node(0)).isEmpty());
      cluster.awaitContact();
      source.assertNothingIsLoaded(cluster, 0, 1, 2);
      assertThat(cluster.node(0).group("db").stats().peekHits())
          .isEqualTo(ownedBy(cluster.node(0)).size());
    }
  }

  @Test
  void aNodeLeavesWhileAnotherJoins() throws Exception {
    try (SimulatedCluster cluster = source.cluster(4).alone()) {
      cluster.show(0, 1, 2);
      source.warm(cluster.node(0));
      CompletableFuture<LeaveReport> left = cluster.node(0).cluster().leave();
      cluster.show(0, 1, 2, 3);
      cluster.world().result(left);
      cluster.world().until(() -> isOwnedAlike(cluster));
      source.assertNothingIsLoaded(cluster, 1, 2, 3);
    }
  }

  @Test
  void aNodeThatWasNotToldOfALeaveHearsItLater() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      cluster.network().rule(Fate.REFUSE, to(cluster.node(1), Kind.MEET));
      leave(cluster, cluster.node(0));
      assertThat(isOwnedAlike(cluster)).isFalse();
      cluster.network().heal();
      cluster.world().until(() -> isOwnedAlike(cluster));
      assertThat(ownedBy(cluster.node(1))).isEqualTo(KEYS);
    }
  }

  /** Telling the silent node takes longer than there is for handing over. */
  @Test
  void aNodeThatDoesNotHearTakesNoTimeFromTheOthers() throws Exception {
    try (SimulatedCluster cluster =
        source.cluster(3).timeout(Duration.ofSeconds(5)).handoff(Duration.ofSeconds(4)).met()) {
      source.warm(cluster.node(0));
      cluster.network().rule(Fate.LOSE, to(cluster.node(1), Kind.MEET));
      assertThat(leave(cluster, cluster.node(0)).taken()).isPositive();
    }
  }

  /** A node says that it leaves, which comes late; it stays, and says so; the first comes. */
  @Test
  void anEarlierWordThatComesLaterDoesNotCount() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      says(cluster, 1_000_000, false);
      says(cluster, 999_999, true);
      assertThat(isOwnedAlike(cluster)).isTrue();
      says(cluster, 1_000_001, true);
      assertThat(ownedBy(cluster.node(1))).isEqualTo(KEYS);
    }
  }

  /** Node 0 tells node 1 about itself, in its request of that number. */
  private static void says(SimulatedCluster cluster, long number, boolean leaving)
      throws RefusedException {
    SimulatedNode node = cluster.node(0);
    cluster
        .node(1)
        .incoming()
        .meet(
            Meeting.of(node.url(), new Standing(leaving, 0, number, false), 0),
            new Sender(node.id(), number));
  }

  /** As an application that is being undeployed: it is met from time to time, and still answers. */
  @Test
  void aNodeThatSaidGoodbyeAndStillAnswersIsNeitherToldNorNamed() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      cluster.node(0).cluster().close();
      cluster.world().pass(Duration.ofSeconds(30));
      assertThat(cluster.node(1).cluster().inContact()).isEmpty();
      Rule told = cluster.network().rule(Fate.LOSE, to(cluster.node(0), Kind.CHANGE));
      cluster.node(1).group("db").remove("key1");
      assertThat(told.count()).isZero();
    }
  }

  /** Its URL is in the lists of nodes all the time, as where they are written down. */
  @Test
  void aNodeThatSaidGoodbyeAndRestartsIsMetAtOnceAndTold() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      SimulatedNode back = cluster.node(0);
      back.stop();
      cluster.world().pass(Duration.ofMillis(100));
      back.start();
      back.show(cluster.urls(0, 1));
      cluster.world().until(back::isInContact);
      cluster.world().pass(Duration.ofMillis(20));
      assertThat(cluster.node(1).isInContact()).isTrue();
      get(back, "key1");
      source.put("key1", 2);
      cluster.node(1).group("db").remove("key1");
      assertThat(get(back, "key1")).isEqualTo("v2");
    }
  }

  /** Node 0 returns while node 2 is cut off: only node 1 knows that. */
  @Test
  void aNodeThatSaidGoodbyeAndMayBeBackIsNamedIfAnotherIsNotReached() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode back = cluster.node(0);
      back.stop();
      cluster.world().pass(Duration.ofMillis(100));
      cluster.node(2).group("db").remove("key1");
      String cut = cluster.node(2).url();
      cluster.network().rule(Fate.REFUSE, m -> m.from().equals(cut) || m.to().equals(cut));
      back.start();
      back.show(cluster.urls(0, 1, 2));
      cluster.world().until(() -> back.cluster().inContact().equals(cluster.urls(1)));
      assertThatThrownBy(() -> cluster.node(2).group("db").remove("key1"))
          .isInstanceOfSatisfying(
              NotReachedException.class,
              e -> assertThat(e.nodes()).containsExactlyInAnyOrderElementsOf(cluster.urls(0, 1)));
    }
  }

  /** Node 0 is told of nothing any more, as one that is being undeployed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKeyRemovedBeforeItsEntryComesIsRefused(boolean all) throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      source.warm(cluster.node(0));
      SimulatedNode leaver = cluster.node(0);
      String key = ownedBy(leaver).get(0);
      cluster.network().rule(Fate.REFUSE, message -> message.to().equals(leaver.url()));
      source.put(key, 2);
      assertThatThrownBy(() -> remove(cluster.node(1), key, all))
          .isInstanceOf(NotReachedException.class);
      LeaveReport report = leave(cluster, leaver);
      assertThat(report.refused()).isEqualTo(all ? report.entries() : 1);
      for (SimulatedNode node : cluster.nodes().subList(1, 3)) {
        assertThat(get(node, key)).isEqualTo("v2");
      }
    }
  }

  /** A bulk removal while it is undeployed: it cannot show that it knows all that was removed. */
  @Test
  void aNodeThatMissedMoreRemovalsThanTheLogHoldsHandsNothingOver() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).removalLogSize(100).met()) {
      source.warm(cluster.node(0));
      SimulatedNode leaver = cluster.node(0);
      cluster.network().rule(Fate.REFUSE, message -> message.to().equals(leaver.url()));
      KEYS.forEach(key -> source.put(key, 2));
      assertThatThrownBy(() -> cluster.node(1).group("db").removeAll(KEYS))
          .isInstanceOfSatisfying(
              NotReachedException.class,
              failure -> assertThat(failure.nodes()).containsExactly(leaver.url()));
      LeaveReport report = leave(cluster, leaver);
      assertThat(report.taken()).isZero();
      assertThat(report.refused()).isEqualTo(report.entries()).isPositive();
      for (SimulatedNode node : cluster.nodes().subList(1, 3)) {
        for (String key : KEYS) {
          assertThat(get(node, key)).isEqualTo("v2");
        }
      }
    }
  }

  private static void remove(SimulatedNode node, String key, boolean all) throws Exception {
    if (all) {
      node.group("db").clear();
    } else {
      node.group("db").remove(key);
    }
  }

  /** A message with its entry is on its way while the key is removed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKeyRemovedWhileItsEntryIsOnItsWayIsRefused(boolean all) throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      source.warm(cluster.node(0));
      String key = ownedBy(cluster.node(0)).get(0);
      Rule held = cluster.network().hold(to(cluster.node(1), Kind.HANDOVER));
      CompletableFuture<LeaveReport> left = cluster.node(0).cluster().leave();
      cluster.world().until(() -> held.count() == 1);
      source.put(key, 2);
      remove(cluster.node(1), key, all);
      held.release();
      assertThat(cluster.world().result(left).refused()).isPositive();
      assertThat(get(cluster.node(1), key)).isEqualTo("v2");
      assertThat(get(cluster.node(0), key)).isEqualTo("v2");
    }
  }

  /** A key that was removed everywhere and loaded again is as good as any other. */
  @Test
  void anEntryNamesTheRemovalsThatItsNodeKnows() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      source.warm(cluster.node(0));
      cluster.node(1).group("db").clear();
      KEYS.forEach(key -> source.put(key, 2));
      cluster.node(1).group("db").removeAll(KEYS);
      for (String key : KEYS) {
        assertThat(get(cluster.node(1), key)).isEqualTo("v2");
      }
      LeaveReport report = leave(cluster, cluster.node(0));
      assertThat(List.of(report.refused(), report.unsent())).containsExactly(0L, 0L);
      assertThat(report.taken()).isPositive();
    }
  }

  /** Even if the node bears a much longer silence otherwise. */
  @Test
  void handingOverEndsWithItsTime() throws Exception {
    try (SimulatedCluster cluster =
        source.cluster(2).timeout(Duration.ofMinutes(5)).handoff(Duration.ofMillis(600)).met()) {
      source.warm(cluster.node(0));
      cluster.network().rule(Fate.LOSE, to(cluster.node(1), Kind.HANDOVER));
      LeaveReport report = leave(cluster, cluster.node(0));
      assertThat(report.over()).isTrue();
      assertThat(report.took()).isLessThan(Duration.ofSeconds(1));
      assertThat(report.unsent()).isEqualTo(report.entries()).isPositive();
      // It can still be asked for them.
      cluster.network().heal();
      source.assertNothingIsLoaded(cluster, 1);
    }
  }

  @Test
  void aReceiverThatIsGoneCostsItsShareAlone() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      source.warm(cluster.node(0));
      cluster.network().rule(Fate.REFUSE, to(cluster.node(1), Kind.HANDOVER));
      LeaveReport report = leave(cluster, cluster.node(0));
      assertThat(report.unsent()).isPositive();
      assertThat(report.taken()).isPositive();
    }
  }

  /** As where a version without that group is being deployed. */
  @Test
  void aGroupThatAReceiverLacksCostsItselfAlone() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      SimulatedNode leaver = cluster.node(0);
      List<String> owned =
          IntStream.iterate(0, i -> i + 1)
              .mapToObj(i -> "many" + i)
              .filter(leaver::owns)
              .limit(HandedEntry.MOST_IN_A_MESSAGE + 100)
              .toList();
      leaver.group("db").getAll(owned);
      leaver.node().group("lone").register(source::load).get(owned.get(0));
      LeaveReport report = leave(cluster, leaver);
      assertThat(List.of(report.taken(), report.refused(), report.unsent()))
          .containsExactly((long) owned.size(), 0L, 1L);
    }
  }
}
