package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MissesTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private long now;
  private final Misses misses = new Misses(() -> now);

  @Test
  void aLaterMissOfAFutureIsKnownForAMinuteToo() {
    misses.addOfFuture("Tom", now);
    now = 50 * SECOND;
    misses.addOfFuture("Tom", now);
    now = 100 * SECOND;
    assertThat(misses.take("Tom")).isZero();
    now = 170 * SECOND;
    assertThat(misses.take("Tom")).isNull();
  }

  /** Or a key that is evicted and missed all the time could never be put. */
  @Test
  void anEarlierMissIsForgottenThoughOthersFollow() {
    for (now = 0; now < 300 * SECOND; now += 10 * SECOND) {
      misses.addOfFuture("Tom", now);
    }
    now -= 10 * SECOND;
    assertThat(misses.take("Tom")).isGreaterThan(now - 121 * SECOND).isLessThan(now);
  }

  @Test
  void aThreadWithManyMissesForgetsNone() {
    for (int i = 0; i < 100; i++) {
      misses.addOfThread("key" + i, i);
    }
    for (long i = 0; i < 100; i++) {
      assertThat(misses.take("key" + i)).isEqualTo(i);
    }
  }
}
