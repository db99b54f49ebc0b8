package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.Stamp;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChangeLogTest {
  private static final long SELF = 7;
  private static final long OTHER = 5;
  private static final int MOST = 1_000;

  private final FakeTicker ticker = new FakeTicker();
  private final ChangeLog log = new ChangeLog(SELF, 100, ticker);
  private final ChangeLog two = new ChangeLog(SELF, 2, ticker);

  /** Returns a removal whose stamp has the time {@code number}. */
  private static Removal removal(long origin, long number, @Nullable String key) {
    return new Removal(origin, number, number, "g", key);
  }

  private static Removal removal(long number, @Nullable String key) {
    return removal(OTHER, number, key);
  }

  private static VersionVector vector(long... originsAndNumbers) {
    Map<Long, Long> upTo = new HashMap<>();
    for (int i = 0; i < originsAndNumbers.length; i += 2) {
      upTo.put(originsAndNumbers[i], originsAndNumbers[i + 1]);
    }
    return new VersionVector(upTo);
  }

  private static ChangeLog.Missing missing(ChangeLog in, VersionVector known) {
    return in.missing(known, MOST, 0);
  }

  private static List<Long> numbers(List<Removal> removed) {
    return removed.stream().map(Removal::number).toList();
  }

  @Test
  void anEmptyLogKnowsNothing() {
    assertThat(log.known()).isEqualTo(VersionVector.EMPTY);
    assertThat(log.knows(new Removal.Id(OTHER, 1))).isFalse();
    assertThat(log.knownOf(OTHER)).isZero();
    assertThat(log.nextNumber()).isEqualTo(1);
    assertThat(log.ownAfter(0, MOST)).isEmpty();
    assertThat(log.allows(VersionVector.EMPTY, "g", "Tom")).isTrue();
    assertThat(missing(log, VersionVector.EMPTY).isNothing()).isTrue();
  }

  @Test
  void knowsWhatItHasCarriedOutAndNothingElse() {
    log.add(removal(1, "a"));
    log.add(removal(2, "b"));
    assertThat(log.knows(new Removal.Id(OTHER, 1))).isTrue();
    assertThat(log.knows(new Removal.Id(OTHER, 2))).isTrue();
    assertThat(log.knows(new Removal.Id(OTHER, 3))).isFalse();
    assertThat(log.knows(new Removal.Id(SELF, 1))).isFalse();
    assertThat(log.known()).isEqualTo(vector(OTHER, 2));
    assertThat(log.knownOf(OTHER)).isEqualTo(2);
  }

  @Test
  void theSameRemovalIsOneEntry() {
    log.add(removal(1, "a"));
    log.add(removal(1, "a"));
    assertThat(missing(log, VersionVector.EMPTY).removed()).containsExactly(removal(1, "a"));
  }

  @Test
  void thisNodesOwnRemovalsAreCountedFromOne() {
    log.add(removal(SELF, log.nextNumber(), "a"));
    log.add(removal(SELF, log.nextNumber(), "b"));
    assertThat(log.nextNumber()).isEqualTo(3);
    assertThat(log.known()).isEqualTo(vector(SELF, 2));
  }

  /** A read may name a removal before its origin has told those before it. */
  @Test
  void anEarlyRemovalIsKnownAndCountsWhenThoseBeforeItHaveCome() {
    log.add(removal(3, "c"));
    log.add(removal(2, "b"));
    assertThat(log.knows(new Removal.Id(OTHER, 3))).isTrue();
    assertThat(log.knows(new Removal.Id(OTHER, 1))).isFalse();
    assertThat(log.knownOf(OTHER)).isZero();
    assertThat(missing(log, VersionVector.EMPTY).isNothing()).isTrue();
    log.add(removal(1, "a"));
    assertThat(log.known()).isEqualTo(vector(OTHER, 3));
    assertThat(numbers(missing(log, VersionVector.EMPTY).removed())).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aNodeIsToldWhatItMissesInOrder() {
    LongStream.rangeClosed(1, 3).forEach(number -> log.add(removal(number, "k" + number)));
    assertThat(numbers(missing(log, VersionVector.EMPTY).removed())).containsExactly(1L, 2L, 3L);
    assertThat(numbers(missing(log, vector(OTHER, 1)).removed())).containsExactly(2L, 3L);
    assertThat(missing(log, vector(OTHER, 3)).isNothing()).isTrue();
    assertThat(missing(log, vector(OTHER, Long.MAX_VALUE)).isNothing()).isTrue();
    assertThat(missing(log, VersionVector.EMPTY).baseline()).isNull();
  }

  @Test
  void aNodeIsToldTheRemovalsOfAllOriginsButTheOneThatIsLeftOut() {
    log.add(removal(SELF, 1, "a"));
    log.add(removal(OTHER, 1, "b"));
    assertThat(missing(log, VersionVector.EMPTY).removed())
        .containsExactly(removal(OTHER, 1, "b"), removal(SELF, 1, "a"));
    assertThat(log.missing(VersionVector.EMPTY, MOST, SELF).removed())
        .containsExactly(removal(OTHER, 1, "b"));
  }

  @Test
  void aNodeThatMissesManyIsToldSoManyAtATime() {
    LongStream.rangeClosed(1, 3).forEach(number -> log.add(removal(number, "k" + number)));
    LongStream.rangeClosed(1, 3).forEach(number -> log.add(removal(SELF, number, "k" + number)));
    assertThat(log.missing(VersionVector.EMPTY, 4, 0).removed())
        .extracting(Removal::origin)
        .containsExactly(OTHER, OTHER, OTHER, SELF);
    assertThat(numbers(log.missing(vector(OTHER, 3, SELF, 1), 4, 0).removed()))
        .containsExactly(2L, 3L);
  }

  @Test
  void aNodeThatMissesWhatWasForgottenIsToldABaseline() {
    LongStream.rangeClosed(1, 4).forEach(number -> two.add(removal(number, "k" + number)));
    ChangeLog.Missing all = missing(two, VersionVector.EMPTY);
    assertThat(all.baseline()).isEqualTo(new Baseline(vector(OTHER, 2), new Stamp(2, OTHER)));
    assertThat(numbers(all.removed())).containsExactly(3L, 4L);
    assertThat(missing(two, vector(OTHER, 1)).baseline()).isEqualTo(all.baseline());
    assertThat(missing(two, vector(OTHER, 2)).baseline()).isNull();
  }

  /** The baseline has the latest stamp, even if the removal with it was forgotten first. */
  @Test
  void aBaselineIsAsLateAsAllThatWasForgotten() {
    two.add(new Removal(OTHER, 1, 90, "g", "a"));
    two.add(new Removal(OTHER, 2, 10, "g", "b"));
    two.add(new Removal(OTHER, 3, 20, "g", "c"));
    two.add(new Removal(OTHER, 4, 30, "g", "d"));
    Baseline baseline = missing(two, VersionVector.EMPTY).baseline();
    assertThat(baseline).isEqualTo(new Baseline(vector(OTHER, 2), new Stamp(90, OTHER)));
  }

  @Test
  void whatIsForgottenIsStillKnown() {
    LongStream.rangeClosed(1, 4).forEach(number -> two.add(removal(number, "k" + number)));
    assertThat(two.knows(new Removal.Id(OTHER, 1))).isTrue();
    assertThat(two.known()).isEqualTo(vector(OTHER, 4));
  }

  /** Nobody could tell it from one before it that has not come. */
  @Test
  void anEarlyRemovalThatIsForgottenIsNotKnownAnyMoreAndComesAgain() {
    two.add(removal(5, "e"));
    two.add(removal(SELF, 1, "a"));
    two.add(removal(SELF, 2, "b"));
    assertThat(two.knows(new Removal.Id(OTHER, 5))).isFalse();
    LongStream.rangeClosed(1, 5).forEach(number -> two.add(removal(number, "k" + number)));
    assertThat(two.known()).isEqualTo(vector(OTHER, 5, SELF, 2));
  }

  /** Number 3 came first, and is the oldest entry; numbers 1 and 2 go with it. */
  @Test
  void aRemovalIsForgottenTogetherWithThoseBeforeItOfItsOrigin() {
    ChangeLog three = new ChangeLog(SELF, 3, ticker);
    three.add(removal(3, "c"));
    three.add(removal(1, "a"));
    three.add(removal(2, "b"));
    three.add(removal(4, "d"));
    assertThat(numbers(missing(three, VersionVector.EMPTY).removed())).containsExactly(4L);
    assertThat(missing(three, vector(OTHER, 3)).baseline()).isNull();
    assertThat(missing(three, vector(OTHER, 2)).baseline()).isNotNull();
  }

  @Test
  void aValueMayBeTakenFromANodeThatKnewAllRemovalsOfItsKey() {
    log.add(removal(1, "Tom"));
    log.add(removal(2, "Jack"));
    assertThat(log.allows(vector(OTHER, 1), "g", "Tom")).isTrue();
    assertThat(log.allows(vector(OTHER, 1), "g", "Jack")).isFalse();
    assertThat(log.allows(VersionVector.EMPTY, "g", "Tom")).isFalse();
    assertThat(log.allows(VersionVector.EMPTY, "g", "Kate")).isTrue();
    assertThat(log.allows(VersionVector.EMPTY, "h", "Tom")).isTrue();
  }

  @Test
  void aValueMayNotBeTakenFromANodeThatMissedAClearing() {
    log.add(removal(1, null));
    assertThat(log.allows(VersionVector.EMPTY, "g", "Tom")).isFalse();
    assertThat(log.allows(vector(OTHER, 1), "g", "Tom")).isTrue();
  }

  /** The other node knows it perhaps, and cannot show that. */
  @Test
  void aValueOfAKeyWithAnEarlyRemovalMayNotBeTaken() {
    log.add(removal(2, "Tom"));
    assertThat(log.allows(vector(OTHER, 1), "g", "Tom")).isFalse();
    assertThat(log.allows(vector(OTHER, 2), "g", "Tom")).isTrue();
  }

  @Test
  void noValueMayBeTakenFromANodeThatMissedWhatWasForgotten() {
    LongStream.rangeClosed(1, 3).forEach(number -> two.add(removal(number, "k" + number)));
    assertThat(two.allows(VersionVector.EMPTY, "g", "Tom")).isFalse();
    assertThat(two.allows(vector(OTHER, 1), "g", "Tom")).isTrue();
  }

  @Test
  void noValueMayBeTakenFromANodeThatMissedAnEarlyRemovalWhichWasForgotten() {
    two.add(removal(5, "Tom"));
    two.add(removal(SELF, 1, "a"));
    two.add(removal(SELF, 2, "b"));
    assertThat(two.allows(vector(SELF, 2), "g", "Kate")).isFalse();
    assertThat(two.allows(vector(SELF, 2, OTHER, 5), "g", "Kate")).isTrue();
  }

  /** Its origin has ended, or is of version 1: no node can ever show that it knows the removal. */
  @Test
  void aForgottenEarlyRemovalStandsInTheWayOfValuesForAMinute() {
    two.add(removal(5, "Tom"));
    two.add(removal(SELF, 1, "a"));
    two.add(removal(SELF, 2, "b"));
    ticker.advance(Duration.ofSeconds(59));
    assertThat(two.allows(vector(SELF, 2), "g", "Kate")).isFalse();
    ticker.advance(Duration.ofSeconds(1));
    assertThat(two.allows(vector(SELF, 2), "g", "Kate")).isTrue();
    assertThat(allowsSet(two, "Kate", vector(SELF, 2), new Stamp(5, OTHER))).isFalse();
  }

  /** It is forgotten in order then. */
  @Test
  void aForgottenEarlyRemovalThatHasComeInOrderStandsInTheWayForGood() {
    two.add(removal(2, "Tom"));
    two.add(removal(SELF, 1, "a"));
    two.add(removal(SELF, 2, "b"));
    two.add(removal(1, "Tom"));
    two.add(removal(2, "Tom"));
    two.add(removal(SELF, 3, "a"));
    two.add(removal(SELF, 4, "b"));
    ticker.advance(Duration.ofHours(1));
    assertThat(two.allows(vector(SELF, 4), "g", "Kate")).isFalse();
    assertThat(two.allows(vector(SELF, 4, OTHER, 2), "g", "Kate")).isTrue();
  }

  /** Of a node of version 1 the removals before it may never come, and be known to nobody. */
  @Test
  void aSetIsLaterThanTheForgottenRemovalsOfAnOriginThatNeverCameInOrder() {
    two.add(new Removal(OTHER, 500, 50, "g", "Tom"));
    two.add(removal(SELF, 1, "a"));
    two.add(removal(SELF, 2, "b"));
    assertThat(allowsSet(two, "Kate", vector(SELF, 2), new Stamp(50, OTHER))).isFalse();
    assertThat(allowsSet(two, "Kate", vector(SELF, 2), new Stamp(51, OTHER))).isTrue();
  }

  /** The origin has ended before it told its second removal, and nobody ever knows that. */
  @Test
  void aSetIsLaterThanForgottenEarlyRemovalsOfAnOriginThatCameInOrderBefore() {
    two.add(removal(1, "Tom"));
    two.add(removal(3, "Tom"));
    two.add(removal(SELF, 1, "a"));
    two.add(removal(SELF, 2, "b"));
    assertThat(two.knownOf(OTHER)).isEqualTo(1);
    assertThat(allowsSet(two, "Kate", vector(OTHER, 1, SELF, 2), new Stamp(3, OTHER))).isFalse();
    assertThat(allowsSet(two, "Kate", vector(OTHER, 1, SELF, 2), new Stamp(4, OTHER))).isTrue();
    assertThat(allowsSet(two, "Kate", vector(SELF, 2), new Stamp(4, OTHER))).isFalse();
  }

  /** Any of those that are forgotten may be of the key; the set that is known outlasted them. */
  @Test
  void aSetThatKnowsALaterSetIsNotOvertakenByWhatWasForgottenBeforeThat() {
    two.add(new Removal(OTHER, 1, 10, "g", "Kate"));
    two.add(new Removal(SELF, 1, 20, "g", "Kate", true));
    two.add(new Removal(SELF, 2, 30, "g", "Jack"));
    assertThat(allowsSet(two, "Kate", vector(SELF, 0), new Stamp(40, OTHER))).isFalse();
    assertThat(allowsSet(two, "Kate", vector(SELF, 1), new Stamp(40, OTHER))).isTrue();
    assertThat(allowsSet(two, "Kate", vector(SELF, 1), new Stamp(15, OTHER))).isFalse();
  }

  private static boolean allowsSet(ChangeLog log, String key, VersionVector known, Stamp stamp) {
    return !log.isOvertaken(new SetChange("g", key, new byte[0], -1, stamp, known));
  }

  @Test
  void theNextRemovalsOfThisNodeAreThoseAfterANumber() {
    LongStream.rangeClosed(1, 3).forEach(number -> log.add(removal(SELF, number, "k" + number)));
    assertThat(numbers(log.ownAfter(0, 2))).containsExactly(1L, 2L);
    assertThat(numbers(log.ownAfter(2, 2))).containsExactly(3L);
    assertThat(log.ownAfter(3, 2)).isEmpty();
    assertThat(log.ownAfter(9, 2)).isEmpty();
  }

  @Test
  void theNextRemovalsOfThisNodeAreNotKnownIfSomeWereForgotten() {
    LongStream.rangeClosed(1, 3).forEach(number -> two.add(removal(SELF, number, "k" + number)));
    assertThat(two.ownAfter(0, MOST)).isNull();
    assertThat(numbers(two.ownAfter(1, MOST))).containsExactly(2L, 3L);
  }

  @Test
  void aBaselineThatWasAdoptedIsKnownAndToldFurther() {
    Baseline baseline = new Baseline(vector(OTHER, 9), new Stamp(40, OTHER));
    assertThat(log.knows(baseline)).isFalse();
    log.adopt(baseline);
    assertThat(log.knows(baseline)).isTrue();
    assertThat(log.known()).isEqualTo(vector(OTHER, 9));
    assertThat(log.knows(new Removal.Id(OTHER, 9))).isTrue();
    assertThat(missing(log, VersionVector.EMPTY).baseline()).isEqualTo(baseline);
    assertThat(missing(log, vector(OTHER, 9)).isNothing()).isTrue();
    assertThat(log.allows(vector(OTHER, 8), "g", "Tom")).isFalse();
  }

  @Test
  void aBaselineStandsForTheRemovalsUpToItAndThoseAfterItCount() {
    log.add(removal(1, "a"));
    log.add(removal(3, "c"));
    log.add(removal(5, "e"));
    log.add(removal(7, "g"));
    log.adopt(new Baseline(vector(OTHER, 4), new Stamp(4, OTHER)));
    assertThat(log.known()).isEqualTo(vector(OTHER, 5));
    assertThat(numbers(missing(log, vector(OTHER, 4)).removed())).containsExactly(5L);
    log.add(removal(6, "f"));
    assertThat(log.known()).isEqualTo(vector(OTHER, 7));
  }

  @Test
  void aBaselineOfWhatIsKnownForgetsNothing() {
    LongStream.rangeClosed(1, 3).forEach(number -> log.add(removal(number, "k" + number)));
    log.adopt(new Baseline(vector(OTHER, 2), new Stamp(2, OTHER)));
    assertThat(numbers(missing(log, VersionVector.EMPTY).removed())).containsExactly(1L, 2L, 3L);
    assertThat(missing(log, VersionVector.EMPTY).baseline()).isNull();
  }

  @Test
  void aBaselineIsKnownIfAllItsOriginsAre() {
    log.add(removal(1, "a"));
    Stamp stamp = new Stamp(9, OTHER);
    assertThat(log.knows(new Baseline(vector(OTHER, 1), stamp))).isTrue();
    assertThat(log.knows(new Baseline(vector(OTHER, 1, SELF, 1), stamp))).isFalse();
  }

  /** Each start of a node is a new origin. */
  @Test
  void theOriginsThatStoppedFirstAreForgotten() {
    List<Long> many = new ArrayList<>();
    for (long start = 1; start <= 1_500; start++) {
      two.add(new Removal(1_000 + start, 1, start, "g", "Tom"));
      many.add(two.knownOf(1_000 + start));
    }
    assertThat(many).containsOnly(1L);
    assertThat(two.known().upTo()).hasSize(1_024).containsKeys(1_477L, 2_500L);
  }

  /** Another node has put others aside. */
  @Test
  void anOriginThatWasPutAsideIsKnownAndNotToldAgain() {
    for (long start = 1; start <= 1_500; start++) {
      two.add(new Removal(1_000 + start, 1, start, "g", "Tom"));
    }
    assertThat(two.knownOf(1_001)).isEqualTo(1);
    assertThat(two.knows(new Removal.Id(1_001, 1))).isTrue();
    assertThat(two.knows(new Removal.Id(1_001, 2))).isFalse();
    Stamp stamp = new Stamp(1, 1_001);
    assertThat(two.knows(new Baseline(vector(1_001, 1), stamp))).isTrue();
    assertThat(two.knows(new Baseline(vector(1_001, 2), stamp))).isFalse();
  }

  /** Its number goes on where it was. */
  @Test
  void anOriginThatWasPutAsideMayReturn() {
    for (long start = 1; start <= 1_500; start++) {
      two.add(new Removal(1_000 + start, 1, start, "g", "Tom"));
    }
    two.add(new Removal(1_001, 2, 2_000, "g", "Tom"));
    assertThat(two.knownOf(1_001)).isEqualTo(2);
    assertThat(two.known().upTo()).hasSize(1_024).containsEntry(1_001L, 2L);
  }

  /** Who knows so many origins may have put aside the one that stopped first. */
  @Test
  void anOriginThatAnotherNodeMayHavePutAsideStandsInTheWayOfNothingLater() {
    two.add(new Removal(OTHER, 1, 50, "g", "a"));
    two.add(new Removal(SELF, 1, 60, "g", "b"));
    two.add(new Removal(SELF, 2, 70, "g", "c"));
    Map<Long, Long> most = new HashMap<>(Map.of(SELF, 2L));
    for (long origin = 1; most.size() < VersionVector.MOST_ORIGINS - 1; origin++) {
      most.put(1_000 + origin, 1L);
    }
    assertThat(two.allows(new VersionVector(most), "g", "Tom")).isFalse();
    assertThat(allowsSet(two, "Kate", new VersionVector(most), new Stamp(80, SELF))).isFalse();
    most.put(999L, 1L);
    VersionVector full = new VersionVector(most);
    ticker.advance(Duration.ofMinutes(9));
    assertThat(two.allows(full, "g", "Tom")).as("perhaps it was not told").isFalse();
    ticker.advance(Duration.ofMinutes(1));
    assertThat(two.allows(full, "g", "Tom")).isTrue();
    assertThat(allowsSet(two, "Tom", full, new Stamp(80, SELF))).isTrue();
    assertThat(allowsSet(two, "Tom", full, new Stamp(50, SELF))).isFalse();
  }

  @Test
  void soManyOriginsArePutAside() {
    for (long start = 1; start <= 20_000; start++) {
      two.add(new Removal(1_000 + start, 1, start, "g", "Tom"));
    }
    assertThat(two.knownOf(1_001)).isZero();
    assertThat(two.knownOf(20_000)).isEqualTo(1);
    assertThat(two.knownOf(4_000)).isEqualTo(1);
  }

  @Test
  void anOriginOfABaselineIsAsYoungAsTheBaseline() {
    two.adopt(new Baseline(vector(OTHER, 9), new Stamp(1_400, OTHER)));
    for (long start = 1; start <= 1_500; start++) {
      two.add(new Removal(1_000 + start, 1, start, "g", "Tom"));
    }
    assertThat(two.knownOf(OTHER)).isEqualTo(9);
  }

  @Test
  void thisNodesOwnOriginIsNeverForgotten() {
    two.add(removal(SELF, 1, "a"));
    for (long start = 1; start <= 1_500; start++) {
      two.add(new Removal(1_000 + start, 1, 1_000 + start, "g", "Tom"));
    }
    assertThat(two.nextNumber()).isEqualTo(2);
  }

  /** Each read after a removal looks whether it is known. */
  @Test
  void toLookWhetherARemovalIsKnownTakesNoLock() throws Exception {
    log.add(removal(1, "Tom"));
    Field lock = ChangeLog.class.getDeclaredField("lock");
    lock.setAccessible(true);
    synchronized (lock.get(log)) {
      assertThat(CompletableFuture.supplyAsync(() -> log.knows(new Removal.Id(OTHER, 1))))
          .succeedsWithin(Duration.ofSeconds(30))
          .isEqualTo(true);
    }
  }

  /** Every second removal comes early, and is taken into the order by the one before it. */
  @Test
  void aRemovalThatWasAddedIsKnownWithoutTheLockWhileOthersAreAdded() {
    AtomicLong added = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Long> unknown =
        CompletableFuture.supplyAsync(
            () -> {
              while (!over.get()) {
                long number = added.get();
                if (number > 0 && !log.knows(new Removal.Id(OTHER, number))) {
                  return number;
                }
              }
              return 0L;
            });
    for (long number = 1; number <= 100_000 && !unknown.isDone(); number += 2) {
      log.add(removal(number + 1, "Tom"));
      added.set(number + 1);
      log.add(removal(number, "Tom"));
    }
    over.set(true);
    assertThat(unknown.join()).isZero();
  }
}
