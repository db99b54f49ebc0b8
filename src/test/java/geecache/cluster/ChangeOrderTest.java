package geecache.cluster;

import static geecache.cluster.VersionedSource.KEYS;
import static geecache.cluster.VersionedSource.get;
import static geecache.cluster.VersionedSource.keyOwnedBy;
import static geecache.cluster.VersionedSource.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.Group;
import geecache.NotReachedException;
import geecache.Stamp;
import geecache.cluster.SimulatedNetwork.Fate;
import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Message;
import geecache.cluster.SimulatedNetwork.Rule;
import geecache.cluster.SimulatedNetwork.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets and removals that come late, or not at all, or more than once. */
class ChangeOrderTest {
  private final VersionedSource source = new VersionedSource();

  private static Predicate<Message> changes(SimulatedNode from, SimulatedNode to) {
    return message -> message.kind() == Kind.CHANGE && isBetween(message, from, to);
  }

  private static boolean isBetween(Message message, SimulatedNode from, SimulatedNode to) {
    return message.from().equals(from.url()) && message.to().equals(to.url());
  }

  /** Cuts the way from one node to another. The way back stays. */
  private static void cut(SimulatedCluster cluster, SimulatedNode from, SimulatedNode to) {
    cluster.network().rule(Fate.REFUSE, message -> isBetween(message, from, to));
  }

  private static void cut(
      SimulatedCluster cluster, SimulatedNode from, SimulatedNode to, Kind kind) {
    cluster
        .network()
        .rule(Fate.REFUSE, message -> message.kind() == kind && isBetween(message, from, to));
  }

  private static void set(SimulatedNode node, String key, String value) throws Exception {
    node.group("db").set(key, ByteView.of(value), null);
  }

  private static CompletableFuture<Void> begin(SimulatedCluster cluster, Step step) {
    return cluster
        .world()
        .begin(
            () -> {
              step.run();
              return null;
            });
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void assertNotReached(Step change, SimulatedNode... named) {
    assertThatThrownBy(change::run)
        .isInstanceOfSatisfying(
            NotReachedException.class,
            failure ->
                assertThat(failure.nodes())
                    .containsExactlyInAnyOrderElementsOf(
                        List.of(named).stream().map(SimulatedNode::url).toList()));
  }

  private static void assertAll(SimulatedCluster cluster, String key, String value)
      throws Exception {
    for (SimulatedNode node : cluster.nodes()) {
      assertThat(get(node, key)).as(node.url()).isEqualTo(value);
    }
  }

  /** The owner is paused, as it were: a request arrives when it goes on. */
  private static Rule holdFirst(SimulatedCluster cluster, SimulatedNode from, SimulatedNode to) {
    Predicate<Message> some = changes(from, to);
    AtomicBoolean first = new AtomicBoolean(true);
    return cluster.network().hold(message -> some.test(message) && first.getAndSet(false));
  }

  /** The one that comes after another at the owner is superseded, and takes no other away. */
  @Test
  void ofSetsAtTheSameTimeOneStays() throws Exception {
    for (int seed = 0; seed < 100; seed++) {
      try (SimulatedCluster cluster = source.cluster(4).seed(seed).met()) {
        String key = keyOwnedBy(cluster.node(3));
        List<CompletableFuture<Void>> sets = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          SimulatedNode setter = cluster.node(i % 3);
          String value = "set " + i;
          sets.add(begin(cluster, () -> set(setter, key, value)));
        }
        for (CompletableFuture<Void> each : sets) {
          cluster.world().result(each);
        }
        String last = get(cluster.node(0), key);
        assertThat(last).as("seed " + seed).startsWith("set ");
        assertAll(cluster, key, last);
      }
    }
  }

  /** The removal is under way: what its caller wrote to the source is later than both sets. */
  @Test
  void aRemovalOvertakesAlsoTheSetAfterOneThatItHasOvertaken() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode setter = cluster.node(0);
      SimulatedNode owner = cluster.node(1);
      String key = keyOwnedBy(owner);
      source.put(key, 2);
      Rule held = holdFirst(cluster, cluster.node(2), setter);
      CompletableFuture<Void> removed =
          begin(cluster, () -> cluster.node(2).group("db").remove(key));
      cluster.world().until(() -> held.count() > 0);
      cluster.world().pass(Duration.ofMillis(100)); // The owner has carried it out.
      set(setter, key, "v0");
      set(setter, key, "v1");
      held.release();
      cluster.world().result(removed);
      assertAll(cluster, key, "v2");
    }
  }

  @Test
  void aSetThatKnowsALaterSetIsNotOvertakenByTheRemovalBeforeThat() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode setter = cluster.node(0);
      SimulatedNode owner = cluster.node(1);
      String key = keyOwnedBy(owner);
      cut(cluster, owner, setter);
      assertNotReached(() -> owner.group("db").remove(key), setter);
      set(cluster.node(2), key, "known");
      set(setter, key, "last");
      assertAll(cluster, key, "last");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"remove", "clear", "set", "set elsewhere"})
  void aSetThatWasGivenUpHasNoEffectAfterALaterChange(String later) throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode setter = cluster.node(0);
      SimulatedNode owner = cluster.node(1);
      String key = keyOwnedBy(owner);
      Rule held = holdFirst(cluster, setter, owner);
      assertNotReached(() -> set(setter, key, "given up"), owner);
      cluster.awaitContact();
      source.put(key, 2);
      switch (later) {
        case "remove" -> setter.group("db").remove(key);
        case "clear" -> cluster.node(2).group("db").clear();
        case "set" -> set(setter, key, "v2");
        default -> set(cluster.node(2), key, "v2");
      }
      held.release();
      cluster.world().pass(Duration.ofSeconds(3));
      assertAll(cluster, key, "v2");
    }
  }

  /** The owner has stored it. */
  @Test
  void aSetWhoseAnswerIsLostIsStoredNowhere() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      SimulatedNode setter = cluster.node(0);
      SimulatedNode owner = cluster.node(1);
      String key = keyOwnedBy(owner);
      Trouble deaf = new Trouble(changes(setter, owner), 0, 100, false, 0, 0, 0);
      cluster.network().begin(deaf);
      CompletableFuture<Void> set =
          begin(cluster, () -> assertNotReached(() -> set(setter, key, "lost"), owner));
      cluster.world().until(() -> owner.local("db").peek(key) != null);
      cluster.world().result(set);
      cluster.network().end(deaf);
      cluster.awaitContact();
      assertAll(cluster, key, "v1");
    }
  }

  @Test
  void aSetWhoseOwnerIsNotReachedIsStoredNowhereAndItsFailureSaysSo() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode setter = cluster.node(0);
      SimulatedNode owner = cluster.node(1);
      String key = keyOwnedBy(owner);
      set(setter, key, "before");
      cut(cluster, setter, owner);
      source.put(key, 2);
      assertThatThrownBy(() -> set(setter, key, "set"))
          .isInstanceOf(NotReachedException.class)
          .hasMessageContaining("is stored nowhere")
          .hasMessageContaining(owner.url());
      assertThat(get(setter, key)).isEqualTo("v2");
      assertThat(get(cluster.node(2), key)).isEqualTo("v2");
      cluster.network().heal();
      cluster.awaitContact();
      assertAll(cluster, key, "v2");
    }
  }

  /** Node 0 does not reach the owner; node 1 does, and has heard of the removal. */
  @ParameterizedTest
  @ValueSource(strings = {"meeting", "read"})
  void aSetOutlastsAnOlderRemovalThatItsOwnerHearsOfLate(String how) throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode remover = cluster.node(0);
      SimulatedNode setter = cluster.node(1);
      SimulatedNode owner = cluster.node(2);
      String key = keyOwnedBy(owner);
      get(setter, key);
      cut(cluster, remover, owner);
      assertNotReached(() -> remover.group("db").remove(key), owner);
      set(setter, key, "set");
      if (how.equals("meeting")) {
        cluster.network().heal();
        cluster.awaitContact();
      } else {
        assertThat(get(setter, key)).isEqualTo("set");
      }
      assertThat(owner.local("db").peek(key).value()).hasToString("set");
      cluster.network().heal();
      cluster.awaitContact();
      assertAll(cluster, key, "set");
    }
  }

  /** Each read names the clearing that the owner missed. */
  @Test
  void aClearingThatTheOwnerMissedIsOneLoadForEachKeyAndUndoesNoSet() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode reader = cluster.node(1);
      SimulatedNode owner = cluster.node(2);
      List<String> keys = ownedBy(owner).subList(0, 20);
      reader.group("db").getAll(keys);
      cut(cluster, cluster.node(0), owner);
      assertNotReached(() -> cluster.node(0).group("db").clear(), owner);
      int before = source.loads();
      for (int i = 0; i < 200; i++) {
        get(reader, keys.get(i % 20));
      }
      assertThat(source.loads() - before).isEqualTo(20);
      set(reader, keys.get(0), "set");
      for (int i = 0; i < 10; i++) {
        assertThat(get(reader, keys.get(0))).isEqualTo("set");
        assertThat(get(reader, keys.get(1))).isEqualTo("v1");
      }
      assertThat(get(owner, keys.get(0))).isEqualTo("set");
    }
  }

  /** The source never had the value that was set before. */
  @Test
  void whileASetIsUnderWayGetsSeeTheSetBeforeIt() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).timeout(Duration.ofMinutes(1)).met()) {
      SimulatedNode setter = cluster.node(0);
      String key = keyOwnedBy(cluster.node(1));
      set(setter, key, "one");
      Rule toOwner = cluster.network().hold(changes(setter, cluster.node(1)));
      Rule toOther = cluster.network().hold(changes(setter, cluster.node(2)));
      CompletableFuture<Void> set = begin(cluster, () -> set(setter, key, "two"));
      cluster.world().until(() -> toOwner.count() == 1);
      for (int i = 0; i < 20; i++) {
        assertAll(cluster, key, "one");
      }
      assertThat(toOther.count()).isZero();
      toOwner.release();
      cluster.world().until(() -> toOther.count() == 1);
      for (int i = 0; i < 20; i++) {
        assertThat(get(setter, key)).isEqualTo("two");
        assertThat(get(cluster.node(1), key)).isEqualTo("two");
        assertThat(get(cluster.node(2), key)).isIn("one", "two");
      }
      toOther.release();
      cluster.world().result(set);
      assertAll(cluster, key, "two");
    }
  }

  /** Callers get all the time, and never see less than what had been set when they began. */
  @Test
  void getsSeeNothingOlderThanTheLastSetThatHadReturned() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      String key = keyOwnedBy(cluster.node(1));
      int[] last = {0};
      AtomicBoolean over = new AtomicBoolean();
      List<CompletableFuture<Void>> readers =
          cluster.nodes().stream()
              .map(
                  node ->
                      begin(
                          cluster,
                          () -> {
                            while (!over.get()) {
                              int atLeast = last[0];
                              String seen = get(node, key).substring(1);
                              assertThat(Integer.parseInt(seen)).isGreaterThanOrEqualTo(atLeast);
                              cluster.world().sleep(Duration.ofNanos(300_000));
                            }
                          }))
              .toList();
      for (int i = 2; i <= 100; i++) {
        set(cluster.node(i % 3), key, "v" + i);
        last[0] = i;
      }
      over.set(true);
      for (CompletableFuture<Void> reader : readers) {
        cluster.world().result(reader);
      }
    }
  }

  /** In lists of nodes this one has a second name, which owns some of the keys. */
  @Test
  void aSetUnderASecondNameOfTheNodeIsNotLostWithoutAWord() throws Exception {
    try (SimulatedCluster cluster = source.cluster(1).alone()) {
      SimulatedNode node = cluster.node(0);
      cluster.network().alias("http://alias:1", node);
      node.show(List.of(node.url(), "http://alias:1"));
      cluster.world().pass(Duration.ofSeconds(1));
      int failed = 0;
      for (String key : KEYS) {
        String expected = "set";
        try {
          set(node, key, "set");
        } catch (NotReachedException named) {
          assertThat(named.nodes()).containsExactly("http://alias:1");
          failed++;
          expected = "v1";
        }
        assertThat(get(node, key)).isEqualTo(expected);
      }
      assertThat(failed).isEqualTo(KEYS.size() - ownedBy(node).size());
    }
  }

  /**
   * The owner misses a removal, hears of it by a read, and then of so many others, which the reader
   * does not know, that its log forgets it. The reader still names it.
   */
  @Test
  void aRemovalThatTheOwnerHasForgottenAndAReadNamesDropsNothingThatWasSetSince() throws Exception {
    try (SimulatedCluster cluster = source.cluster(4).removalLogSize(3).met()) {
      SimulatedNode remover = cluster.node(0);
      SimulatedNode reader = cluster.node(1);
      SimulatedNode owner = cluster.node(2);
      SimulatedNode other = cluster.node(3);
      String key = keyOwnedBy(owner);
      cut(cluster, remover, owner);
      assertNotReached(() -> remover.group("db").remove("first"), owner);
      assertNotReached(() -> remover.group("db").remove(key), owner);
      assertThat(get(reader, key)).isEqualTo("v1");
      set(reader, key, "set");
      cut(cluster, other, reader);
      for (int i = 0; i < 5; i++) {
        String some = "other" + i;
        assertNotReached(() -> other.group("db").remove(some), reader);
      }
      assertThat(get(reader, key)).isEqualTo("set");
      assertThat(owner.local("db").peek(key).value()).hasToString("set");
    }
  }

  /** The remover itself reads while the owner is being told. */
  @Test
  void aRemovalIsOneLoadEvenIfAReadTellsTheOwnerFirst() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).timeout(Duration.ofMinutes(1)).met()) {
      SimulatedNode remover = cluster.node(0);
      SimulatedNode owner = cluster.node(1);
      String key = keyOwnedBy(owner);
      get(owner, key);
      int before = source.loads();
      for (int i = 1; i <= 20; i++) {
        Rule held = cluster.network().hold(changes(remover, owner));
        source.put(key, 1 + i);
        CompletableFuture<Void> removed = begin(cluster, () -> remover.group("db").remove(key));
        cluster.world().until(() -> held.count() > 0);
        assertThat(get(remover, key)).isEqualTo("v" + (1 + i));
        cluster.network().heal();
        cluster.world().result(removed);
        assertAll(cluster, key, "v" + (1 + i));
        assertThat(source.loads() - before).isEqualTo(i);
      }
    }
  }

  /** The reader remembers the removal no more, and names others of its origin. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void anOwnerThatMissedARemovalGivesNoOldValueWhereTooManyFollowed(String how) throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).reads(how).removalLogSize(3).met()) {
      SimulatedNode remover = cluster.node(0);
      SimulatedNode reader = cluster.node(1);
      SimulatedNode owner = cluster.node(2);
      String key = keyOwnedBy(owner);
      get(reader, key);
      cut(cluster, remover, owner);
      cut(cluster, reader, owner, Kind.MEET);
      source.put(key, 2);
      assertNotReached(() -> remover.group("db").remove(key), owner);
      for (int i = 0; i < 5; i++) {
        String other = "other" + i;
        assertNotReached(() -> remover.group("db").remove(other), owner);
      }
      assertThat(get(reader, key)).isEqualTo("v2");
      cluster.network().heal();
      cluster.awaitContact();
      assertAll(cluster, key, "v2");
    }
  }

  /** The reader was told a baseline, and has never heard of the removal itself. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void anOwnerThatMissedARemovalGivesNoOldValueToANodeThatWasToldABaseline(String how)
      throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).reads(how).removalLogSize(3).met()) {
      SimulatedNode remover = cluster.node(0);
      SimulatedNode reader = cluster.node(1);
      SimulatedNode owner = cluster.node(2);
      String key = keyOwnedBy(owner);
      get(reader, key);
      cut(cluster, remover, reader);
      source.put(key, 2);
      Rule toOwner = cluster.network().rule(Fate.REFUSE, m -> isBetween(m, remover, owner));
      assertNotReached(() -> remover.group("db").remove(key), reader, owner);
      for (int i = 0; i < 5; i++) {
        String other = "other" + i;
        assertNotReached(() -> remover.group("db").remove(other), reader, owner);
      }
      assertThat(toOwner.count()).isPositive();
      cluster.network().heal();
      cut(cluster, remover, owner);
      cut(cluster, reader, owner, Kind.MEET);
      cluster.world().until(() -> remover.cluster().inContact().contains(reader.url()));
      assertThat(get(reader, key)).isEqualTo("v2");
      cluster.network().heal();
      cluster.awaitContact();
      assertAll(cluster, key, "v2");
    }
  }

  /** It answers reads, and cannot be told. A read names a removal for a minute only. */
  @Test
  void aNodeThatCannotBeMetForAWhileIsNotAskedAnyMore() throws Exception {
    try (SimulatedCluster cluster = source.cluster(3).met()) {
      SimulatedNode remover = cluster.node(0);
      SimulatedNode reader = cluster.node(1);
      SimulatedNode owner = cluster.node(2);
      String key = keyOwnedBy(owner);
      get(reader, key);
      cut(cluster, remover, owner);
      cut(cluster, reader, owner, Kind.MEET);
      source.put(key, 2);
      assertNotReached(() -> remover.group("db").remove(key), owner);
      cluster.world().pass(Duration.ofSeconds(61));
      assertThat(get(reader, key)).isEqualTo("v2");
      cluster.network().heal();
      cluster.awaitContact();
      assertAll(cluster, key, "v2");
    }
  }

  /** A removal that it never made would stop its numbers, and a time that never was its sets. */
  @Test
  void changesThatCannotBeAreRefusedAsAWhole() throws Exception {
    try (SimulatedCluster cluster = source.cluster(2).met()) {
      SimulatedNode node = cluster.node(0);
      String key = keyOwnedBy(node);
      get(node, key);
      IncomingRequests incoming = node.incoming();
      long clock = incoming.meet(Meeting.of(null, Standing.UNTOLD, 0), null).clock();
      Removal own = new Removal(node.id(), 9, clock, "db", key);
      Stamp ahead = new Stamp(clock + 1_000, cluster.node(1).id());
      VersionVector known = VersionVector.EMPTY;
      List<Changes> wrong =
          List.of(
              new Changes(node.id(), clock, List.of(), null, List.of(own)),
              new Changes(
                  node.id(),
                  clock,
                  List.of(),
                  new Baseline(new VersionVector(Map.of(node.id(), 9L)), own.stamp()),
                  List.of()),
              new Changes(
                  node.id(),
                  clock,
                  List.of(new SetChange("db", key, new byte[1], -1, ahead, known)),
                  null,
                  List.of()),
              new Changes(
                  node.id(),
                  clock,
                  List.of(),
                  new Baseline(new VersionVector(Map.of(ahead.node(), 9L)), ahead),
                  List.of()));
      for (Changes some : wrong) {
        assertThatThrownBy(() -> incoming.change(some, List.of()))
            .isInstanceOfSatisfying(
                RefusedException.class,
                refused ->
                    assertThat(refused.reason()).isEqualTo(RefusedException.Reason.BAD_REQUEST));
      }
      incoming.read(
          node.local("db"),
          new KeyRead(key, List.of(new Removal.Named(own.id(), clock, false)), false),
          cluster.node(1).id());
      assertThat(node.local("db").peek(key)).isNotNull();
      node.group("db").remove(key);
      assertThat(incoming.known().of(node.id())).isEqualTo(1);
    }
  }

  /**
   * The set does not know of the removal, and has the later stamp. A read names the removal, which
   * leaves the value alone; only then the removal itself comes.
   */
  @ParameterizedTest
  @ValueSource(strings = {"remove", "clear"})
  void aRemovalThatAReadNamedFirstWinsOverASetAtTheSameTime(String how) throws Exception {
    try (SimulatedCluster cluster = source.cluster(4).timeout(Duration.ofMinutes(1)).met()) {
      SimulatedNode remover = cluster.node(0);
      SimulatedNode setter = cluster.node(1);
      SimulatedNode owner = cluster.node(2);
      SimulatedNode reader = cluster.node(3);
      String key = keyOwnedBy(owner);
      Rule toOwner = cluster.network().hold(changes(remover, owner));
      Rule toSetter = cluster.network().hold(changes(remover, setter));
      source.put(key, 2);
      Group group = remover.group("db");
      CompletableFuture<Void> removed =
          how.equals("remove") ? group.removeAsync(key) : group.clearAsync();
      cluster.world().until(() -> reader.incoming().known().of(remover.id()) == 1);
      CompletableFuture<Void> set = begin(cluster, () -> set(setter, key, "older"));
      cluster.world().until(() -> owner.local("db").peek(key) != null);
      get(reader, key);
      toOwner.release();
      toSetter.release();
      cluster.world().result(removed);
      cluster.world().result(set);
      assertAll(cluster, key, "v2");
    }
  }
}
