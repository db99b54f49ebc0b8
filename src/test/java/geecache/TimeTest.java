package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.CachedValue.Origin;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 0);
  private final AtomicInteger version = new AtomicInteger();
  private final GroupBuilder builder = node.group("g");

  @AfterEach
  void close() {
    node.close();
  }

  private byte[] nextVersion(String key) {
    return ("v" + version.incrementAndGet()).getBytes(UTF_8);
  }

  @Test
  void aValueLivesItsTimeAndNoLonger() throws Exception {
    Group group = builder.timeToLive(SECOND.multipliedBy(10)).register(this::nextVersion);
    assertThat(group.get("Tom")).hasToString("v1");
    ticker.advance(Duration.ofSeconds(10).minusNanos(1));
    assertThat(group.get("Tom")).hasToString("v1");
    ticker.advance(Duration.ofNanos(1));
    assertThat(group.get("Tom")).hasToString("v2");
  }

  /** Notes whether it is called to load or to reload. */
  private static final class Reloading implements Getter {
    final List<String> asked = new CopyOnWriteArrayList<>();

    @Override
    public byte[] get(String key) {
      asked.add("load");
      return "loaded".getBytes(UTF_8);
    }

    @Override
    public Value reload(String key, ByteView old) {
      asked.add("reload " + old);
      return new Value(old, null);
    }
  }

  @Test
  void anOldValueIsGivenToTheGetterUnlessItWasRemoved() throws Exception {
    Reloading getter = new Reloading();
    Group group = builder.timeToLive(SECOND).register(getter);

    ByteView first = group.get("Tom");
    ticker.advance(SECOND);
    assertThat(group.get("Tom")).isSameAs(first);
    assertThat(group.get("Tom")).isSameAs(first); // Its life began anew.
    group.remove("Tom");
    group.get("Tom");
    group.clear();
    group.get("Tom");

    assertThat(getter.asked).containsExactly("load", "reload loaded", "load", "load");
  }

  @Test
  void theTimeOfAValueCountsFromWhenItsLoadBegan() throws Exception {
    Group group =
        builder
            .timeToLive(SECOND.multipliedBy(10))
            .register(
                key -> {
                  ticker.advance(SECOND.multipliedBy(4));
                  return nextVersion(key);
                });
    CachedValue loaded = result(group.answer("Tom"));
    assertThat(loaded.age()).isEqualTo(Duration.ofSeconds(4));
    assertThat(loaded.timeToLive()).isEqualTo(Duration.ofSeconds(6));
    ticker.advance(SECOND.multipliedBy(6));
    assertThat(group.get("Tom")).hasToString("v2");
  }

  @Test
  void aValuesOwnTimeBeatsTheGroups() throws Exception {
    Group group = builder.timeToLive(SECOND).register(living(SECOND.multipliedBy(5)));
    group.get("Tom");
    ticker.advance(SECOND.multipliedBy(4));
    assertThat(group.get("Tom")).hasToString("v1");
    ticker.advance(SECOND);
    assertThat(group.get("Tom")).hasToString("v2");
  }

  @Test
  void aValueOfNoTimeIsServedAndNotKept() throws Exception {
    Group group = builder.register(living(Duration.ZERO));
    assertThat(group.get("Tom")).hasToString("v1");
    assertThat(group.get("Tom")).hasToString("v2");
    assertThat(group.stats().entries()).isZero();
  }

  @Test
  void anEndlessTimeIsACentury() throws Exception {
    Group group = builder.register(living(Duration.ofSeconds(Long.MAX_VALUE)));
    group.get("Tom");
    ticker.advance(Duration.ofDays(36_000));
    assertThat(group.get("Tom")).hasToString("v1");
  }

  private Getter living(@Nullable Duration time) {
    return new Getter() {
      @Override
      public byte[] get(String key) {
        throw new AssertionError("load() is what groups call");
      }

      @Override
      public Value load(String key) {
        return new Value(ByteView.of(nextVersion(key)), time);
      }
    };
  }

  @Test
  void jitterShortensTimesAndSpreadsThem() throws Exception {
    Group group =
        builder.timeToLive(SECOND.multipliedBy(10)).jitter(0.5).register(this::nextVersion);
    Set<Duration> times = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      times.add(result(group.answer("k" + i)).timeToLive());
    }
    assertThat(times).hasSizeGreaterThan(900);
    assertThat(times)
        .allMatch(t -> t.compareTo(Duration.ofSeconds(5)) >= 0)
        .allMatch(t -> t.compareTo(Duration.ofSeconds(10)) <= 0)
        .anyMatch(t -> t.compareTo(Duration.ofSeconds(6)) < 0)
        .anyMatch(t -> t.compareTo(Duration.ofSeconds(9)) > 0);
  }

  @Test
  void absenceIsAskedForEachTimeUnlessAGroupKeepsIt() {
    Group group = builder.register(this::absent);
    assertThatThrownBy(() -> group.get("Tom")).hasMessage("no Tom 1");
    assertThatThrownBy(() -> group.get("Tom")).hasMessage("no Tom 2");
    assertThat(group.stats().absent()).isEqualTo(2);
    assertThat(group.stats().loadFailures()).isZero();
  }

  @Test
  void absenceIsKeptForItsTime() throws Exception {
    Group group = builder.absentTimeToLive(SECOND).register(this::absent);
    assertThatThrownBy(() -> group.get("Tom")).hasMessage("no Tom 1");
    assertThatThrownBy(() -> group.get("Tom"))
        .isInstanceOf(KeyNotFoundException.class)
        .hasMessage("no Tom 1")
        .satisfies(absent -> assertThat(absent.getStackTrace()).isEmpty()); // It takes long.
    assertThatThrownBy(() -> result(group.getAsync("Tom"))).hasMessage("no Tom 1");
    assertThat(group.getAll(java.util.List.of("Tom"))).isEmpty();
    assertThat(group.stats().mainHits()).isEqualTo(3);
    ticker.advance(SECOND);
    assertThatThrownBy(() -> group.get("Tom")).hasMessage("no Tom 2");
  }

  private byte[] absent(String key) throws KeyNotFoundException {
    throw new KeyNotFoundException("no " + key + " " + version.incrementAndGet());
  }

  @Test
  void absenceEndsTheOldValue() throws Exception {
    boolean[] gone = {false};
    Group group =
        builder
            .timeToLive(SECOND)
            .staleIfError(SECOND.multipliedBy(100))
            .register(key -> gone[0] ? absent(key) : nextVersion(key));
    group.get("Tom");
    gone[0] = true;
    ticker.advance(SECOND);
    assertThatThrownBy(() -> group.get("Tom")).isInstanceOf(KeyNotFoundException.class);
    assertThat(group.stats().entries()).isZero();
  }

  @Test
  void aValueNearItsEndIsServedWhileOneLoadRenewsIt() throws Exception {
    GatedGetter source = new GatedGetter();
    Group group =
        builder
            .timeToLive(SECOND.multipliedBy(10))
            .refreshAhead(SECOND.multipliedBy(3))
            .register(source);
    CompletableFuture<ByteView> first = group.getAsync("Tom");
    source.next().answer("v1");
    result(first);
    ticker.advance(Duration.ofSeconds(7).minusNanos(1));
    group.get("Tom");
    assertThat(group.stats().refreshes()).isZero();
    ticker.advance(Duration.ofNanos(1));
    for (int i = 0; i < 10; i++) {
      assertThat(group.get("Tom")).hasToString("v1");
    }
    source.next().answer("v2");
    await().until(() -> group.get("Tom").toString().equals("v2"));
    assertThat(group.stats().refreshes()).isEqualTo(1);
    assertThat(source.keys()).hasSize(2);
  }

  @Test
  void aRefreshThatFailsLeavesTheValue() throws Exception {
    GatedGetter source = new GatedGetter();
    Group group =
        builder
            .timeToLive(SECOND.multipliedBy(10))
            .refreshAhead(SECOND.multipliedBy(3))
            .register(source);
    CompletableFuture<ByteView> first = group.getAsync("Tom");
    source.next().answer("v1");
    result(first);
    ticker.advance(SECOND.multipliedBy(8));
    group.get("Tom");
    source.next().fail(new IOException("down"));
    await().until(() -> group.stats().loadFailures() == 1);
    assertThat(group.get("Tom")).hasToString("v1");
  }

  /** A getter may give a value less time than the group refreshes ahead. */
  @Test
  void aShortLivedValueIsRenewedInMidLife() throws Exception {
    Group group =
        builder
            .timeToLive(SECOND.multipliedBy(100))
            .refreshAhead(SECOND.multipliedBy(50))
            .register(living(SECOND.multipliedBy(10)));
    group.get("Tom");
    ticker.advance(Duration.ofSeconds(5).minusNanos(1));
    group.get("Tom");
    assertThat(group.stats().refreshes()).isZero();
    ticker.advance(Duration.ofNanos(1));
    group.get("Tom");
    await().until(() -> group.stats().refreshes() == 1);
  }

  @Test
  void aValuePastItsEndStandsInForASourceThatFails() throws Exception {
    boolean[] down = {false};
    Group group =
        builder
            .timeToLive(SECOND)
            .staleIfError(SECOND.multipliedBy(10))
            .register(
                key -> {
                  if (down[0]) {
                    throw new IOException("down");
                  }
                  return nextVersion(key);
                });
    group.get("Tom");
    down[0] = true;
    ticker.advance(SECOND.multipliedBy(5));
    CachedValue stale = result(group.answer("Tom"));
    assertThat(stale.value()).hasToString("v1");
    assertThat(stale.origin()).isEqualTo(Origin.STALE);
    assertThat(stale.timeToLive()).isEqualTo(Duration.ofSeconds(-4));
    assertThat(group.stats().staleServed()).isEqualTo(1);
    down[0] = false;
    ticker.advance(SECOND);
    assertThat(result(group.answer("Tom")).origin()).isEqualTo(Origin.EXPIRED);
    down[0] = true;
    ticker.advance(SECOND.multipliedBy(11));
    assertThatThrownBy(() -> group.get("Tom")).isInstanceOf(LoadException.class);
  }

  @Test
  void aSourceThatFailsIsLeftAloneForAWhileIfThereIsAValueToServe() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    boolean[] down = {false};
    Group group =
        builder
            .timeToLive(SECOND.multipliedBy(10))
            .refreshAhead(SECOND.multipliedBy(3))
            .staleIfError(SECOND.multipliedBy(100))
            .holdOff(SECOND.multipliedBy(2))
            .register(
                key -> {
                  asked.incrementAndGet();
                  if (down[0]) {
                    throw new IOException("down");
                  }
                  return nextVersion(key);
                });
    group.get("Tom");
    down[0] = true;
    ticker.advance(SECOND.multipliedBy(8));
    group.get("Tom");
    await().until(() -> group.stats().loadFailures() == 1 && group.stats().loadsRunning() == 0);
    getTenTimes(group, Origin.HIT);
    ticker.advance(SECOND.multipliedBy(4));
    assertThat(result(group.answer("Tom")).origin()).isEqualTo(Origin.STALE);
    assertThat(asked).hasValue(3);
    getTenTimes(group, Origin.STALE);
    assertThat(asked).hasValue(3);
    assertThat(group.stats().staleServed()).isEqualTo(11);
    ticker.advance(SECOND.multipliedBy(2));
    down[0] = false;
    assertThat(group.get("Tom")).hasToString("v2");
  }

  private static void getTenTimes(Group group, Origin origin) throws Exception {
    for (int i = 0; i < 10; i++) {
      CachedValue answer = result(group.answer("Tom"));
      assertThat(answer.origin()).isEqualTo(origin);
      assertThat(answer.value()).hasToString("v1");
    }
  }

  @Test
  void aGroupWithoutTimesReadsNoClockOnAHit() throws Exception {
    Group group = builder.register(this::nextVersion);
    group.get("Tom");
    long readings = ticker.readings();
    for (int i = 0; i < 100; i++) {
      group.get("Tom");
      group.answer("Tom");
      group.getAsync("Tom");
    }
    assertThat(ticker.readings()).isEqualTo(readings);
  }

  @Test
  void aHitReadsTheClockOnce() throws Exception {
    Group group = builder.timeToLive(Duration.ofHours(1)).register(this::nextVersion);
    group.get("Tom");
    long readings = ticker.readings();
    group.get("Tom");
    assertThat(ticker.readings()).isEqualTo(readings + 1);
    assertThat(result(group.answer("Tom")).origin()).isEqualTo(Origin.HIT);
    assertThat(ticker.readings()).isEqualTo(readings + 2);
  }

  @Test
  void aHitInTheLastMomentOfALifeIsFresh() throws Exception {
    Duration life = Duration.ofSeconds(10);
    Group group =
        builder.timeToLive(life).staleIfError(life).holdOff(life).register(this::nextVersion);
    group.get("Tom");
    ticker.advance(life.minusNanos(1));
    ticker.advanceWithEachReading(Duration.ofNanos(1));
    CachedValue last = result(group.answer("Tom"));
    assertThat(last.origin()).isEqualTo(Origin.HIT);
    assertThat(last.timeToLive()).isPositive();
    assertThat(group.stats().staleServed()).isZero();
  }

  @Test
  void anAnswerSaysWhereItCameFrom() throws Exception {
    Group group = builder.register(this::nextVersion);
    assertThat(result(group.answer("Tom")))
        .isEqualTo(
            new CachedValue(ByteView.of("v1"), Origin.MISS, false, true, null, null, null, null));
    assertThat(result(group.answer("Tom")))
        .isEqualTo(
            new CachedValue(ByteView.of("v1"), Origin.HIT, false, false, null, null, null, null));
  }
}
