package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RemovalLogTest {
  private static final Duration CARRIED = Duration.ofSeconds(60);

  private final FakeTicker ticker = new FakeTicker();
  private final RemovalLog log = new RemovalLog(100, ticker::nanos);

  private static Removal removal(long number, @Nullable String key) {
    return new Removal(7, number, "g", key);
  }

  private static Removal.Carried carried(long number, boolean everything) {
    return new Removal.Carried(new Removal.Id(7, number), everything);
  }

  @Test
  void anAnnouncedRemovalRefusesAnEntry() {
    assertThat(log.hasMoreThan(List.of(), "warm", "Tom")).isFalse();
    log.announce(new Removal(5, 1, "warm", "Tom"));
    assertThat(log.hasMoreThan(List.of(), "warm", "Tom")).isTrue();
    assertThat(log.hasMoreThan(List.of(), "warm", "Jack")).isFalse();
    log.announce(new Removal(5, 2, "warm", null));
    assertThat(log.hasMoreThan(List.of(), "warm", "Jack")).isTrue();
  }

  @Test
  void anAnnouncedRemovalIsNotNamedAsCarriedOut() {
    Removal removal = new Removal(5, 1, "warm", "Tom");
    log.announce(removal);
    assertThat(log.carriedOut("warm", "Tom")).isEmpty();
    List<Removal.Carried> named = List.of(new Removal.Carried(removal.id(), false));
    assertThat(log.remembered("warm", "Tom")).isEqualTo(named);
    log.add(removal);
    assertThat(log.carriedOut("warm", "Tom")).isEqualTo(named);
    assertThat(log.remembered("warm", "Tom")).isEqualTo(named);
    assertThat(log.hasMoreThan(named, "warm", "Tom")).isFalse();
  }

  /** Removals of the key and clearings count alike: a node that missed the last has to hear it. */
  @Test
  void ofMoreThanCanBeToldTheLastAreTold() {
    for (long number = 1; number <= Removal.MOST_NAMED; number++) {
      log.add(removal(number, null));
    }
    log.add(removal(1_000, "Tom"));
    assertThat(log.remembered("g", "Tom"))
        .hasSize(Removal.MOST_NAMED)
        .contains(carried(1_000, false))
        .doesNotContain(carried(1, true));
    RemovalLog other = new RemovalLog(100, ticker::nanos);
    for (long number = 1; number <= Removal.MOST_NAMED; number++) {
      other.add(removal(number, "Tom"));
    }
    other.add(removal(1_000, null));
    assertThat(other.carriedOut("g", "Tom"))
        .hasSize(Removal.MOST_NAMED)
        .contains(carried(1_000, true))
        .doesNotContain(carried(1, false));
  }

  /** However long ago it was. */
  @Test
  void aRemovalIsRememberedAsLongAsTheLogReachesBack() {
    RemovalLog two = new RemovalLog(2, ticker::nanos);
    two.add(new Removal(5, 1, "warm", "Tom"));
    ticker.advance(Duration.ofDays(1));
    assertThat(two.hasMoreThan(List.of(), "warm", "Tom")).isTrue();
    assertThat(two.reachesBackTo(0)).isTrue();
    two.add(new Removal(5, 2, "warm", "Jack"));
    two.add(new Removal(5, 3, "warm", "Jack"));
    assertThat(two.hasMoreThan(List.of(), "warm", "Tom")).isFalse();
    assertThat(two.reachesBackTo(0)).isFalse();
    assertThat(two.reachesBackTo(1)).isTrue();
  }

  @Test
  void anEmptyLogHasNothingToTell() {
    assertThat(log.head()).isZero();
    assertThat(log.after(0)).contains(List.of());
    assertThat(log.carriedBy("g", "Tom")).isEmpty();
    assertThat(log.knows(new Removal.Id(7, 1))).isFalse();
  }

  @Test
  void tellsWhatCameAfterAnEntryInOrder() {
    List<Removal> all = List.of(removal(1, "a"), removal(2, "b"), removal(3, null));
    all.forEach(log::add);
    assertThat(log.head()).isEqualTo(3);
    assertThat(log.after(0)).contains(all);
    assertThat(log.after(1)).contains(all.subList(1, 3));
    assertThat(log.after(3)).contains(List.of());
  }

  @Test
  void aNodeThatMissedNothingIsToldNothing() {
    log.add(removal(1, "a"));
    assertThat(log.after(Long.MAX_VALUE)).contains(List.of());
  }

  @Test
  void aLogThatForgotSomeTellsNone() {
    RemovalLog two = new RemovalLog(2, ticker::nanos);
    two.add(removal(1, "a"));
    two.add(removal(2, "b"));
    assertThat(two.after(0)).isPresent();
    two.add(removal(3, "c"));
    assertThat(two.after(0)).isEqualTo(Optional.empty());
    assertThat(two.after(1)).contains(List.of(removal(2, "b"), removal(3, "c")));
    assertThat(two.head()).isEqualTo(3);
  }

  @Test
  void knowsWhatItRemembersAndNothingElse() {
    RemovalLog two = new RemovalLog(2, ticker::nanos);
    for (long number = 1; number <= 3; number++) {
      two.add(removal(number, "a"));
    }
    assertThat(two.knows(new Removal.Id(7, 1))).isFalse();
    assertThat(two.knows(new Removal.Id(7, 2))).isTrue();
    assertThat(two.knows(new Removal.Id(7, 3))).isTrue();
    assertThat(two.knows(new Removal.Id(8, 3))).isFalse();
  }

  @Test
  void theSameRemovalIsOneEntry() {
    log.add(removal(1, "a"));
    log.add(removal(1, "a"));
    assertThat(log.head()).isEqualTo(1);
    assertThat(log.after(0)).contains(List.of(removal(1, "a")));
  }

  @Test
  void anAnnouncedRemovalIsNotYetCarriedOut() {
    log.announce(removal(1, "a"));
    assertThat(log.knows(new Removal.Id(7, 1))).isFalse();
    assertThat(log.head()).isZero();
  }

  @Test
  void readsOfTheKeyCarryItsRemovalForAWhile() {
    log.announce(removal(1, "Tom"));
    assertThat(log.carriedBy("g", "Tom")).containsExactly(carried(1, false));
    ticker.advance(CARRIED);
    assertThat(log.carriedBy("g", "Tom")).containsExactly(carried(1, false));
    ticker.advance(Duration.ofNanos(1));
    assertThat(log.carriedBy("g", "Tom")).isEmpty();
  }

  @Test
  void readsOfOtherKeysAndGroupsCarryNothing() {
    log.announce(removal(1, "Tom"));
    assertThat(log.carriedBy("g", "Jack")).isEmpty();
    assertThat(log.carriedBy("h", "Tom")).isEmpty();
  }

  @Test
  void readsOfAllKeysCarryAClearing() {
    log.announce(removal(1, null));
    assertThat(log.carriedBy("g", "Tom")).containsExactly(carried(1, true));
    assertThat(log.carriedBy("g", "Jack")).containsExactly(carried(1, true));
    assertThat(log.carriedBy("h", "Tom")).isEmpty();
  }

  @Test
  void aReadCarriesAllRemovalsOfItsKey() {
    log.announce(removal(1, "Tom"));
    log.announce(removal(2, null));
    log.announce(removal(3, "Tom"));
    assertThat(log.carriedBy("g", "Tom"))
        .containsExactly(carried(1, false), carried(3, false), carried(2, true));
  }

  @Test
  void eachRemovalOfAKeyIsCarriedForItsOwnTime() {
    log.announce(removal(1, "Tom"));
    ticker.advance(Duration.ofSeconds(40));
    log.announce(removal(2, "Tom"));
    ticker.advance(Duration.ofSeconds(40));
    assertThat(log.carriedBy("g", "Tom")).containsExactly(carried(2, false));
    ticker.advance(Duration.ofSeconds(40));
    assertThat(log.carriedBy("g", "Tom")).isEmpty();
  }

  @Test
  void ofManyRemovalsOfAKeyTheLastEightAreCarried() {
    for (long number = 1; number <= 10; number++) {
      ticker.advance(Duration.ofSeconds(1));
      log.announce(removal(number, "Tom"));
    }
    assertThat(log.carriedBy("g", "Tom"))
        .hasSize(8)
        .startsWith(carried(3, false))
        .endsWith(carried(10, false));
    ticker.advance(CARRIED);
    assertThat(log.carriedBy("g", "Tom")).containsExactly(carried(10, false));
  }

  @Test
  void ofTooManyRemovalsTheOldestIsNotCarried() {
    RemovalLog two = new RemovalLog(2, ticker::nanos);
    two.announce(removal(1, "a"));
    two.announce(removal(2, "b"));
    two.announce(removal(3, "c"));
    assertThat(two.carriedBy("g", "a")).isEmpty();
    assertThat(two.carriedBy("g", "b")).containsExactly(carried(2, false));
    assertThat(two.carriedBy("g", "c")).containsExactly(carried(3, false));
  }

  @Test
  void aFullLogStillHasReadsCarryAll() {
    RemovalLog one = new RemovalLog(1, ticker::nanos);
    one.announce(removal(1, "a"));
    assertThat(one.carriedBy("g", "b")).isEmpty();
    assertThat(one.carriedBy("g", "a")).containsExactly(carried(1, false));
  }
}
