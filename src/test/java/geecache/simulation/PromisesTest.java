package geecache.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Meeting;
import geecache.cluster.SimulatedNetwork.Message;
import geecache.cluster.SimulatedNetwork.Sent;
import geecache.simulation.Promises.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Histories that keep a promise, and that break it. Times are in milliseconds. */
class PromisesTest {
  private static final int KEY = 0;
  private static final int MEMORY_KEY = 1;
  private static final int ALL = Nodes.first(3);

  private final History history = new History();
  private final List<Sent> sent = new ArrayList<>();
  private Incarnation a;
  private Incarnation b;
  private Incarnation c;
  private long now;
  private int left;

  @BeforeEach
  void startNodes() {
    a = history.start(0, 10);
    b = history.start(1, 11);
    c = history.start(2, 12);
  }

  private static Plan plan(int log, boolean hotCopies, Fault... faults) {
    Setup setup =
        new Setup(
            3,
            0,
            false,
            log,
            Setup.PLENTY,
            0,
            0,
            0,
            0,
            hotCopies,
            1_000,
            0,
            0,
            1,
            2_000,
            3_000,
            2,
            1,
            0,
            1,
            4,
            0,
            1,
            0,
            0,
            false,
            0,
            Leasing.NONE);
    return new Plan(1, 1, Theme.MIXED, setup, List.of(faults), List.of());
  }

  private Promises promises(Plan plan) {
    return new Promises(plan, history, sent, (node, of, before) -> true, node -> "http://" + node);
  }

  private static long nanos(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private Change begin(Operation.Kind kind, Incarnation by, int key, int version, int members) {
    int[] bounds = new int[Keys.COUNT];
    Arrays.fill(bounds, -1);
    bounds[key] = version;
    Operation operation = new Operation(0, 1_000 * now, kind, by.node, List.of(key), true);
    Change change = new Change(operation, by, history.step(), nanos(now), bounds, members, left);
    history.begin(change);
    return change;
  }

  /** Ends a change; {@code named} are the nodes that it did not reach. */
  private Change end(Change change, int named) {
    change.how = Change.End.ACKNOWLEDGED;
    change.named = named;
    change.end = history.step();
    change.endNanos = nanos(now);
    change.unreached =
        history.living().stream()
            .filter(node -> !promises(plan(10_000, true)).hadToKnowAtTheEnd(change, node))
            .toList();
    return change;
  }

  private Change removed(Incarnation by, int version, int members, int named) {
    return end(begin(Operation.Kind.REMOVE, by, KEY, version, members), named);
  }

  private Change set(Incarnation by, int key, int version, int named) {
    return end(begin(Operation.Kind.SET, by, key, version, ALL), named);
  }

  private Seen seen(Incarnation at, int key, int version) {
    return new Seen(at, key, version, history.step(), nanos(now));
  }

  private @Nullable Property broken(Incarnation at, int version) {
    return broken(plan(10_000, true), at, version);
  }

  private @Nullable Property broken(Plan plan, Incarnation at, int version) {
    Breach breach = promises(plan).check(seen(at, KEY, version));
    return breach == null ? null : breach.property();
  }

  private @Nullable Property brokenInMemory(Plan plan, boolean isOwner, int version) {
    Breach breach = promises(plan).checkInMemory(seen(b, MEMORY_KEY, version), isOwner);
    return breach == null ? null : breach.property();
  }

  private void meet(Incarnation from, Incarnation to) {
    history.note(new Meeting(from.id, to.id, nanos(now), nanos(now + 1)));
    now += 2;
  }

  @Test
  void anOldValueAfterARemovalReturnedIsABreach() {
    Seen before = seen(b, KEY, 1);
    removed(a, 2, ALL, 0);
    assertThat(promises(plan(10_000, true)).check(before)).isNull();
    assertThat(broken(b, 2)).isNull();
    assertThat(broken(b, 1)).isEqualTo(Property.P1);
    assertThat(broken(a, 1)).isEqualTo(Property.P1);
  }

  @Test
  void setsOfNodesThatDoNotKnowEachOtherAreOrderedByTheClock() {
    set(a, KEY, 1, Nodes.of(b.node));
    set(b, KEY, 2, 0);
    assertThat(broken(c, 1)).isNull();
    now += 1;
    set(b, KEY, 3, 0);
    assertThat(broken(c, 1)).isEqualTo(Property.P3);
  }

  /** The node that has the set value is told later, when nobody waits to stamp the removal anew. */
  @Test
  void aRemovalIsOrderedByTheClockAfterASetOfANodeThatItNamed() {
    set(a, KEY, 1, Nodes.of(b.node));
    removed(b, 2, ALL, Nodes.of(a.node));
    assertThat(broken(b, 1)).isNull();
    now += 1;
    removed(b, 3, ALL, Nodes.of(a.node));
    assertThat(broken(b, 1)).isEqualTo(Property.P3);
  }

  @Test
  void aRemovalThatIsUnderWaySaysNothing() {
    begin(Operation.Kind.REMOVE, a, KEY, 2, ALL);
    assertThat(broken(a, 1)).isNull();
  }

  @Test
  void aNamedNodeMayHaveTheOldValueUntilItIsMet() {
    removed(a, 2, ALL, Nodes.of(b.node));
    now += 5;
    assertThat(broken(b, 1)).isNull();
    assertThat(broken(c, 1)).isEqualTo(Property.P1);
    meet(a, b);
    assertThat(broken(b, 1)).isEqualTo(Property.MET);
  }

  @Test
  void aMeetingFromBeforeTheEndOfTheChangeDoesNotCount() {
    Change change = begin(Operation.Kind.REMOVE, a, KEY, 2, ALL);
    meet(a, b);
    end(change, Nodes.of(b.node));
    now += 5;
    assertThat(broken(b, 1)).isNull();
  }

  @Test
  void aNodeThatTheChangingNodeDoesNotKnowMayHaveTheOldValue() {
    removed(a, 2, Nodes.of(a.node) | Nodes.of(c.node), 0);
    assertThat(broken(b, 1)).isNull();
    assertThat(broken(c, 1)).isEqualTo(Property.P1);
  }

  @Test
  void aNodeThatHasJustLeftTheListIsToldOrNamed() {
    left = Nodes.of(b.node);
    int members = Nodes.of(a.node) | Nodes.of(c.node);
    removed(a, 2, members, 0);
    assertThat(broken(b, 1)).isEqualTo(Property.LEFT);
    removed(a, 3, members, Nodes.of(b.node));
    assertThat(broken(b, 2)).isNull();
  }

  @Test
  void aNodeThatIsStartedLaterHasToKnowOnlyWhatReachedAll() {
    removed(a, 2, ALL, 0);
    Incarnation later = history.start(1, 21);
    assertThat(broken(later, 1)).isEqualTo(Property.P1);
    removed(a, 3, ALL, Nodes.of(c.node));
    Incarnation latest = history.start(1, 22);
    assertThat(broken(latest, 2)).isNull();
    assertThat(broken(latest, 1)).isEqualTo(Property.P1);
  }

  @Test
  void aNodeStartedDuringTheChangeMayHaveTheOldValue() {
    Change change = begin(Operation.Kind.REMOVE, a, KEY, 2, ALL);
    Incarnation later = history.start(1, 21);
    end(change, 0);
    assertThat(broken(later, 1)).isNull();
  }

  @Test
  void anOldValueAfterASetIsABreach() {
    set(a, KEY, 2, 0);
    assertThat(broken(b, 1)).isEqualTo(Property.P2);
  }

  @Test
  void aSetThatOverlapsALaterChangeMayComeAfterIt() {
    Change set = begin(Operation.Kind.SET, a, KEY, 1, ALL);
    removed(b, 2, ALL, 0);
    end(set, 0);
    assertThat(broken(c, 1)).isNull();
    removed(b, 2, ALL, 0);
    assertThat(broken(c, 1)).isEqualTo(Property.P1);
  }

  @Test
  void aFailedSetTakesNoEffectAfterALaterChange() {
    set(a, KEY, 1, Nodes.of(b.node));
    assertThat(broken(c, 1)).isNull();
    removed(c, 2, ALL, 0);
    assertThat(broken(c, 1)).isEqualTo(Property.P3);
  }

  /** Reads name a removal for a minute: then an old value may come from a node that was named. */
  @Test
  void afterAMinuteAnOldValueMayBeCopiedFromANamedNode() {
    removed(a, 2, ALL, Nodes.of(b.node));
    now += 30_000;
    sent.add(new Sent(nanos(now), new Message("http://2", "http://1", Kind.READ)));
    assertThat(broken(c, 1)).isEqualTo(Property.P1);
    now += 30_000;
    assertThat(broken(c, 1)).isNull();
    sent.clear();
    assertThat(broken(c, 1)).isEqualTo(Property.P1);
  }

  /** A node that hands over, or is asked for what it owned before, is no such excuse. */
  @Test
  void aNamedNodeMayNotBePeekedAtByOneThatForgotTheRemoval() {
    removed(a, 2, ALL, Nodes.of(b.node));
    now += 60_000;
    sent.add(new Sent(nanos(now), new Message("http://2", "http://1", Kind.PEEK)));
    assertThat(broken(c, 1)).isEqualTo(Property.P1);
  }

  @Test
  void aLogThatOverflowsNamesNoRemoval() {
    removed(a, 2, ALL, Nodes.of(b.node));
    for (int i = 0; i < 4; i++) {
      now++;
      end(begin(Operation.Kind.REMOVE, a, 5, i, ALL), 0);
    }
    now++;
    sent.add(new Sent(nanos(now), new Message("http://2", "http://1", Kind.READ)));
    assertThat(broken(plan(4, true), c, 1)).isNull();
    assertThat(broken(plan(10_000, true), c, 1)).isEqualTo(Property.P1);
  }

  @Test
  void theOwnerKeepsWhatWasSetInMemory() {
    set(a, MEMORY_KEY, 1, 0);
    assertThat(brokenInMemory(plan(10_000, true), true, 1)).isNull();
    assertThat(brokenInMemory(plan(10_000, true), true, 0)).isEqualTo(Property.P2);
    set(a, MEMORY_KEY, 2, 0);
    assertThat(brokenInMemory(plan(10_000, true), true, 1)).isEqualTo(Property.P2);
  }

  private @Nullable Property brokenByPut(Change put) {
    Breach breach = promises(plan(10_000, true)).checkPut(put, MEMORY_KEY);
    return breach == null ? null : breach.property();
  }

  private Change put(Incarnation by, int version) {
    return end(begin(Operation.Kind.PUT, by, MEMORY_KEY, version, ALL), 0);
  }

  @Test
  void whatWasSetIsFoundByAPut() {
    set(a, MEMORY_KEY, 1, 0);
    assertThat(brokenByPut(put(b, 2))).isEqualTo(Property.P2);
  }

  @Test
  void aPutFindsNothingAfterARemoval() {
    set(a, MEMORY_KEY, 1, 0);
    end(begin(Operation.Kind.REMOVE, a, MEMORY_KEY, 0, ALL), 0);
    assertThat(brokenByPut(put(b, 2))).isNull();
  }

  @Test
  void ofTwoPutsAtTheSameTimeOneFindsAValue() {
    Change one = begin(Operation.Kind.PUT, a, MEMORY_KEY, 1, ALL);
    Change other = begin(Operation.Kind.PUT, b, MEMORY_KEY, 2, ALL);
    end(one, 0);
    other.how = Change.End.NEEDLESS;
    other.end = history.step();
    assertThat(brokenByPut(one)).isNull();
    end(other, 0);
    assertThat(brokenByPut(one)).isEqualTo(Property.P2);
  }

  @Test
  void otherNodesMayLoadForThemselvesWhereThereAreFaults() {
    set(a, MEMORY_KEY, 1, 0);
    Fault pause = new Fault(Fault.Kind.PAUSE, 0, 1, 1, 0, 0);
    assertThat(brokenInMemory(plan(10_000, true), false, 0)).isEqualTo(Property.P2);
    assertThat(brokenInMemory(plan(10_000, true, pause), false, 0)).isNull();
    assertThat(brokenInMemory(plan(10_000, true, pause), true, 0)).isEqualTo(Property.P2);
  }

  @Test
  void aLaterRemovalTakesWhatWasSet() {
    set(a, MEMORY_KEY, 1, 0);
    end(begin(Operation.Kind.REMOVE, a, MEMORY_KEY, 0, ALL), 0);
    assertThat(brokenInMemory(plan(10_000, true), true, 0)).isNull();
  }

  /** Its node missed a removal: so it is overtaken, and a removal itself. */
  @Test
  void aSetAtTheSameTimeTakesWhatWasSetIfItsNodeMissedARemoval() {
    end(begin(Operation.Kind.REMOVE, a, MEMORY_KEY, 0, ALL), Nodes.of(c.node));
    Change atTheSameTime = begin(Operation.Kind.SET, c, MEMORY_KEY, 2, ALL);
    set(a, MEMORY_KEY, 1, 0);
    end(atTheSameTime, 0);
    assertThat(brokenInMemory(plan(10_000, true), true, 0)).isNull();
    set(a, MEMORY_KEY, 3, 0);
    assertThat(brokenInMemory(plan(10_000, true), true, 0)).isEqualTo(Property.P3);
  }

  @Test
  void anEarlierRemovalThatFailedTakesNothing() {
    end(begin(Operation.Kind.REMOVE, a, MEMORY_KEY, 0, ALL), Nodes.of(b.node));
    set(a, MEMORY_KEY, 1, 0); // Its node knows the removal, so the set comes later.
    assertThat(brokenInMemory(plan(10_000, true), true, 0)).isEqualTo(Property.P3);
  }

  @Test
  void whatIsLeftAtTheEndMayComeOfASetThatOverlappedAnother() {
    Change set = begin(Operation.Kind.SET, a, KEY, 1, ALL);
    set(b, KEY, 2, 0);
    end(set, 0);
    Promises promises = promises(plan(10_000, true));
    assertThat(promises.mayBeLast(KEY, 2)).isTrue();
    assertThat(promises.mayBeLast(KEY, 1)).isTrue();
    assertThat(promises.mayBeLast(KEY, 0)).isFalse();
  }

  @Test
  void nothingIsLeftOfASetThatOverlappedARemoval() {
    Change set = begin(Operation.Kind.SET, a, KEY, 1, ALL);
    removed(b, 2, ALL, 0);
    end(set, 0);
    assertThat(promises(plan(10_000, true)).mayBeLast(KEY, 1)).isFalse();
  }
}
