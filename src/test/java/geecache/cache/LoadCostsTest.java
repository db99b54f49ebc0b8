package geecache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadCostsTest {
  private static final long MICRO = 1024;

  @Test
  void numbersGrowWithCostsInEighthsOfAnOctave() {
    assertThat(LoadCosts.number(0)).isEqualTo(LoadCosts.UNKNOWN);
    assertThat(LoadCosts.number(-1)).isEqualTo(LoadCosts.UNKNOWN);
    assertThat(LoadCosts.number(1)).isEqualTo(1);
    assertThat(LoadCosts.number(16 * MICRO)).isEqualTo(1 + 4 * 8);
    assertThat(LoadCosts.number(17 * MICRO)).isEqualTo(1 + 4 * 8);
    assertThat(LoadCosts.number(18 * MICRO)).isEqualTo(2 + 4 * 8);
    assertThat(LoadCosts.number(TimeUnit.HOURS.toNanos(1))).isLessThan(LoadCosts.NUMBERS);
    assertThat(LoadCosts.number(Long.MAX_VALUE)).isEqualTo(LoadCosts.NUMBERS - 1);
  }

  @Test
  void aNumberStandsForItsLeastCost() {
    assertThat(LoadCosts.nanos(LoadCosts.UNKNOWN)).isZero();
    for (int number = 26; number < LoadCosts.NUMBERS; number++) { // Below, costs are too coarse.
      assertThat(LoadCosts.number(LoadCosts.nanos(number))).isEqualTo(number);
      assertThat(LoadCosts.number(LoadCosts.nanos(number) - 1)).isEqualTo(number - 1);
    }
  }

  @Test
  void allWeighTheSameUntilCostsAreKnown() {
    LoadCosts costs = new LoadCosts(1);
    assertThat(costs.weight(LoadCosts.UNKNOWN)).isEqualTo(costs.weight(200));
  }

  @Test
  void weightsFollowThePower() {
    assertThat(ratio(0)).isEqualTo(1);
    assertThat(ratio(0.5)).isCloseTo(4, within(0.01f));
    assertThat(ratio(1)).isCloseTo(16, within(0.01f));
  }

  /** The weight of 16 ms beside that of 1 ms. */
  private static float ratio(double power) {
    LoadCosts costs = new LoadCosts(power);
    int low = 0;
    int high = 0;
    for (int i = 0; i < 1000; i++) {
      low = costs.count(1000 * MICRO);
      high = costs.count(16_000 * MICRO);
    }
    return costs.weight(high) / costs.weight(low);
  }

  @Test
  void exceptionsWeighNoMoreThanPercentiles() {
    LoadCosts costs = new LoadCosts(1);
    int long1 = costs.count(TimeUnit.HOURS.toNanos(1));
    int short1 = costs.count(MICRO);
    int usual = 0;
    for (int i = 0; i < 1000; i++) {
      usual = costs.count(1000 * MICRO);
    }
    assertThat(costs.weight(long1)).isEqualTo(costs.weight(usual));
    assertThat(costs.weight(short1)).isEqualTo(costs.weight(usual));
  }

  @Test
  void anUnknownCostWeighsAsTheMean() {
    LoadCosts costs = new LoadCosts(1);
    int low = 0;
    int high = 0;
    for (int i = 0; i < 1024; i++) {
      low = costs.count(1000 * MICRO);
      high = costs.count(4000 * MICRO);
    }
    float mean = (costs.weight(low) + costs.weight(high)) / 2;
    assertThat(costs.weight(LoadCosts.UNKNOWN)).isCloseTo(mean, within(mean / 10));
  }

  @Test
  void whatLoadsCostLatelyCountsMore() {
    LoadCosts costs = new LoadCosts(1);
    for (int i = 0; i < 20_000; i++) {
      costs.count(1000 * MICRO);
    }
    int now = 0;
    for (int i = 0; i < 40_000; i++) {
      now = costs.count(16_000 * MICRO);
    }
    assertThat(costs.weight(LoadCosts.UNKNOWN)).isGreaterThan(costs.weight(now) * 0.7f);
  }
}
