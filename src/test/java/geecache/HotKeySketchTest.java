package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HotKeySketchTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int POPULAR = 8;

  private final FakeTicker ticker = new FakeTicker();
  private final HotKeySketch sketch = new HotKeySketch(1 << 10, Byte.MAX_VALUE, SECOND, ticker);

  private void count(String key, int times) {
    for (int i = 0; i < times; i++) {
      sketch.count(key, 1);
    }
  }

  private boolean isPopular(String key) {
    return sketch.estimate(key) >= POPULAR;
  }

  @Test
  void aKeyIsPopularOnceItWasAskedForOftenEnough() {
    for (int i = 1; i < POPULAR; i++) {
      sketch.count("Tom", 1);
      assertThat(isPopular("Tom")).isFalse();
    }
    sketch.count("Tom", 1);
    assertThat(isPopular("Tom")).isTrue();
    assertThat(isPopular("Sam")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aKeyThatIsAskedForUpToFourTimesASecondNeverIs(int rate) {
    for (int second = 0; second < 100; second++) {
      count("Tom", rate);
      assertThat(isPopular("Tom")).isFalse();
      ticker.advance(SECOND);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 8, 50, 1_000})
  void aKeyThatIsAskedForMoreOftenIsAfterAFewSeconds(int rate) {
    for (int second = 0; second < 3; second++) {
      ticker.advance(SECOND);
      count("Tom", rate);
    }
    for (int second = 0; second < 100; second++) {
      assertThat(isPopular("Tom")).isTrue();
      ticker.advance(SECOND);
      count("Tom", rate);
    }
  }

  @Test
  void popularityIsHalvedEachSecond() {
    count("Tom", 4 * POPULAR);
    for (int second = 0; second < 2; second++) {
      ticker.advance(SECOND);
      assertThat(isPopular("Tom")).isTrue();
    }
    ticker.advance(SECOND);
    assertThat(isPopular("Tom")).isFalse();
  }

  /** So that the most popular key of yesterday is not taken for one of today. */
  @Test
  void nothingIsPopularForLongerThanAFewSeconds() {
    count("Tom", 1_000_000);
    assertThat(isPopular("Tom")).isTrue();
    ticker.advance(SECOND.multipliedBy(4));
    assertThat(isPopular("Tom")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 8, 31, 32, 33, 64, 86_400 * 365})
  void aPauseForgetsAll(int seconds) {
    count("Tom", 127);
    ticker.advance(SECOND.multipliedBy(seconds));
    assertThat(isPopular("Tom")).isFalse();
    count("Tom", POPULAR - 1);
    assertThat(isPopular("Tom")).isFalse();
    count("Tom", 1);
    assertThat(isPopular("Tom")).isTrue();
  }

  @Test
  void afterAPauseSecondsAreCountedFromTheSameBeats() {
    ticker.advance(Duration.ofMillis(3_900));
    count("Tom", POPULAR);
    assertThat(isPopular("Tom")).isTrue();
    ticker.advance(Duration.ofMillis(100));
    assertThat(isPopular("Tom")).isFalse();
  }

  /** However many keys share its cells; against exact counts that are halved at the same time. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isNeverTakenForLessThanItIs(long seed) {
    Random random = new Random(seed);
    HotKeySketch small = new HotKeySketch(64, Byte.MAX_VALUE, SECOND, ticker);
    Map<String, Integer> exact = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      if (random.nextInt(200) == 0) {
        ticker.advance(SECOND);
        exact.replaceAll((key, count) -> count / 2);
      }
      String key = "k" + (int) Math.abs(random.nextGaussian() * 50);
      int times = 1 + random.nextInt(3);
      small.count(key, times);
      exact.merge(key, times, (count, more) -> Math.min(count + more, Byte.MAX_VALUE));
      assertThat(small.estimate(key)).isGreaterThanOrEqualTo(exact.get(key));
    }
    exact.forEach((key, count) -> assertThat(small.estimate(key)).isGreaterThanOrEqualTo(count));
  }

  /** A node that asks for as many keys as it was made for, each three times a second. */
  @Test
  void fewOfManyUnpopularKeysAreTakenForMore() {
    for (int second = 0; second < 5; second++) {
      for (int i = 0; i < 3 << 10; i++) {
        sketch.count("k" + i % (1 << 10), 1);
      }
      ticker.advance(SECOND.dividedBy(2));
      long mistaken = 0;
      for (int i = 0; i < 1 << 10; i++) {
        mistaken += isPopular("k" + i) ? 1 : 0;
      }
      assertThat(mistaken).isLessThan((1 << 10) / 10);
      ticker.advance(SECOND.dividedBy(2));
    }
  }
}
