package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnnouncedRemovalsTest {
  private static final Duration NAMED = Duration.ofSeconds(60);
  private static final long ORIGIN = 7;
  private static final List<Long> BOTH = List.of(1L, 2L);

  private final FakeTicker ticker = new FakeTicker();
  private final AnnouncedRemovals announced =
      new AnnouncedRemovals(100, Duration.ofSeconds(10), ticker);

  private static Removal removal(long origin, long number, @Nullable String key) {
    return new Removal(origin, number, number, "g", key);
  }

  private static Removal removal(long number, @Nullable String key) {
    return removal(ORIGIN, number, key);
  }

  @Test
  void withoutARemovalNothingIsNamed() {
    assertThat(announced.namedBy("g", "Tom")).isEmpty();
  }

  @Test
  void readsOfTheKeyNameItsRemovalForAWhile() {
    announced.announce(removal(1, "Tom"));
    assertThat(announced.namedBy("g", "Tom")).containsExactly(removal(1, "Tom").named());
    ticker.advance(NAMED);
    assertThat(announced.namedBy("g", "Tom")).containsExactly(removal(1, "Tom").named());
    ticker.advance(Duration.ofNanos(1));
    assertThat(announced.namedBy("g", "Tom")).isEmpty();
  }

  @Test
  void aRemovalIsNamedForLongerThanItMayTakeToTellAllNodes() {
    Duration longest = Duration.ofSeconds(100);
    AnnouncedRemovals patient = new AnnouncedRemovals(100, longest, ticker);
    patient.announce(removal(1, "Tom"));
    ticker.advance(longest.plusNanos(1));
    assertThat(patient.namedBy("g", "Tom")).containsExactly(removal(1, "Tom").named());
    ticker.advance(longest);
    assertThat(patient.namedBy("g", "Tom")).isEmpty();
  }

  @Test
  void readsOfOtherKeysAndGroupsNameNothing() {
    announced.announce(removal(1, "Tom"));
    assertThat(announced.namedBy("g", "Jack")).isEmpty();
    assertThat(announced.namedBy("h", "Tom")).isEmpty();
  }

  @Test
  void readsOfAllKeysNameAClearing() {
    announced.announce(removal(1, null));
    assertThat(announced.namedBy("g", "Tom")).containsExactly(removal(1, null).named());
    assertThat(announced.namedBy("g", "Jack")).containsExactly(removal(1, null).named());
    assertThat(announced.namedBy("h", "Tom")).isEmpty();
  }

  @Test
  void aReadNamesTheRemovalsOfAllOrigins() {
    announced.announce(removal(1, 1, "Tom"));
    announced.announce(removal(2, 5, null));
    announced.announce(removal(3, 9, "Tom"));
    assertThat(announced.namedBy("g", "Tom"))
        .containsExactly(
            removal(1, 1, "Tom").named(),
            removal(3, 9, "Tom").named(),
            removal(2, 5, null).named());
  }

  @Test
  void ofOneOriginTheLastRemovalIsNamed() {
    announced.announce(removal(2, "Tom"));
    announced.announce(removal(3, "Tom"));
    announced.announce(removal(1, "Tom"));
    announced.announce(removal(3, "Tom"));
    assertThat(announced.namedBy("g", "Tom")).containsExactly(removal(3, "Tom").named());
  }

  /**
   * A set takes its stamp when it is called, and its removal gets a number when the owner has
   * stored it. A removal that was called in between has the later stamp.
   */
  @Test
  void ofOneOriginTheRemovalWithTheLatestStampIsNamedToo() {
    Removal removal = new Removal(ORIGIN, 5, 20, "g", "Tom");
    Removal ofSet = new Removal(ORIGIN, 6, 10, "g", "Tom");
    announced.announce(removal);
    announced.announce(ofSet);
    assertThat(announced.namedBy("g", "Tom")).containsExactly(removal.named(), ofSet.named());
    Removal last = new Removal(ORIGIN, 7, 30, "g", "Tom");
    announced.announce(last);
    announced.announce(removal);
    assertThat(announced.namedBy("g", "Tom")).containsExactly(last.named());
  }

  @Test
  void eachRemovalOfAKeyIsNamedForItsOwnTime() {
    announced.announce(removal(1, 1, "Tom"));
    ticker.advance(Duration.ofSeconds(40));
    announced.announce(removal(2, 1, "Tom"));
    ticker.advance(Duration.ofSeconds(40));
    assertThat(announced.namedBy("g", "Tom")).containsExactly(removal(2, 1, "Tom").named());
    ticker.advance(Duration.ofSeconds(40));
    assertThat(announced.namedBy("g", "Tom")).isEmpty();
  }

  @Test
  void aLaterRemovalOfTheSameOriginIsNamedForItsOwnTime() {
    announced.announce(removal(1, "Tom"));
    ticker.advance(Duration.ofSeconds(40));
    announced.announce(removal(2, "Tom"));
    ticker.advance(Duration.ofSeconds(40));
    announced.announce(removal(1, "Jack")); // Forgets the first announcement of Tom.
    assertThat(announced.namedBy("g", "Tom")).containsExactly(removal(2, "Tom").named());
  }

  /** Those of the key and the clearings apart: a peer that missed the last has to hear it. */
  @Test
  void ofManyOriginsTheLastAreNamed() {
    for (long origin = 1; origin <= Removal.MOST_NAMED; origin++) {
      announced.announce(removal(origin, 1, "Tom"));
    }
    announced.announce(removal(ORIGIN, 1, null));
    assertThat(announced.namedBy("g", "Tom"))
        .hasSize(Removal.MOST_NAMED / 2 + 1)
        .startsWith(removal(Removal.MOST_NAMED / 2 + 1, 1, "Tom").named())
        .endsWith(removal(Removal.MOST_NAMED, 1, "Tom").named(), removal(ORIGIN, 1, null).named());
  }

  @Test
  void ofTooManyRemovalsTheOldestIsNotNamed() {
    AnnouncedRemovals two = new AnnouncedRemovals(2, Duration.ofSeconds(10), ticker);
    two.announce(removal(1, "a"));
    two.announce(removal(2, "b"));
    two.announce(removal(3, "c"));
    assertThat(two.namedBy("g", "a")).isEmpty();
    assertThat(two.namedBy("g", "b")).containsExactly(removal(2, "b").named());
    assertThat(two.namedBy("g", "c")).containsExactly(removal(3, "c").named());
  }

  @Test
  void aReadTakesNoLock() throws Exception {
    announced.announce(removal(1, "Tom"));
    Field order = AnnouncedRemovals.class.getDeclaredField("order");
    order.setAccessible(true);
    synchronized (order.get(announced)) {
      assertThat(CompletableFuture.supplyAsync(() -> announced.namedBy("g", "Tom")))
          .succeedsWithin(Duration.ofSeconds(30))
          .isEqualTo(List.of(removal(1, "Tom").named()));
    }
  }

  /** Two origins remove the key, and the oldest announcements are forgotten all the time. */
  @Test
  void aReadNamesTheLastRemovalsWhileOthersAreAnnounced() {
    AtomicLong last = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<List<Removal.Named>> wrong =
        CompletableFuture.supplyAsync(
            () -> {
              while (!over.get()) {
                long atLeast = last.get();
                List<Removal.Named> named = announced.namedBy("g", "Tom");
                if (atLeast > 0
                    && !named.stream().map(each -> each.id().origin()).toList().containsAll(BOTH)) {
                  return named;
                }
                if (named.stream().anyMatch(each -> each.id().number() < atLeast)) {
                  return named;
                }
              }
              return List.of();
            });
    for (long number = 1; number <= 50_000 && !wrong.isDone(); number++) {
      for (long origin : BOTH) {
        announced.announce(removal(origin, number, "Tom"));
      }
      last.set(number);
    }
    over.set(true);
    assertThat(wrong.join()).isEmpty();
  }

  @Test
  void nothingIsRequiredWhereNothingWasForgottenTooEarly() {
    announced.announce(removal(1, "a"));
    assertThat(announced.required()).isEqualTo(VersionVector.EMPTY);
    ticker.advance(NAMED.plusNanos(1));
    announced.announce(removal(2, "b"));
    assertThat(announced.required()).isEqualTo(VersionVector.EMPTY);
  }

  @Test
  void whatIsForgottenTooEarlyIsRequiredByItsNumberForTheRestOfItsTime() {
    AnnouncedRemovals two = new AnnouncedRemovals(2, Duration.ofSeconds(10), ticker);
    two.announce(removal(1, "a"));
    ticker.advance(Duration.ofSeconds(40));
    two.announce(removal(2, "b"));
    two.announce(removal(3, "c"));
    assertThat(two.required()).isEqualTo(vector(ORIGIN, 1));
    ticker.advance(Duration.ofSeconds(20));
    assertThat(two.required()).isEqualTo(vector(ORIGIN, 1));
    ticker.advance(Duration.ofNanos(1));
    assertThat(two.required()).isEqualTo(VersionVector.EMPTY);
  }

  /** More of one key are not named. */
  @Test
  void theFirstOfManyOriginsAreRequired() {
    for (long origin = 1; origin <= Removal.MOST_NAMED / 2 + 2; origin++) {
      announced.announce(removal(origin, 7, "Tom"));
    }
    assertThat(announced.required()).isEqualTo(new VersionVector(Map.of(1L, 7L, 2L, 7L)));
  }

  @Test
  void aBaselineIsRequiredAsIfItWereRemovals() {
    announced.require(vector(ORIGIN, 9));
    announced.require(vector(ORIGIN, 5));
    assertThat(announced.required()).isEqualTo(vector(ORIGIN, 9));
    ticker.advance(NAMED.plusNanos(1));
    assertThat(announced.required()).isEqualTo(VersionVector.EMPTY);
  }

  /** Its vector has no room for one more: so it requires what no peer can know. */
  @Test
  void ofTooManyOriginsNoPeerKnowsEnough() {
    for (long origin = 1; origin <= 2_000; origin++) {
      announced.require(vector(origin, 1));
    }
    assertThat(announced.required().upTo())
        .hasSize(VersionVector.MOST_ORIGINS)
        .containsEntry(0L, 1L);
  }

  private static VersionVector vector(long origin, long number) {
    return new VersionVector(Map.of(origin, number));
  }
}
