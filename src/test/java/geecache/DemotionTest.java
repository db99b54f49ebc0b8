package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.CachedValue.Origin;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What this node does not own (any more) lives at most the hot time to live. */
class DemotionTest {
  private static final Duration HOT = Duration.ofSeconds(30);
  private static final Duration LONG = Duration.ofSeconds(100);
  private static final Duration TICK = Duration.ofNanos(1);

  private final FakePeers peers = new FakePeers(new Unreachable());
  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 1);
  private final GroupBuilder builder = node.group("scores").hotTimeToLive(HOT);
  private final List<String> loaded = new ArrayList<>();
  private boolean down;

  /** A peer that gives no answer: all keys are loaded here, even if it owns them. */
  private static final class Unreachable implements FuturePeer {
    @Override
    public String url() {
      return "http://unreachable";
    }

    @Override
    public CompletableFuture<PeerValue> get(LocalGroup group, String key, Question asked) {
      return CompletableFuture.failedFuture(new IOException("refused"));
    }
  }

  @BeforeEach
  void join() {
    node.registerPeers(peers);
  }

  @AfterEach
  void close() {
    node.close();
  }

  private byte[] load(String key) {
    loaded.add(key);
    return new byte[1];
  }

  private byte[] loadUnlessDown(String key) throws LoadException {
    if (down) {
      throw new LoadException("down");
    }
    return load(key);
  }

  private void assertInMemory(Group group, String key) throws CacheException {
    loaded.clear();
    group.get(key);
    assertThat(loaded).as("loads of " + key).isEmpty();
  }

  private void assertIsLoaded(Group group, String key) throws CacheException {
    loaded.clear();
    group.get(key);
    assertThat(loaded).containsExactly(key);
  }

  private void assertLives(Duration life, Group group, String key) throws CacheException {
    ticker.advance(life.minus(TICK));
    assertInMemory(group, key);
    ticker.advance(TICK);
    assertIsLoaded(group, key);
  }

  /** The node owns nothing from now on. */
  private void loseAll() {
    peers.show(key -> false);
    node.local().demote();
  }

  @Test
  void whatIsLoadedInTheOwnersSteadLivesForTheHotTime() throws Exception {
    Group group = builder.register(this::load);
    group.get("Tom");
    assertLives(HOT, group, "Tom");
  }

  /** Since the node that asks takes this one for the owner. */
  @Test
  void whatIsLoadedForAPeerAndNotOwnedLivesForTheHotTime() throws Exception {
    Group group = builder.timeToLive(LONG).register(this::load);
    CachedValue answer = result(group.engine.get("Tom"));
    assertThat(answer.stored()).isTrue();
    assertThat(answer.servedFor()).isEqualTo(HOT);
    assertLives(HOT, group, "Tom");
  }

  @Test
  void aShorterTimeOfItsOwnHolds() throws Exception {
    Group group = builder.timeToLive(Duration.ofSeconds(3)).register(this::load);
    group.get("Tom");
    assertLives(Duration.ofSeconds(3), group, "Tom");
  }

  @Test
  void whatIsOwnedLivesAsLongAsTheGroupSays() throws Exception {
    Group group = builder.timeToLive(LONG).register(this::load);
    group.get("own");
    assertLives(LONG, group, "own");
  }

  @Test
  void whatIsSetAndNotOwnedLivesForTheHotTime() throws Exception {
    Group group = builder.register(this::load);
    group.setAsync("Tom", ByteView.of("630"), LONG);
    assertLives(HOT, group, "Tom");
  }

  @Test
  void anAbsenceThatIsNotOwnedLivesForTheHotTimeAndAnOwnedOneLonger() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Group group = absences(asked);
    assertAbsent(group, "Tom");
    assertAbsent(group, "own");
    ticker.advance(HOT.minus(TICK));
    assertAbsent(group, "Tom");
    assertThat(asked).hasValue(2);
    ticker.advance(TICK);
    assertAbsent(group, "own");
    assertThat(asked).hasValue(2);
    assertAbsent(group, "Tom");
    assertThat(asked).hasValue(3);
  }

  /** A group of which no key is there, and how often that was asked. */
  private Group absences(AtomicInteger asked) {
    return builder
        .absentTimeToLive(LONG)
        .register(
            key -> {
              asked.incrementAndGet();
              throw new KeyNotFoundException("none");
            });
  }

  private static void assertAbsent(Group group, String key) {
    assertThatThrownBy(() -> group.get(key)).isInstanceOf(KeyNotFoundException.class);
  }

  @Test
  void whatIsNotOwnedIsNotRenewedAheadOfItsEnd() throws Exception {
    Group group =
        builder.timeToLive(LONG).refreshAhead(Duration.ofSeconds(99)).register(this::load);
    group.get("Tom");
    ticker.advance(HOT.minus(TICK));
    assertInMemory(group, "Tom");
    assertThat(group.stats().refreshes()).isZero();
  }

  @Test
  void whatIsNotOwnedStandsInForNoSourceThatFails() throws Exception {
    Group group = builder.timeToLive(LONG).staleIfError(LONG).register(this::loadUnlessDown);
    group.get("Tom");
    group.get("own");
    down = true;
    ticker.advance(HOT);
    assertThatThrownBy(() -> group.get("Tom")).hasMessage("down");
    ticker.advance(LONG);
    assertThat(result(group.answer("own")).origin()).isEqualTo(Origin.STALE);
  }

  @ParameterizedTest
  @EnumSource(GroupBuilder.Store.class)
  void demotionLimitsWhatWasLostAndNothingElse(GroupBuilder.Store store) throws Exception {
    Group group = builder.store(store).register(this::load);
    group.get("own lost");
    group.get("own kept");
    peers.show("own kept"::equals);
    node.local().demote();
    assertInMemory(group, "own lost");
    assertInMemory(group, "own kept");
    ticker.advance(HOT.minus(TICK));
    assertInMemory(group, "own lost");
    ticker.advance(TICK);
    assertInMemory(group, "own kept");
    assertIsLoaded(group, "own lost");
    ticker.advance(LONG);
    assertInMemory(group, "own kept");
  }

  @Test
  void demotionReachesAllGroups() throws Exception {
    Group one = builder.register(this::load);
    Group two = node.group("two").hotTimeToLive(HOT).register(this::load);
    one.get("own");
    two.get("own");
    loseAll();
    ticker.advance(HOT);
    assertIsLoaded(one, "own");
    assertIsLoaded(two, "own");
  }

  @Test
  void aShorterRestOfItsTimeHolds() throws Exception {
    Group group = builder.timeToLive(LONG).register(this::load);
    group.get("own");
    ticker.advance(Duration.ofSeconds(99));
    loseAll();
    assertLives(Duration.ofSeconds(1), group, "own");
  }

  @Test
  void aValueKeepsItsAgeWhenItIsLost() throws Exception {
    Group group = builder.timeToLive(LONG).register(this::load);
    group.get("own");
    ticker.advance(Duration.ofSeconds(7));
    loseAll();
    CachedValue answer = result(group.answer("own"));
    assertThat(answer.age()).isEqualTo(Duration.ofSeconds(7));
    assertThat(answer.servedFor()).isEqualTo(HOT);
  }

  /** Otherwise a proxy would keep it, and serve it after a removal. */
  @Test
  void aLostValueWithoutAnEndHasNoneForClients() throws Exception {
    Group group = builder.register(this::load);
    group.get("own");
    loseAll();
    CachedValue answer = result(group.answer("own"));
    assertThat(answer.timeToLive()).isNull();
    assertThat(answer.servedFor()).isEqualTo(HOT);
  }

  @Test
  void repeatedDemotionDoesNotProlong() throws Exception {
    Group group = builder.register(this::load);
    group.get("own");
    loseAll();
    ticker.advance(Duration.ofSeconds(20));
    node.local().demote();
    loseAll();
    assertLives(Duration.ofSeconds(10), group, "own");
  }

  @Test
  void whatIsLostIsNotRenewedNorServedPastItsEnd() throws Exception {
    Group group =
        builder
            .timeToLive(LONG)
            .refreshAhead(Duration.ofSeconds(50))
            .staleIfError(LONG)
            .register(this::loadUnlessDown);
    group.get("own");
    loseAll();
    ticker.advance(HOT.minus(TICK));
    assertInMemory(group, "own");
    assertThat(group.stats().refreshes()).isZero();
    down = true;
    ticker.advance(TICK);
    assertThatThrownBy(() -> group.get("own")).hasMessage("down");
  }

  @Test
  void anAbsenceThatIsLostIsLimitedAndStaysAnAbsence() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Group group = absences(asked);
    assertAbsent(group, "own");
    loseAll();
    assertAbsent(group, "own");
    assertThat(asked).hasValue(1);
    ticker.advance(HOT);
    assertAbsent(group, "own");
    assertThat(asked).hasValue(2);
  }

  /** The view flaps. */
  @Test
  void whatIsOwnedAgainHasItsOwnLifeBack() throws Exception {
    Group group = builder.timeToLive(LONG).register(this::load);
    group.get("own");
    loseAll();
    ticker.advance(Duration.ofSeconds(20));
    peers.show(key -> true);
    node.local().demote();
    CachedValue answer = result(group.answer("own"));
    assertThat(answer.age()).isEqualTo(Duration.ofSeconds(20));
    assertLives(Duration.ofSeconds(80), group, "own");
  }

  @Test
  void whatIsLostIsStillThereForItsNextOwner() throws Exception {
    Group group = builder.timeToLive(LONG).register(this::load);
    group.get("own");
    loseAll();
    ticker.advance(HOT);
    assertThat(group.engine.peek("own").timeToLive()).isEqualTo(LONG.minus(HOT));
    ticker.advance(LONG.minus(HOT));
    assertThat(group.engine.peek("own")).isNull();
  }

  @ParameterizedTest
  @EnumSource(GroupBuilder.Store.class)
  void whatIsLostIsTheFirstToGo(GroupBuilder.Store store) throws Exception {
    Group group = builder.store(store).maxBytes(64 << 10).register(key -> new byte[1 << 10]);
    for (int i = 0; i < 40; i++) {
      group.get("own lost " + i);
    }
    peers.show(key -> key.startsWith("own kept"));
    node.local().demote();
    for (int i = 0; i < 40; i++) {
      group.get("own kept " + i);
      group.get("own kept " + i);
    }
    long loads = group.stats().loads();
    for (int i = 0; i < 40; i++) {
      group.get("own kept " + i);
    }
    assertThat(group.stats().loads() - loads).isLessThan(5);
  }

  /** New owners will ask for the hottest first. */
  @Test
  void ofWhatIsLostTheColdestGoesFirst() throws Exception {
    Group group =
        builder.store(GroupBuilder.Store.LRU).maxBytes(64 << 10).register(key -> new byte[1 << 10]);
    for (int i = 0; i < 40; i++) {
      group.get("own lost " + i);
    }
    group.get("own lost 0");
    peers.show(key -> key.startsWith("own kept"));
    node.local().demote();
    for (int i = 0; group.stats().evictions() < 2; i++) {
      group.get("own kept " + i);
    }
    assertThat(group.engine.peek("own lost 1")).isNull();
    assertThat(group.engine.peek("own lost 0")).isNotNull();
  }

  /** The view changes three times, and two of the changes while a walk is under way. */
  @Test
  void changesDuringAWalkAreCoveredByOneMore() throws Exception {
    Group group = builder.register(this::load);
    group.get("own");
    peers.afterNextOwns(
        () -> {
          node.local().demote();
          loseAll();
          assertThat(peers.asked()).as("walks that have begun").isEqualTo(1);
        });
    peers.countFromNow();
    node.local().demote();
    assertThat(peers.asked()).as("walks, and the step of the store").isEqualTo(3);
    assertLives(HOT, group, "own");
  }

  @Test
  void aWalkThatFailsLeavesTheNextCallToWalk() throws Exception {
    Group group = builder.register(this::load);
    group.get("own");
    peers.afterNextOwns(
        () -> {
          throw new IllegalStateException("broken, says a test");
        });
    assertThatThrownBy(this::loseAll).hasMessage("broken, says a test");
    loseAll();
    assertLives(HOT, group, "own");
  }

  /** It is not brought back by being put anew. */
  @Test
  void demotionBringsBackNothingThatWasRemoved() throws Exception {
    Group group = builder.register(this::load);
    group.get("own");
    group.removeAsync("own");
    loseAll();
    assertThat(group.stats().entries()).isZero();
    group.get("own1");
    group.clearAsync();
    loseAll();
    assertIsLoaded(group, "own1");
  }

  /**
   * A load learns that this node owns its key; the view changes, and the walk passes by without
   * finding anything; the load stores.
   */
  @Test
  void aLoadThatStoresWhileTheViewChangesIsDemoted() throws Exception {
    Group group = builder.register(this::load);
    peers.afterNextOwns(this::loseAll);
    group.get("own");
    assertLives(HOT, group, "own");
  }

  @Test
  void anAbsenceThatIsStoredWhileTheViewChangesIsDemoted() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Group group = absences(asked);
    peers.afterNextOwns(this::loseAll);
    assertAbsent(group, "own");
    ticker.advance(HOT);
    assertAbsent(group, "own");
    assertThat(asked).hasValue(2);
  }

  /** As for a load. */
  @Test
  void aSetThatStoresWhileTheViewChangesIsDemoted() throws Exception {
    Group group = builder.register(this::load);
    peers.afterNextOwns(this::loseAll);
    group.set("own", ByteView.of("630"), null);
    assertLives(HOT, group, "own");
  }
}
