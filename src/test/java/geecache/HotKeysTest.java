package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import geecache.internal.JsonWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HotKeysTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final HotKeys keys = new HotKeys();

  @Test
  void nothingIsToldBeforeAnyTimeHasPassed() {
    keys.add("a", 1);

    assertThat(keys.top(0)).isEmpty();
  }

  @Test
  void aSteadyRateIsToldAsItIs() {
    for (int step = 0; step < 600; step++) {
      keys.add("a", 50);
      keys.add("b", 5);
      keys.fade(Duration.ofSeconds(5).toNanos());
    }

    assertThat(keys.top(0)).extracting(HotKeys.Hot::key).containsExactly("a", "b");
    assertThat(keys.top(0).get(0).perSecond()).isCloseTo(10, within(0.01));
    assertThat(keys.top(0).get(1).perSecond()).isCloseTo(1, within(0.01));
  }

  @Test
  void whatNobodyAsksForAnyMoreFades() {
    keys.add("a", 600);
    keys.fade(MINUTE);
    double before = keys.top(0).get(0).perSecond();
    for (int minute = 0; minute < 5; minute++) {
      keys.fade(MINUTE);
    }

    assertThat(keys.top(0).get(0).perSecond()).isLessThan(before / 20);
  }

  /** A stream of keys that are asked for once each must not push them out. */
  @Test
  void hotKeysAreFoundAmongAnyNumberOfOthers() {
    for (int i = 0; i < 100_000; i++) {
      keys.add("cold" + i, 1);
      if (i % 20 == 0) {
        keys.add("hot", 1);
      }
    }
    keys.fade(MINUTE);

    assertThat(keys.top(0)).hasSizeLessThanOrEqualTo(HotKeys.MOST_TOLD);
    assertThat(keys.top(0).get(0).key()).isEqualTo("hot");
    assertThat(keys.top(0).get(0).perSecond())
        .as("at least, and never more than there were")
        .isBetween(50.0, 5_000 / 60.0);
  }

  @Test
  void keysOfOneHashAreToldApart() {
    keys.add("Aa", 3);
    keys.add("BB", 2);
    keys.fade(MINUTE);

    assertThat(keys.top(0)).extracting(HotKeys.Hot::key).containsExactly("Aa", "BB");
  }

  /** Else what was asked for once would be told for hours. */
  @Test
  void whatFewAskedForLongAgoIsForgotten() {
    keys.add("once", 1);
    keys.add("often", 100);
    keys.fade(MINUTE);
    assertThat(keys.top(0)).extracting(HotKeys.Hot::key).containsExactly("often", "once");

    keys.fade(MINUTE);
    assertThat(keys.top(0)).extracting(HotKeys.Hot::key).containsExactly("often");

    keys.add("late", 200);
    assertThat(keys.top(0)).extracting(HotKeys.Hot::key).containsExactly("late", "often");
    keys.fade(10 * MINUTE);
    assertThat(keys.top(0)).isEmpty();
  }

  /** A key that takes over a place which was given up has not counted what was there. */
  @Test
  void aPlaceThatWasGivenUpIsAsNew() {
    for (int i = 0; i < 64; i++) {
      keys.add("old" + i, i % 2 == 0 ? 1 : 1_000);
    }
    keys.fade(2 * MINUTE);
    for (int i = 0; i < 32; i++) {
      keys.add("new" + i, 10_000);
    }

    assertThat(keys.top(0))
        .hasSize(HotKeys.MOST_TOLD)
        .allMatch(hot -> hot.key().startsWith("new"))
        .extracting(HotKeys.Hot::perSecond)
        .containsOnly(keys.top(0).get(0).perSecond());
    keys.add("old1", 100_000);
    assertThat(keys.top(0).get(0).key()).isEqualTo("old1");
  }

  @Test
  void theTimeSinceTheCountsFadedCountsToo() {
    keys.add("a", 120);
    keys.fade(MINUTE);
    double before = keys.top(0).get(0).perSecond();

    assertThat(keys.top(MINUTE / 2).get(0).perSecond()).isCloseTo(before / 2, within(1e-9));
  }

  @Test
  void neverIsMoreToldThanThereWas() {
    keys.add("a", 10);
    keys.fade(Duration.ofSeconds(1).toNanos());
    for (int i = 0; i < 240; i++) {
      keys.add("rare", 1);
      keys.add("rare", 1);
      keys.fade(Duration.ofSeconds(3).toNanos());
    }

    JsonWriter to = new JsonWriter();
    to.object(() -> keys.write(0, new KeyRoom(), to));
    assertThat(to.toString())
        .isEqualTo("{\"hotKeys\":[{\"key\":\"rare\",\"getsPerSecond\":0.666}]}");
  }
}
