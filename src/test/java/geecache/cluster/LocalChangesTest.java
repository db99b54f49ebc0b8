package geecache.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.CacheException;
import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.PeerValue;
import geecache.Stamp;
import geecache.Ticker;
import geecache.cluster.LocalChanges.Done;
import geecache.cluster.LocalChanges.Told;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalChangesTest {
  private static final long SELF = 7;
  private static final long OTHER = 5;
  private static final long MILLIS = 1_700_000_000_000L;

  /** The time of the test's stamps: they count on from here. */
  private static final long TIME = MILLIS << 16;

  /** Later than all of them. */
  private static final long LATEST = TIME + 100_000;

  private final AtomicInteger loads = new AtomicInteger();
  private final Geecache node = new Geecache();
  private final Group group =
      node.group("g")
          .maxValueBytes(100)
          .register(key -> ("load " + loads.incrementAndGet()).getBytes(UTF_8));
  private final LocalGroup local = LocalNode.partOf(group);
  private final FakeTicker ticker = new FakeTicker();
  private final HybridClock clock = new HybridClock(SELF, () -> MILLIS);
  private ChangeLog log = new ChangeLog(SELF, 100, ticker);
  private final AnnouncedRemovals announced =
      new AnnouncedRemovals(100, Duration.ofSeconds(10), ticker);
  private LocalChanges changes = changes();

  private LocalChanges changes() {
    return new LocalChanges(node.local(), SELF, clock, log, announced);
  }

  @AfterEach
  void close() {
    node.close();
  }

  private static Stamp stamp(int count) {
    return new Stamp(TIME + count, OTHER);
  }

  private static Removal removal(long number, int count, @Nullable String key) {
    return new Removal(OTHER, number, TIME + count, "g", key);
  }

  /** Returns a set that was called when its node knew no changes. */
  private static SetChange set(String key, String value, int count) {
    return set(key, value, count, 0);
  }

  /**
   * Returns a set that was called when its node knew the removals of the other node up to {@code
   * known}.
   */
  private static SetChange set(String key, String value, int count, long known) {
    return set("g", key, value, -1, stamp(count), known);
  }

  private static SetChange set(
      String group, String key, String value, long life, Stamp stamp, long known) {
    return new SetChange(
        group,
        key,
        value.getBytes(UTF_8),
        life,
        stamp,
        new VersionVector(known == 0 ? Map.of() : Map.of(OTHER, known)));
  }

  /** Its sender's clock is as late as all that it tells. */
  private Told tell(List<SetChange> sets, @Nullable Baseline baseline, Removal... removed) {
    sets.forEach(set -> clock.observe(set.stamp().time(), "b"));
    Changes told = new Changes(SELF, LATEST, sets, baseline, List.of(removed));
    try {
      return carryOut(told, key -> true);
    } catch (RefusedException refused) {
      throw new AssertionError(refused);
    }
  }

  private Told carryOut(Changes told, Predicate<String> owns) throws RefusedException {
    return changes.carryOut(
        told, set -> node.local().find(set.group()).orElse(null), (ofGroup, key) -> owns.test(key));
  }

  private Told tell(Removal... removed) {
    return tell(List.of(), null, removed);
  }

  private SetResult tell(SetChange set) {
    return tell(List.of(set), null).sets().get(0);
  }

  private void readNames(String key, Removal... removed) {
    changes.catchUp(local, key, List.of(removed).stream().map(Removal::named).toList());
  }

  private String get(String key) throws CacheException {
    return group.get(key).toString();
  }

  @Test
  void aRemovalRemovesAndIsLoggedAndAnnounced() throws Exception {
    get("Tom");
    Done done = changes.remove(local, List.of("Tom", "Jack"), new Stamp(TIME + 1, SELF));
    assertThat(done).isEqualTo(new Done(2, null));
    assertThat(get("Tom")).isEqualTo("load 2");
    assertThat(log.known()).isEqualTo(new VersionVector(Map.of(SELF, 2L)));
    assertThat(announced.namedBy("g", "Jack"))
        .containsExactly(new Removal(SELF, 2, TIME + 1, "g", "Jack").named());
  }

  @Test
  void aClearingIsOneRemovalOfAllKeys() throws Exception {
    get("Tom");
    get("Jack");
    assertThat(changes.clear(local, new Stamp(TIME + 1, SELF)).last()).isEqualTo(1);
    assertThat(get("Tom")).isEqualTo("load 3");
    assertThat(get("Jack")).isEqualTo("load 4");
    assertThat(announced.namedBy("g", "Kate")).hasSize(1);
  }

  @Test
  void aRemovalThatIsKnownIsNotCarriedOutAgain() throws Exception {
    tell(removal(1, 1, null));
    get("Tom");
    tell(removal(1, 1, null));
    readNames("Tom", removal(1, 1, null));
    assertThat(get("Tom")).isEqualTo("load 1");
  }

  /** Each read of the last minute names it: 20 keys are 20 loads, however often they are read. */
  @Test
  void aClearingThatManyReadsNameIsCarriedOutOnce() throws Exception {
    Removal clearing = removal(9, 1, null);
    for (int i = 0; i < 200; i++) {
      readNames("k" + i % 20, clearing);
      get("k" + i % 20);
    }
    assertThat(loads).hasValue(20);
  }

  /** Another thread carries changes out meanwhile. */
  @Test
  void aReadThatNamesAKnownRemovalDoesNotWait() throws Exception {
    tell(removal(1, 1, "Tom"));
    Changes message = new Changes(SELF, LATEST, List.of(set("Jack", "set", 2)), null, List.of());
    carryOut(
        message,
        key -> {
          assertThat(CompletableFuture.runAsync(() -> readNames("Tom", removal(1, 1, "Tom"))))
              .succeedsWithin(Duration.ofSeconds(30));
          return true;
        });
    assertThat(get("Jack")).isEqualTo("set");
  }

  @Test
  void aRemovalThatAReadNamesIsCarriedOutBeforeTheRead() throws Exception {
    get("Tom");
    readNames("Tom", removal(3, 1, "Tom"));
    assertThat(get("Tom")).isEqualTo("load 2");
    assertThat(log.knows(new Removal.Id(OTHER, 3))).isTrue();
    assertThat(log.knownOf(OTHER)).isZero();
  }

  /** The load begins after the read has named the removal, and before it is told. */
  @Test
  void aRemovalThatAReadNamedVoidsNoLaterLoad() throws Exception {
    GatedGetter source = new GatedGetter();
    Group gated = node.group("gated").register(source);
    Removal removal = new Removal(OTHER, 1, TIME + 1, "gated", "Tom");
    changes.catchUp(LocalNode.partOf(gated), "Tom", List.of(removal.named()));
    CompletableFuture<ByteView> get = gated.getAsync("Tom");
    GatedGetter.Call load = source.next();
    tell(removal);
    load.answer("value");
    assertThat(get.join()).hasToString("value");
    assertThat(gated.get("Tom")).hasToString("value");
  }

  @Test
  void aReadThatNamesTheRemovalOfASetDoesNotUndoIt() throws Exception {
    assertThat(tell(set("Tom", "set", 5))).isEqualTo(SetResult.STORED);
    readNames("Tom", removal(1, 5, "Tom"));
    assertThat(get("Tom")).isEqualTo("set");
  }

  @Test
  void anOlderRemovalOrClearingThatComesLateLeavesASetAlone() throws Exception {
    tell(set("Tom", "set", 5));
    Told told = tell(removal(1, 4, "Tom"), removal(2, 3, null));
    assertThat(get("Tom")).isEqualTo("set");
    assertThat(told.stayed())
        .isEqualTo(Map.of(new Removal.Id(OTHER, 1), stamp(5), new Removal.Id(OTHER, 2), stamp(5)));
    tell(removal(3, 6, "Tom"));
    assertThat(get("Tom")).isEqualTo("load 1");
  }

  /** The first answer was lost, and its origin stamps the removal anew if it hears of the value. */
  @Test
  void aRemovalThatIsToldAgainHearsOfTheLaterValueAgain() {
    tell(set("Tom", "set", 5));
    Map<Removal.Id, Stamp> stayed = Map.of(new Removal.Id(OTHER, 1), stamp(5));
    assertThat(tell(removal(1, 4, "Tom")).stayed()).isEqualTo(stayed);
    assertThat(tell(removal(1, 4, "Tom")).stayed()).isEqualTo(stayed);
  }

  /** The log has forgotten it, and a read still names it. */
  @Test
  void aForgottenRemovalThatIsNamedDropsNothingSetSince() throws Exception {
    log = new ChangeLog(SELF, 1, ticker);
    changes = changes();
    readNames("Tom", removal(5, 1, "Tom"));
    tell(removal(1, 2, "Jack"));
    assertThat(log.knows(new Removal.Id(OTHER, 5))).isFalse();
    assertThat(tell(set("Tom", "set", 3, 5))).isEqualTo(SetResult.STORED);
    readNames("Tom", removal(5, 1, "Tom"));
    assertThat(get("Tom")).isEqualTo("set");
  }

  @Test
  void aSetThatWasGivenUpIsNotStoredAfterALaterRemoval() throws Exception {
    tell(removal(1, 6, "Tom"));
    assertThat(tell(set("Tom", "late", 5))).isEqualTo(SetResult.OVERTAKEN);
    assertThat(get("Tom")).isEqualTo("load 1");
  }

  @Test
  void aSetThatWasGivenUpIsNotStoredAfterALaterClearing() throws Exception {
    tell(removal(1, 6, null));
    assertThat(tell(set("Tom", "late", 5))).isEqualTo(SetResult.OVERTAKEN);
    assertThat(get("Tom")).isEqualTo("load 1");
  }

  @Test
  void aSetThatWasGivenUpIsNotStoredAfterALaterSet() throws Exception {
    tell(set("Tom", "later", 6));
    assertThat(tell(set("Tom", "late", 5))).isEqualTo(SetResult.SUPERSEDED);
    assertThat(get("Tom")).isEqualTo("later");
  }

  /** The clock of its node is behind, and the removal was not stamped by it. */
  @Test
  void aSetWhoseNodeKnewTheRemovalsIsStoredWhateverTheirStamps() throws Exception {
    tell(removal(1, 6, "Tom"), removal(2, 6, "Jack"));
    assertThat(tell(set("Tom", "set", 5, 1))).isEqualTo(SetResult.STORED);
    assertThat(get("Tom")).isEqualTo("set");
    assertThat(tell(set("Jack", "set", 7, 1))).isEqualTo(SetResult.OVERTAKEN);
  }

  @Test
  void aSetThatMayBeOlderThanAForgottenRemovalIsRefused() throws Exception {
    log = new ChangeLog(SELF, 1, ticker);
    changes = changes();
    tell(removal(1, 6, "Tom"), removal(2, 7, "Jack"));
    assertThat(tell(set("Tom", "late", 5))).isEqualTo(SetResult.OVERTAKEN);
    assertThat(get("Tom")).isEqualTo("load 1");
    assertThat(tell(set("Tom", "new", 8, 2))).isEqualTo(SetResult.STORED);
  }

  @Test
  void aSetThatComesTwiceIsStoredOnce() throws Exception {
    assertThat(tell(set("Tom", "set", 5))).isEqualTo(SetResult.STORED);
    assertThat(tell(set("Tom", "set", 5))).isEqualTo(SetResult.STORED);
    tell(removal(1, 6, "Tom"));
    assertThat(tell(set("Tom", "set", 5))).isEqualTo(SetResult.OVERTAKEN);
    assertThat(get("Tom")).isEqualTo("load 1");
  }

  @Test
  void aSetIsStoredByTheOwnerAlone() throws Exception {
    Changes told = new Changes(SELF, LATEST, List.of(set("Tom", "set", 5)), null, List.of());
    assertThat(carryOut(told, key -> false).sets()).containsExactly(SetResult.NOT_OWNER);
    assertThat(get("Tom")).isEqualTo("load 1");
  }

  @Test
  void aValueThatTheGroupDoesNotTakeIsRefused() {
    assertThat(tell(set("Tom", "x".repeat(101), 5))).isEqualTo(SetResult.TOO_LARGE);
    assertThat(tell(set("", "x", 5))).isEqualTo(SetResult.REFUSED);
    SetChange elsewhere = set("none", "Tom", "x", -1, stamp(5), 0);
    assertThat(tell(elsewhere)).isEqualTo(SetResult.NO_SUCH_GROUP);
  }

  @Test
  void aValueHasTheTimeToLiveOfItsSet() throws Exception {
    tell(set("g", "Tom", "set", Duration.ofHours(1).toMillis(), stamp(1), 0));
    assertThat(local.peek("Tom").timeToLive()).isLessThanOrEqualTo(Duration.ofHours(1));
    tell(set("g", "Jack", "set", -1, stamp(1), 0));
    assertThat(local.peek("Jack").timeToLive()).isNull();
    tell(set("g", "Jack", "set", 0, stamp(2), 0));
    assertThat(local.peek("Jack")).isNull();
  }

  /** The removal of older values is a step of its own, after the owner has stored the set. */
  @Test
  void aSetHereIsStoredLikeAnyOtherAndRemovedByNoRemovalWithItsStamp() throws Exception {
    SetChange set = set("g", "Tom", "set", -1, clock.next(), 0);
    assertThat(changes.setHere(local, set)).isEqualTo(SetResult.STORED);
    assertThat(announced.namedBy("g", "Tom")).isEmpty();
    assertThat(changes.remove(local, List.of("Tom"), set.stamp())).isEqualTo(new Done(1, null));
    assertThat(get("Tom")).isEqualTo("set");
    tell(removal(1, 6, "Tom"));
    assertThat(changes.setHere(local, set("Tom", "late", 5))).isEqualTo(SetResult.OVERTAKEN);
  }

  @Test
  void aRemovalTellsOfTheLatestValueThatStayed() {
    tell(set("Tom", "set", 8));
    tell(set("Jack", "set", 9));
    tell(set("Kate", "set", 3));
    Done done = changes.remove(local, List.of("Tom", "Jack", "Kate"), new Stamp(TIME + 5, SELF));
    assertThat(done).isEqualTo(new Done(3, stamp(9)));
    assertThat(changes.clear(local, new Stamp(TIME + 6, SELF)).stayed()).isEqualTo(stamp(9));
  }

  @Test
  void setsInAMessageComeBeforeItsBaselineAndItsRemovals() throws Exception {
    Baseline baseline = new Baseline(new VersionVector(Map.of(OTHER, 4L)), stamp(5));
    Told told =
        tell(
            List.of(set("Tom", "old", 4), set("Jack", "new", 6), set("Kate", "removed", 6)),
            baseline,
            removal(5, 7, "Kate"));
    assertThat(told.sets()).containsOnly(SetResult.STORED);
    assertThat(get("Tom")).isEqualTo("load 1");
    assertThat(get("Jack")).isEqualTo("new");
    assertThat(get("Kate")).isEqualTo("load 2");
    assertThat(log.knownOf(OTHER)).isEqualTo(5);
  }

  @Test
  void aBaselineThatIsKnownClearsNothing() throws Exception {
    Baseline baseline = new Baseline(new VersionVector(Map.of(OTHER, 4L)), stamp(5));
    tell(List.of(), baseline);
    get("Tom");
    tell(List.of(), baseline);
    assertThat(get("Tom")).isEqualTo("load 1");
  }

  @Test
  void aRemovalForAGroupThatIsNotHereIsKnownAllTheSame() {
    tell(new Removal(OTHER, 1, TIME, "none", "Tom"));
    assertThat(log.knownOf(OTHER)).isEqualTo(1);
  }

  /** It has a value of before the removal when that is logged. */
  @Test
  void aRemovalReachesAGroupThatIsRegisteredMeanwhile() throws Exception {
    AtomicInteger lateLoads = new AtomicInteger();
    Ticker atLogging =
        () -> {
          if (node.find("late").isEmpty()) {
            Group late =
                node.group("late")
                    .register(key -> ("load " + lateLoads.incrementAndGet()).getBytes(UTF_8));
            assertThat(late.getAsync("Tom").join()).hasToString("load 1");
          }
          return 0;
        };
    log = new ChangeLog(SELF, 100, atLogging);
    changes = changes();
    tell(new Removal(OTHER, 1, TIME, "late", "Tom"));
    assertThat(node.find("late").orElseThrow().get("Tom")).hasToString("load 2");
  }

  /** Its stamp would carry this node's clock away. */
  @Test
  void aRemovalWhoseClockIsFarAheadCountsAsCalledNow() {
    long ahead = (MILLIS + Duration.ofHours(1).toMillis()) << 16;
    tell(new Removal(OTHER, 1, ahead, "g", "Tom"));
    assertThat(log.missing(VersionVector.EMPTY, 1, 0).removed().get(0).time()).isLessThan(ahead);
    assertThat(clock.next().time()).isLessThan(ahead);
  }

  @Test
  void aStampOfThisNodeIsLaterThanThatOfARemovalItWasTold() {
    tell(removal(1, 1_000, "Tom"));
    assertThat(clock.next().isAfter(stamp(1_000))).isTrue();
  }

  @Test
  void changesWithoutStampsCountAsCalledNow() throws Exception {
    tell(set("Tom", "set", 5));
    changes.carryOutUnstamped(List.of(new Removal(OTHER, 1, 0, "g", "Tom")));
    assertThat(get("Tom")).isEqualTo("load 1");
    Removal ofSet = new Removal(OTHER, 2, 0, "g", "Tom");
    assertThat(changes.setUnstamped(ofSet, "unstamped".getBytes(UTF_8), -1)).isTrue();
    assertThat(get("Tom")).isEqualTo("unstamped");
    changes.carryOutUnstamped(List.of(ofSet));
    assertThat(get("Tom")).isEqualTo("unstamped");
    Removal elsewhere = new Removal(OTHER, 3, 0, "none", "Tom");
    assertThat(changes.setUnstamped(elsewhere, new byte[0], -1)).isFalse();
    assertThat(changes.setUnstamped(ofSet, new byte[101], -1)).isFalse();
  }

  @Test
  void aNodeOfVersionOneMayHaveAllCleared() throws Exception {
    tell(set("Tom", "set", 5));
    changes.clearAll();
    assertThat(get("Tom")).isEqualTo("load 1");
  }

  @Test
  void aValueIsTakenFromANodeThatKnewItsRemovals() throws Exception {
    tell(removal(1, 1, "Tom"));
    PeerValue given = new PeerValue(ByteView.of("given"), null, null, false, null);
    assertThat(changes.accept(local, "Tom", given, VersionVector.EMPTY)).isFalse();
    assertThat(changes.accept(local, "Tom", given, new VersionVector(Map.of(OTHER, 1L)))).isTrue();
    assertThat(get("Tom")).isEqualTo("given");
  }

  /** Each set and the removal after it come at the same time; the removal has the later stamp. */
  @Test
  void aSetAndALaterRemovalAtTheSameTimeLeaveNothing() throws Exception {
    for (int i = 1; i <= 1_000; i++) {
      SetChange set = set("Tom", "set", 10 * i, i - 1);
      Removal removal = removal(i, 10 * i + 1, "Tom");
      atTheSameTime(() -> tell(set), () -> tell(removal));
      assertThat(local.peek("Tom")).isNull();
    }
  }

  /** The value is gone, and the removal is not in the log yet; the entry comes. */
  @Test
  void aRemovalThatIsBeingCarriedOutRefusesAnEntry() throws Exception {
    PeerValue old = new PeerValue(ByteView.of("old"), null, null, false, null);
    for (int i = 1; i <= 1_000; i++) {
      VersionVector before = log.known();
      Removal removal = removal(i, i, "Tom");
      atTheSameTime(() -> changes.accept(local, "Tom", old, before), () -> tell(removal));
      assertThat(local.peek("Tom")).isNull();
    }
  }

  private static void atTheSameTime(Runnable one, Runnable other) throws Exception {
    CyclicBarrier begin = new CyclicBarrier(2);
    CompletableFuture<Void> both =
        CompletableFuture.runAsync(
            () -> {
              await(begin);
              one.run();
            });
    await(begin);
    other.run();
    both.join();
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception broken) {
      throw new AssertionError(broken);
    }
  }
}
