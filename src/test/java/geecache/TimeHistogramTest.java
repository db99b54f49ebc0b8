package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeHistogramTest {
  private final TimeHistogram times = new TimeHistogram();

  static LongStream allPowers() {
    return LongStream.rangeClosed(1, 36)
        .flatMap(power -> LongStream.of(-1, 0, 1, 3).map(more -> (1L << power) + more));
  }

  @ParameterizedTest
  @MethodSource("allPowers")
  void aTimeIsToldAtMostAQuarterTooLong(long nanos) {
    times.add(nanos);

    assertThat(times.take().within(0.99)).isBetween(nanos, nanos + nanos / 4 + 1);
  }

  @Test
  void partsAreThoseOfAllThatWasCounted() {
    LongStream.rangeClosed(1, 1_000).forEach(times::add);

    TimeHistogram.Snapshot taken = times.take();
    assertThat(taken.within(0.5)).isBetween(500L, 626L);
    assertThat(taken.within(0.99)).isBetween(990L, 1_240L);
    assertThat(taken.within(1)).isBetween(1_000L, 1_250L);
    assertThat(taken.within(0.0001)).isEqualTo(1);
  }

  @Test
  void whatWasTakenIsNotToldAgain() {
    times.add(5);
    times.take();

    assertThat(times.take().within(0.5)).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0})
  void noTimeCountsAsTheShortest(long nanos) {
    times.add(nanos);

    assertThat(times.take().within(0.5)).isEqualTo(1);
  }

  @Test
  void whatTakesLongerThanTheLargestBucketCountsThere() {
    times.add(Long.MAX_VALUE);

    assertThat(times.take().within(0.5)).isBetween(137_000_000_000L, 172_000_000_000L);
  }
}
