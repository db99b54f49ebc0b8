package geecache.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.FakeTicker;
import geecache.Geecache;
import geecache.Getter;
import geecache.Group;
import geecache.KeyNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WarmingTest {
  private static final List<String> KEYS = IntStream.range(0, 100).mapToObj(i -> "k" + i).toList();

  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache();
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();

  @AfterEach
  void close() {
    node.close();
  }

  private Warming warming(Getter getter, int keysPerSecond, int atOnce) {
    return warming(KEYS, getter, keysPerSecond, atOnce);
  }

  private Warming warming(List<String> keys, Getter getter, int keysPerSecond, int atOnce) {
    Group group =
        node.group("g")
            .register(
                key -> {
                  calls.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet();
                  return getter.get(key);
                });
    return new Warming(
        group, node.local().groups().iterator().next(), keys, keysPerSecond, atOnce, ticker);
  }

  private int calls() {
    return calls.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** Steps, and waits until {@code done} keys have been dealt with. */
  private static void stepUntil(Warming warming, int done) {
    warming.step();
    awaitDone(warming, done);
  }

  private static void awaitDone(Warming warming, int done) {
    await().until(() -> warming.progress().done() == done);
  }

  @Test
  void noMoreKeysBeginThanTheRateAllows() {
    Warming warming = warming(key -> key.getBytes(UTF_8), 20, 100);
    stepUntil(warming, 1);
    ticker.advance(Duration.ofMillis(49));
    warming.step();
    assertThat(warming.begun()).isEqualTo(1);
    ticker.advance(Duration.ofMillis(1));
    stepUntil(warming, 2);
    ticker.advance(Duration.ofMillis(100));
    stepUntil(warming, 4);
  }

  @Test
  void aLateStepDoesNotMakeUpForLostTime() {
    Warming warming = warming(key -> key.getBytes(UTF_8), 20, 100);
    stepUntil(warming, 1);
    ticker.advance(Duration.ofSeconds(60));
    warming.step();
    assertThat(warming.begun()).isEqualTo(6); // What 200 ms allow, and the one of now.
    warming.step();
    assertThat(warming.begun()).isEqualTo(6);
  }

  @Test
  void noMoreKeysAreUnderWayThanAllowed() {
    Semaphore loads = new Semaphore(0);
    Warming warming =
        warming(
            key -> {
              loads.acquire();
              return key.getBytes(UTF_8);
            },
            1_000_000,
            3);
    ticker.advance(Duration.ofSeconds(1));
    warming.step();
    await().until(() -> calls() == 3);
    ticker.advance(Duration.ofSeconds(1));
    warming.step();
    assertThat(warming.begun()).isEqualTo(3);
    loads.release(2);
    awaitDone(warming, 2);
    warming.step();
    await().until(() -> calls() == 5);
    loads.release(100);
    awaitDone(warming, 5);
  }

  @Test
  void eachKeyIsLoadedOnce() {
    Warming warming = warming(key -> key.getBytes(UTF_8), 1_000_000, 1_000);
    ticker.advance(Duration.ofSeconds(1));
    stepUntil(warming, 100);
    assertThat(warming.isOver()).isTrue();
    assertThat(calls).hasSize(100);
    assertThat(calls()).isEqualTo(100);
    assertThat(warming.progress())
        .hasToString("100 of 100 keys of group g: 100 are in memory, 0 are absent, 0 failed");
  }

  @Test
  void aKeyThatTheSourceDoesNotHaveAnyMoreIsNoFailure() {
    Warming warming =
        warming(
            key -> {
              throw new KeyNotFoundException(key);
            },
            1_000_000,
            1_000);
    ticker.advance(Duration.ofSeconds(1));
    stepUntil(warming, 100);
    assertThat(warming.progress().absent()).isEqualTo(100);
    assertThat(calls()).isEqualTo(100);
  }

  @Test
  void aSourceThatIsDownIsAskedForOneKeyAtATimeWithGrowingPauses() {
    Warming warming =
        warming(
            key -> {
              throw new IOException("down");
            },
            1_000_000,
            1);
    int begun = 0;
    for (int seconds : new int[] {0, 1, 2, 4, 8, 16, 30, 30}) {
      stepAndAwaitEnd(warming);
      assertThat(warming.begun()).isEqualTo(++begun);
      if (seconds > 0) {
        ticker.advance(Duration.ofSeconds(seconds).minusNanos(1));
        warming.step();
        assertThat(warming.begun()).as("before %d s", seconds).isEqualTo(begun);
      }
      ticker.advance(Duration.ofMillis(1));
    }
    assertThat(warming.progress().lastFailure()).hasRootCauseMessage("down");
  }

  private static void stepAndAwaitEnd(Warming warming) {
    warming.step();
    await().until(() -> !warming.isUnderWay());
  }

  @Test
  void aSourceThatWasDownForAWhileCostsNoKey() {
    AtomicInteger left = new AtomicInteger(50);
    Warming warming =
        warming(
            key -> {
              if (left.getAndDecrement() > 0) {
                throw new IOException("down");
              }
              return key.getBytes(UTF_8);
            },
            1_000_000,
            40);
    for (int step = 0; step < 1_000 && !warming.isOver(); step++) {
      stepAndAwaitEnd(warming);
      ticker.advance(Duration.ofSeconds(30));
    }
    assertThat(warming.progress())
        .hasToString("100 of 100 keys of group g: 100 are in memory, 0 are absent, 0 failed");
  }

  @Test
  void aKeyThatFailsAgainAndAgainIsGivenUp() {
    Warming warming =
        warming(
            key -> {
              if (key.equals("k7")) {
                throw new IOException("never");
              }
              return key.getBytes(UTF_8);
            },
            1_000_000,
            1_000);
    for (int step = 0; step < 100 && !warming.isOver(); step++) {
      stepAndAwaitEnd(warming);
      ticker.advance(Duration.ofSeconds(30));
    }
    assertThat(warming.left()).containsExactly("k7");
    assertThat(warming.progress())
        .hasToString("100 of 100 keys of group g: 99 are in memory, 0 are absent, 1 failed");
    assertThat(calls.get("k7")).hasValue(3);
  }

  @Test
  void aKeyThatFailsWaitsForTheNextStep() {
    Warming warming = warming(List.of("k"), key -> key.getBytes(UTF_8), 1_000_000, 1_000);
    node.close(); // Its gets fail at once, while the step goes on.
    ticker.advance(Duration.ofSeconds(1));
    for (int step = 1; step <= 3; step++) {
      assertThat(warming.isOver()).isFalse();
      assertThat(warming.left()).containsExactly("k");
      warming.step();
      assertThat(warming.begun()).isEqualTo(step);
      ticker.advance(Duration.ofSeconds(30));
    }
    assertThat(warming.isOver()).isTrue();
  }

  @Test
  void keysThatAreNotLoadedYetAreLeftUntilTheyTurnOutToBeAbsent() {
    Semaphore loads = new Semaphore(0);
    Warming warming =
        warming(
            key -> {
              loads.acquire();
              if (key.equals("k0")) {
                throw new KeyNotFoundException(key);
              }
              return key.getBytes(UTF_8);
            },
            1_000_000,
            2);
    ticker.advance(Duration.ofSeconds(1));
    warming.step();
    assertThat(warming.left()).isEqualTo(KEYS);
    loads.release(2);
    await().until(() -> !warming.isUnderWay());
    assertThat(warming.left()).isEqualTo(KEYS.subList(2, 100));
  }

  @Test
  void aSourceThatStaysDownDoesNotHoldTheNodeBackForEver() {
    Warming warming =
        warming(
            key -> {
              throw new IOException("down");
            },
            1_000,
            10);
    ticker.advance(Duration.ofHours(1));
    assertThat(warming.isOver()).isFalse(); // The rate needs a tenth of a second more.
    ticker.advance(Duration.ofSeconds(1));
    assertThat(warming.isOver()).isTrue();
    assertThat(warming.left()).isEqualTo(KEYS);
  }

  @Test
  void oneThatIsEndedBeginsNothing() {
    Warming warming = warming(key -> key.getBytes(UTF_8), 1_000_000, 1_000);
    warming.end();
    warming.step();
    assertThat(warming.begun()).isZero();
    assertThat(warming.isOver()).isFalse();
  }
}
