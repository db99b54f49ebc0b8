package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HotKeysTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final HotKeys keys = new HotKeys();

  @Test
  void nothingIsToldBeforeAnyTimeHasPassed() {
    keys.add("a", 1);

    assertThat(keys.top()).isEmpty();
  }

  @Test
  void aSteadyRateIsToldAsItIs() {
    for (int step = 0; step < 600; step++) {
      keys.add("a", 50);
      keys.add("b", 5);
      keys.fade(Duration.ofSeconds(5).toNanos());
    }

    assertThat(keys.top()).extracting(HotKeys.Hot::key).containsExactly("a", "b");
    assertThat(keys.top().get(0).perSecond()).isCloseTo(10, within(0.01));
    assertThat(keys.top().get(1).perSecond()).isCloseTo(1, within(0.01));
  }

  @Test
  void whatNobodyAsksForAnyMoreFades() {
    keys.add("a", 600);
    keys.fade(MINUTE);
    double before = keys.top().get(0).perSecond();
    for (int minute = 0; minute < 5; minute++) {
      keys.fade(MINUTE);
    }

    assertThat(keys.top().get(0).perSecond()).isLessThan(before / 20);
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

    assertThat(keys.top()).hasSizeLessThanOrEqualTo(HotKeys.MOST_TOLD);
    assertThat(keys.top().get(0).key()).isEqualTo("hot");
    assertThat(keys.top().get(0).perSecond())
        .as("at least, and never more than there were")
        .isBetween(50.0, 5_000 / 60.0);
  }

  @Test
  void keysOfOneHashAreToldApart() {
    keys.add("Aa", 3);
    keys.add("BB", 2);
    keys.fade(MINUTE);

    assertThat(keys.top()).extracting(HotKeys.Hot::key).containsExactly("Aa", "BB");
  }
}
