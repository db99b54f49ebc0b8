package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.LogCapture;
import geecache.Stamp;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HybridClockTest {
  private static final long NODE = 7;
  private static final long START = 1_700_000_000_000L;

  private final AtomicLong wall = new AtomicLong(START);
  private final HybridClock clock = new HybridClock(NODE, wall::get);

  private static long time(long millis, int counter) {
    return (millis << 16) + counter;
  }

  @Test
  void aStampIsOfTheTimeOfDayAndOfItsNode() {
    assertThat(clock.next()).isEqualTo(new Stamp(time(START, 0), NODE));
    wall.addAndGet(5);
    assertThat(clock.next()).isEqualTo(new Stamp(time(START + 5, 0), NODE));
  }

  @Test
  void stampsOfTheSameMillisecondAreCounted() {
    clock.next();
    assertThat(clock.next()).isEqualTo(new Stamp(time(START, 1), NODE));
  }

  @Test
  void aStampIsNeverEarlierThanOneBeforeEvenIfTheTimeOfDayGoesBack() {
    Stamp before = clock.next();
    wall.addAndGet(-3_600_000);
    assertThat(clock.next().isAfter(before)).isTrue();
    assertThat(clock.now()).isGreaterThan(before.time());
  }

  @Test
  void aStampIsLaterThanAllThatWereSeen() {
    long seen = time(START + 30_000, 9);
    assertThat(clock.observe(seen, "b")).isTrue();
    assertThat(clock.next()).isEqualTo(new Stamp(seen + 1, NODE));
    assertThat(clock.observe(seen - 100, "b")).isTrue();
    assertThat(clock.next()).isEqualTo(new Stamp(seen + 2, NODE));
  }

  /** More changes in a millisecond than the counter holds carry the time ahead. */
  @Test
  void aFullCounterGoesOnInTheNextMillisecond() {
    clock.observe(time(START, 0xffff), "b");
    assertThat(clock.next().time()).isEqualTo(time(START + 1, 0));
  }

  @Test
  void itsTimeIsThatOfTheLatestStampOrTheTimeOfDay() {
    assertThat(clock.now()).isEqualTo(time(START, 0));
    clock.observe(time(START + 1_000, 3), "b");
    assertThat(clock.now()).isEqualTo(time(START + 1_000, 3));
    wall.addAndGet(2_000);
    assertThat(clock.now()).isEqualTo(time(START + 2_000, 0));
  }

  /** A node of version 1 tells no time. */
  @Test
  void noTimeIsNoted() {
    assertThat(clock.observe(0, "b")).isTrue();
    assertThat(clock.next().time()).isEqualTo(time(START, 0));
  }

  @Test
  void aClockThatIsMoreThanAMinuteAheadIsRefusedAndWarnedOfOnceAMinute() {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.WARNING)) {
      assertThat(clock.observe(time(START + 60_000, 0), "b")).isTrue();
      assertThat(clock.observe(time(START + 60_001, 0), "http://b:2\n")).isFalse();
      assertThat(clock.observe(time(START + 90_000, 0), "b")).isFalse();
      assertThat(clock.next().time()).isEqualTo(time(START + 60_000, 1));
      assertThat(log.messages())
          .containsExactly(
              "WARNING refused a change or a meeting: the clock of http://b:2\\n is 60001 ms ahead"
                  + " of this node's, at most 60000 ms are allowed; synchronize the clocks of all nodes");
      wall.addAndGet(60_000);
      assertThat(clock.observe(time(START + 200_000, 0), "b")).isFalse();
      assertThat(log.messages()).hasSize(2);
    }
  }

  @Test
  void noTwoStampsAreEqualWhicheverThreadTakesThem() {
    int threads = 4;
    int each = 10_000;
    Set<Stamp> all = new HashSet<>();
    IntStream.range(0, threads)
        .mapToObj(i -> CompletableFuture.supplyAsync(() -> some(each)))
        .toList()
        .forEach(some -> all.addAll(some.join()));
    assertThat(all).hasSize(threads * each);
  }

  private Set<Stamp> some(int count) {
    Set<Stamp> some = new HashSet<>();
    for (int i = 0; i < count; i++) {
      some.add(clock.next());
    }
    return some;
  }
}
