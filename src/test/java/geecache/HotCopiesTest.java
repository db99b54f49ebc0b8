package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.CachedValue.Origin;
import geecache.GroupBuilder.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Copies of popular values that a peer owns. */
class HotCopiesTest extends PopularKeys {
  private static final Duration LONG = Duration.ofSeconds(100);
  private static final Duration TICK = Duration.ofNanos(1);

  private static PeerValue living(String value, Duration timeToLive) {
    return new PeerValue(ByteView.of(value), Duration.ofSeconds(7), timeToLive, false, null);
  }

  @Test
  void aValueThatIsAskedForOftenIsCopied() throws Exception {
    Group group = builder.register(source);
    makePopular(group, "Tom");
    assertThat(group.stats().hotEntries()).isZero();
    assertThat(fetch(group, "Tom", endless("630")).stored()).isTrue();
    assertThat(group.get("Tom")).hasToString("630");
    assertThat(result(group.answer("Tom")).origin()).isEqualTo(Origin.HIT);
    assertThat(result(group.engine.get("Tom")).value()).hasToString("630");
    assertThat(group.getAll(List.of("Tom"))).hasSize(1);
    assertThat(owner.keys()).hasSize(POPULAR);
    GroupStats stats = group.stats();
    assertThat(stats.hotHits()).isEqualTo(4);
    assertThat(stats.mainHits()).isZero();
    assertThat(stats.hotEntries()).isEqualTo(1);
    assertThat(stats.hotBytes()).isPositive();
    assertThat(stats.entries()).isEqualTo(1);
    assertThat(stats.bytes()).isEqualTo(stats.hotBytes());
  }

  @Test
  void whoWaitsForAnothersQuestionMakesAKeyPopularToo() throws Exception {
    Group group = builder.register(source);
    for (int i = 0; i < POPULAR; i++) {
      group.getAsync("Tom");
    }
    owner.next().answer("630");
    assertThat(owner.keys()).hasSize(1);
    assertThat(group.get("Tom")).hasToString("630");
  }

  @Test
  void aValueThatIsAskedForRarelyIsNotCopied() throws Exception {
    Group group = builder.register(source);
    for (int i = 0; i < 400; i++) {
      fetch(group, "Tom", endless("630"));
      ticker.advance(Duration.ofMillis(250));
    }
    assertThat(group.stats().hotEntries()).isZero();
  }

  @Test
  void aGroupThatWantsNoCopiesHasNone() throws Exception {
    Group group = builder.hotCopies(false).register(source);
    for (int i = 0; i < 5 * POPULAR; i++) {
      assertThat(fetch(group, "Tom", endless("630")).stored()).isFalse();
    }
    assertThat(group.stats().hotEntries()).isZero();
  }

  private void assertCopyLives(Duration life, PeerValue fetched) throws Exception {
    Group group = builder.register(source);
    copy(group, "Tom", fetched);
    ticker.advance(life.minus(TICK));
    CachedValue last = result(group.answer("Tom"));
    assertThat(last.value()).hasToString("630");
    assertThat(last.servedFor()).isEqualTo(TICK);
    ticker.advance(TICK);
    assertAsksThePeer(group, "Tom");
  }

  @Test
  void aCopyOfAValueWithoutAnEndLivesForTheHotTime() throws Exception {
    assertCopyLives(HOT, endless("630"));
  }

  @Test
  void aCopyOfAValueThatLivesLongLivesForTheHotTime() throws Exception {
    assertCopyLives(HOT, living("630", LONG));
  }

  @Test
  void aCopyDoesNotOutliveTheValue() throws Exception {
    assertCopyLives(Duration.ofSeconds(5), living("630", Duration.ofSeconds(5)));
  }

  @Test
  void aCopyIsAsOldAsTheValue() throws Exception {
    Group group = builder.register(source);
    copy(group, "Tom", living("630", LONG));
    ticker.advance(Duration.ofSeconds(2));
    assertThat(result(group.answer("Tom")).age()).isEqualTo(Duration.ofSeconds(9));
  }

  @Test
  void aCopyHasTheValuesOwnLife() throws Exception {
    Group group = builder.register(source);
    copy(group, "Tom", living("630", LONG));
    copy(group, "Jack", endless("589"));
    ticker.advance(Duration.ofSeconds(2));
    CachedValue tom = result(group.answer("Tom"));
    assertThat(tom.timeToLive()).isEqualTo(LONG.minusSeconds(2));
    assertThat(tom.servedFor()).isEqualTo(HOT.minusSeconds(2));
    CachedValue jack = result(group.answer("Jack"));
    assertThat(jack.age()).isNull();
    assertThat(jack.timeToLive()).isNull();
    assertThat(jack.servedFor()).isEqualTo(HOT.minusSeconds(2));
  }

  /** As a peer gives it that does not own the key. */
  @Test
  void aLimitedValueHasNoEndOfItsOwn() throws Exception {
    Group group = builder.register(source);
    Duration life = Duration.ofSeconds(3);
    PeerValue limited = new PeerValue(ByteView.of("630"), Duration.ZERO, life, true, false, null);
    makePopular(group, "Tom");
    CachedValue fetched = fetch(group, "Tom", limited);
    assertThat(fetched.stored()).isTrue();
    assertThat(fetched.timeToLive()).isNull();
    assertThat(result(group.answer("Tom")).timeToLive()).isNull();
    assertThat(result(group.answer("Tom")).servedFor()).isEqualTo(life);
    ticker.advance(life);
    assertAsksThePeer(group, "Tom");
  }

  /** Whoever waited is told of the value's own time, and not of the copy's. */
  @Test
  void whoeverFetchedIsToldHowLongTheValueLives() throws Exception {
    Group group = builder.register(source);
    makePopular(group, "Tom");
    assertThat(fetch(group, "Tom", living("630", LONG)).timeToLive()).isEqualTo(LONG);
  }

  @Test
  void aCopyIsNeitherRenewedNorServedPastItsEnd() throws Exception {
    Group group =
        builder
            .timeToLive(LONG)
            .refreshAhead(Duration.ofSeconds(99))
            .staleIfError(LONG)
            .register(source);
    copy(group, "Tom", living("630", LONG));
    group.get("Tom");
    assertThat(group.stats().refreshes()).isZero();
    ticker.advance(HOT);
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    owner.next().fail(new IOException("refused"));
    source.next().fail(new LoadException("down"));
    assertThatThrownBy(() -> result(get)).hasMessage("down");
  }

  @Test
  void whatIsServedPastItsEndIsNeverCopied() throws Exception {
    Group group = builder.register(source);
    Duration past = Duration.ofSeconds(-4);
    for (int i = 0; i < 2 * POPULAR; i++) {
      fetch(group, "Tom", new PeerValue(ByteView.of("630"), LONG, past, true, null));
    }
    fetch(group, "Tom", new PeerValue(ByteView.of("630"), LONG, LONG, true, null));
    assertThat(group.stats().hotEntries()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0", "-1"})
  void whatHasNoTimeLeftIsNeverCopied(int seconds) throws Exception {
    Group group = builder.register(source);
    for (int i = 0; i < 2 * POPULAR; i++) {
      fetch(group, "Tom", living("630", Duration.ofSeconds(seconds)));
    }
    assertThat(group.stats().hotEntries()).isZero();
  }

  @Test
  void anAbsenceIsNeverCopied() throws Exception {
    Group group = builder.absentTimeToLive(LONG).register(source);
    for (int i = 0; i < 2 * POPULAR; i++) {
      CompletableFuture<ByteView> get = group.getAsync("Tom");
      owner.next().fail(new KeyNotFoundException("none"));
      assertThatThrownBy(() -> result(get)).isInstanceOf(KeyNotFoundException.class);
    }
    assertThat(group.stats().entries()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void copiesTakeAtMostAnEighthOfTheBudgetAndTheRestIsForWhatTheNodeOwns(Store store)
      throws Exception {
    long budget = 80_000;
    Group group = builder.store(store).maxBytes(budget).register(key -> new byte[100]);
    for (int i = 0; i < 1_000; i++) {
      group.get("own" + i);
    }
    assertThat(group.stats().bytes())
        .as("without copies all of the budget is for what the node owns")
        .isBetween(budget - 500, budget);
    for (int i = 0; i < 200; i++) {
      makePopular(group, "k" + i);
      fetch(group, "k" + i, endless("x".repeat(100)));
      group.get("own" + i);
      ticker.advance(Duration.ofSeconds(5)); // Or cells of the sketch would be shared.
      GroupStats stats = group.stats();
      assertThat(stats.hotBytes()).isBetween(1L, budget / 8);
      assertThat(stats.bytes() - stats.hotBytes()).isLessThanOrEqualTo(budget - budget / 8);
    }
    GroupStats full = group.stats();
    assertThat(full.hotBytes()).isGreaterThan(budget / 8 - 500);
    assertThat(full.bytes() - full.hotBytes()).isGreaterThan(budget - budget / 8 - 500);
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aGroupWithoutABudgetCopiesToo(Store store) throws Exception {
    Group group = builder.store(store).maxBytes(0).register(source);
    copy(group, "Tom", endless("630"));
    assertThat(group.get("Tom")).hasToString("630");
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aValueLargerThanTheShareOfCopiesIsServedAndSaidNotToBeStored(Store store) throws Exception {
    Group group = builder.store(store).maxBytes(8_000).register(source);
    makePopular(group, "Tom");
    CachedValue answer = fetch(group, "Tom", endless("x".repeat(1_000)));
    assertThat(answer.value().length()).isEqualTo(1_000);
    assertThat(answer.stored()).isFalse();
    assertThat(group.stats().entries()).isZero();
  }

  /** Of the whole budget it had been; now it has to fit into what copies leave. */
  @ParameterizedTest
  @EnumSource(Store.class)
  void aValueLargerThanWhatCopiesLeaveIsServedAndSaidNotToBeStored(Store store) throws Exception {
    Group group = builder.store(store).maxBytes(8_000).register(key -> new byte[7_200]);
    assertThat(result(group.answer("own")).stored()).isTrue();
    copy(group, "Tom", endless("630"));
    CachedValue answer = result(group.answer("own"));
    assertThat(answer.value().length()).isEqualTo(7_200);
    assertThat(answer.stored()).isFalse();
    assertThat(group.stats().entries()).isEqualTo(1);
  }

  @Test
  void aCopyMakesWayForWhatIsSet() throws Exception {
    Group group = builder.register(source);
    copy(group, "Tom", endless("old"));
    group.setAsync("Tom", ByteView.of("set"), null);
    assertThat(group.get("Tom")).hasToString("set");
    assertThat(group.stats().hotEntries()).isZero();
    assertThat(group.stats().entries()).isEqualTo(1);
  }

  @Test
  void aCopyMakesWayForWhatIsLoadedHere() throws Exception {
    Group group = builder.register(source);
    copy(group, "Tom", endless("old"));
    ticker.advance(HOT);
    CompletableFuture<CachedValue> load = group.engine.get("Tom");
    source.next().answer("630");
    result(load);
    assertThat(group.stats().hotEntries()).isZero();
    assertThat(group.get("Tom")).hasToString("630");
  }

  /** It was loaded here while the owner did not answer. */
  @Test
  void whatIsPastItsEndDoesNotHideACopy() throws Exception {
    Group group = builder.register(source);
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    owner.next().fail(new IOException("refused"));
    source.next().answer("old");
    result(get);
    ticker.advance(HOT);
    copy(group, "Tom", endless("630"));
    assertThat(group.get("Tom")).hasToString("630");
    assertThat(group.stats().entries()).isEqualTo(1);
  }
}
