package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import geecache.internal.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gets whose callers load the key, on one node. */
@Timeout(60)
class LoaderGetTest {
  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 0);

  /** No lease passes on because its time is over. */
  private final Group group = node.group("db").leaseTimeout(Duration.ofMinutes(5)).register();

  private final Callers callers = new Callers();
  private final List<HeldLoader> holders = new ArrayList<>();
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() {
    holders.forEach(HeldLoader::letGo);
    node.close();
    callers.close();
  }

  private static Value value(String text) {
    return Value.of(ByteView.of(text));
  }

  private ByteView load(String key, String text) throws CacheException {
    return group.get(
        key,
        k -> {
          calls.incrementAndGet();
          return value(text);
        });
  }

  private HeldLoader held(Group of, String key, String text) throws InterruptedException {
    return held(of, key, text, null);
  }

  private HeldLoader held(Group of, String key, String text, Throwable failure)
      throws InterruptedException {
    HeldLoader made = new HeldLoader(callers, of, key, calls, text, failure);
    holders.add(made);
    return made;
  }

  private void awaitWaiting(int gets) {
    await().until(() -> group.stats().getsWaiting() == gets);
  }

  /**
   * Waits until the caller of the last get waits: a get is counted before it may be given a lease.
   */
  private void awaitLastWaits() {
    await().until(() -> callers.last().getState() == Thread.State.TIMED_WAITING);
  }

  private CompletableFuture<String> waiter(String key, String text) {
    return callers.call(() -> load(key, text).toString());
  }

  @Test
  void theLoaderRunsOnTheThreadOfItsCallerOnce() throws CacheException {
    List<Thread> threads = new ArrayList<>();
    ByteView first =
        group.get(
            "Tom",
            key -> {
              threads.add(Thread.currentThread());
              return value("630 of " + key);
            });
    assertThat(first.toString()).isEqualTo("630 of Tom");
    assertThat(threads).containsExactly(Thread.currentThread());
    assertThat(load("Tom", "other").toString()).isEqualTo("630 of Tom");
    assertThat(group.get("Tom").toString()).isEqualTo("630 of Tom");
    assertThat(calls).hasValue(0);
  }

  @Test
  void allWhoAskMeanwhileWaitForOneLoader() throws Exception {
    HeldLoader holder = held(group, "Tom", "630");
    List<CompletableFuture<String>> others = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      others.add(waiter("Tom", "other"));
    }
    CompletableFuture<String> plain = callers.call(() -> group.get("Tom").toString());
    awaitWaiting(21);
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("630");
    assertThat(others).allSatisfy(other -> assertThat(other.join()).isEqualTo("630"));
    assertThat(plain.join()).isEqualTo("630");
    assertThat(calls).hasValue(1);
  }

  @Test
  void aKeyThatNobodyFilledIsAbsentWithoutAGetter() {
    assertThatThrownBy(() -> group.get("Tom")).isInstanceOf(KeyNotFoundException.class);
    GroupStats stats = group.stats();
    assertThat(stats.unfilled()).isOne();
    assertThat(stats.loads()).isZero();
  }

  @Test
  void theCallerGetsTheVeryExceptionAndOthersALoadFailure() throws Exception {
    IOException failure = new IOException("secret words");
    HeldLoader holder = held(group, "Tom", "", failure);
    CompletableFuture<String> other = waiter("Tom", "other");
    awaitWaiting(1);
    holder.letGo();
    assertThatThrownBy(holder.answer::join).hasCause(failure);
    assertThatThrownBy(other::join)
        .cause()
        .isInstanceOf(LoadException.class)
        .hasMessageNotContaining("secret words");
    assertThat(calls).hasValue(1);
  }

  @Test
  void anAbsentKeyIsAbsentForAll() throws Exception {
    KeyNotFoundException absent = new KeyNotFoundException("no Tom");
    HeldLoader holder = held(group, "Tom", "", absent);
    CompletableFuture<String> other = waiter("Tom", "other");
    awaitWaiting(1);
    holder.letGo();
    assertThatThrownBy(holder.answer::join).hasCause(absent);
    assertThatThrownBy(other::join).hasCause(absent);
  }

  @Test
  void anErrorOfTheHolderPassesTheLeaseOn() throws Exception {
    HeldLoader holder = held(group, "Tom", "", new AssertionError("broken"));
    CompletableFuture<String> next = waiter("Tom", "next");
    awaitWaiting(1);
    awaitLastWaits();
    CompletableFuture<String> last = waiter("Tom", "last");
    awaitWaiting(2);
    awaitLastWaits();
    holder.letGo();
    assertThatThrownBy(holder.answer::join).hasCauseInstanceOf(AssertionError.class);
    assertThat(next.join()).isEqualTo("next");
    assertThat(last.join()).isEqualTo("next");
    assertThat(calls).hasValue(2);
  }

  /**
   * Interleaving: a get asks for a key that is being loaded, and fails at once, since that load
   * waits for its own; then the lease passes on. It goes to a get that still waits.
   */
  @Test
  void aGetThatFailedBeforeItWaitedIsGivenNoLease() throws Exception {
    CountDownLatch ask = new CountDownLatch(1);
    CountDownLatch failed = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<String> inner =
        callers.call(
            () ->
                group
                    .get(
                        "inner",
                        key -> {
                          begun.countDown();
                          ask.await();
                          assertThatThrownBy(() -> load("outer", "circle"))
                              .isInstanceOf(LoadException.class)
                              .hasMessageContaining("load cycle");
                          failed.countDown();
                          end.await();
                          return value("inner");
                        })
                    .toString());
    begun.await();
    CompletableFuture<String> outer =
        callers.call(
            () ->
                group
                    .get(
                        "outer",
                        key -> {
                          group.get("inner");
                          throw new AssertionError("broken");
                        })
                    .toString());
    awaitWaiting(1);
    awaitLastWaits();
    ask.countDown();
    failed.await();
    CompletableFuture<String> next = waiter("outer", "next");
    awaitWaiting(2);
    awaitLastWaits();
    end.countDown();
    assertThat(inner.join()).isEqualTo("inner");
    assertThatThrownBy(outer::join).hasCauseInstanceOf(AssertionError.class);
    assertThat(next.join()).isEqualTo("next");
    assertThat(group.stats().leasesRanOut()).isZero();
  }

  @Test
  void anInterruptOfTheHolderPassesTheLeaseOn() throws Exception {
    HeldLoader holder = held(group, "Tom", "");
    CompletableFuture<String> next = waiter("Tom", "next");
    awaitWaiting(1);
    holder.interrupt();
    assertThatThrownBy(holder.answer::join).hasCauseInstanceOf(InterruptedException.class);
    assertThat(next.join()).isEqualTo("next");
  }

  @Test
  void aGetWithoutALoaderEndsAbsentWhenNobodyCanLoad() throws Exception {
    HeldLoader holder = held(group, "Tom", "", new AssertionError("broken"));
    CompletableFuture<String> plain = callers.call(() -> group.get("Tom").toString());
    awaitWaiting(1);
    holder.letGo();
    assertThatThrownBy(plain::join).hasCauseInstanceOf(KeyNotFoundException.class);
  }

  @Test
  void theGetterLoadsForThoseWhoCannotOnceTheHolderIsBroken() throws Exception {
    Group withGetter = node.group("getter").register(key -> "of getter".getBytes(UTF_8));
    HeldLoader holder = held(withGetter, "Tom", "", new AssertionError("broken"));
    CompletableFuture<String> plain = callers.call(() -> withGetter.get("Tom").toString());
    await().until(() -> withGetter.stats().getsWaiting() == 1);
    holder.letGo();
    assertThat(plain.join()).isEqualTo("of getter");
  }

  @Test
  void aRemovalVoidsTheLease() throws Exception {
    HeldLoader holder = held(group, "Tom", "old");
    CompletableFuture<String> before = waiter("Tom", "unused");
    awaitWaiting(1);
    group.remove("Tom");
    assertThat(load("Tom", "new").toString()).isEqualTo("new");
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("old");
    assertThat(before.join()).isEqualTo("old");
    assertThat(group.get("Tom").toString()).isEqualTo("new");
  }

  @Test
  void aSetVoidsTheLease() throws Exception {
    HeldLoader holder = held(group, "Tom", "old");
    group.set("Tom", ByteView.of("set"), null);
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("old");
    assertThat(group.get("Tom").toString()).isEqualTo("set");
  }

  @Test
  void aResultThatComesAfterItsLeaseRanOutIsNotStored() throws Exception {
    HandTimer timer = new HandTimer();
    LoaderThreads loaders = new LoaderThreads(Executors.newCachedThreadPool(), timer);
    try (Geecache steered =
        new Geecache(
            new NodeParts(
                ticker,
                ticker,
                loaders,
                RandomGenerator.getDefault(),
                Waiting.REAL,
                new AtomicReference<>(new NoPeers())))) {
      Duration time = Duration.ofMinutes(1);
      Group quick =
          steered.group("quick").leaseTimeout(time).waitTimeout(Duration.ofHours(1)).register();
      HeldLoader holder = held(quick, "Tom", "late");
      CompletableFuture<String> next =
          callers.call(() -> quick.get("Tom", key -> value("second")).toString());
      await().until(() -> quick.stats().getsWaiting() == 1);
      ticker.advance(time);
      timer.fire(time);
      assertThat(next.join()).isEqualTo("second");
      holder.letGo();
      assertThat(holder.answer.join()).isEqualTo("late");
      assertThat(quick.get("Tom").toString()).isEqualTo("second");
      assertThat(quick.stats().leasesRanOut()).isOne();
      assertThat(quick.stats().leasesRefused()).isOne();
    }
  }

  @Test
  void aLoaderThatReturnsNullFailsNamed() {
    assertThatThrownBy(() -> group.get("Tom", key -> null))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("returned null");
  }

  @Test
  void aLoaderThatGetsItsOwnKeyFailsAtOnce() {
    assertThatThrownBy(() -> group.get("Tom", key -> Value.of(load(key, "x"))))
        .isInstanceOf(LoadException.class)
        .hasMessage("load cycle: db/Tom -> db/Tom");
    assertThatThrownBy(() -> group.get("Tom", key -> Value.of(group.get(key))))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("load cycle");
  }

  @Test
  void aLoaderMayGetOtherKeys() throws CacheException {
    assertThat(
            group.get("Tom", key -> Value.of(ByteView.of(load("Jack", "589") + "+1"))).toString())
        .isEqualTo("589+1");
    assertThat(group.get("Jack").toString()).isEqualTo("589");
  }

  @Test
  void aCallerWhoseTimeEndsLeavesAndTheLeaseGoesToAnother() throws Exception {
    Group hasty = node.group("hasty").waitTimeout(Duration.ofMillis(200)).register();
    HeldLoader holder = held(hasty, "Tom", "630");
    assertThatThrownBy(() -> hasty.get("Tom", key -> value("x")))
        .isInstanceOf(LoadTimeoutException.class);
    assertThat(hasty.stats().getsWaiting()).isZero();
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("630");
  }

  @Test
  void aValueFromASnapshotOlderThanARemovalIsForItsCallerAlone() throws Exception {
    Duration[] age = {Duration.ZERO};
    node.transactionAge(now -> Optional.ofNullable(age[0]));
    ticker.advance(Duration.ofSeconds(5));
    group.remove("Tom");
    ticker.advance(Duration.ofSeconds(1));
    age[0] = Duration.ofSeconds(2);
    assertThat(load("Tom", "old").toString()).isEqualTo("old");
    assertThatThrownBy(() -> group.get("Tom")).isInstanceOf(KeyNotFoundException.class);
    age[0] = Duration.ofMillis(500);
    load("Tom", "new");
    assertThat(group.get("Tom").toString()).isEqualTo("new");
  }

  @Test
  void aValueFromASnapshotOlderThanWhatThisNodeKnowsIsNotStored() throws Exception {
    node.transactionAge(now -> Optional.of(Duration.ofHours(1)));
    load("Tom", "old");
    assertThatThrownBy(() -> group.get("Tom")).isInstanceOf(KeyNotFoundException.class);
  }

  @Test
  void aCallerWhoStandsStillDoesNotMakeItsSnapshotOlder() throws Exception {
    ticker.advance(Duration.ofSeconds(5));
    group.remove("Tom");
    ticker.advance(Duration.ofMillis(1));
    long began = ticker.nanos();
    node.transactionAge(
        now -> {
          ticker.advance(Duration.ofSeconds(1));
          return Optional.of(Duration.ofNanos(Math.max(1, now - began)));
        });
    load("Tom", "new");
    assertThat(group.get("Tom").toString()).isEqualTo("new");
  }

  private static Value absent(String key) throws KeyNotFoundException {
    throw new KeyNotFoundException("not there: " + key);
  }

  @Test
  void thatThereIsNoSuchKeyInASnapshotOlderThanARemovalIsForItsCallerAlone() throws Exception {
    Group absences = node.group("absences").absentTimeToLive(Duration.ofMinutes(1)).register();
    Duration[] age = {Duration.ofSeconds(2)};
    node.transactionAge(now -> Optional.ofNullable(age[0]));
    ticker.advance(Duration.ofSeconds(5));
    absences.remove("Tom");
    assertThatThrownBy(() -> absences.get("Tom", LoaderGetTest::absent))
        .isInstanceOf(KeyNotFoundException.class)
        .hasMessage("not there: Tom");
    assertThat(absences.getAll(List.of("Tom", "Jack"), keys -> Map.of())).isEmpty();
    age[0] = null; // It may have removed the row itself.
    assertThatThrownBy(() -> absences.get("Tom", LoaderGetTest::absent))
        .isInstanceOf(KeyNotFoundException.class);
    assertThat(absences.stats().leasesRefused()).isEqualTo(4);
    age[0] = Duration.ZERO;
    assertThat(absences.get("Tom", key -> value("new")).toString()).isEqualTo("new");
    assertThatThrownBy(() -> absences.get("Jack", LoaderGetTest::absent))
        .isInstanceOf(KeyNotFoundException.class);
    assertThatThrownBy(() -> absences.get("Jack", key -> value("kept as absent")))
        .isInstanceOf(KeyNotFoundException.class);
  }

  @Test
  void whatATransactionThatHasWrittenLoadsIsForItsCallerAlone() throws Exception {
    node.transactionAge(now -> Optional.empty());
    assertThat(load("Tom", "uncommitted").toString()).isEqualTo("uncommitted");
    assertThatThrownBy(() -> group.get("Tom")).isInstanceOf(KeyNotFoundException.class);
    assertThat(group.stats().leasesRefused()).isOne();
  }

  @Test
  void aValueThatIsTooLargeIsServedToItsCallerAndToNobodyElse() throws Exception {
    Group small = node.group("small").maxValueBytes(3).register();
    assertThat(small.get("Tom", key -> value("large")).toString()).isEqualTo("large");
    assertThat(small.stats().tooLarge()).isOne();
    assertThat(small.getIfPresent("Tom")).isEmpty();
  }

  @Test
  void getIfPresentLoadsNothing() throws Exception {
    assertThat(group.getIfPresent("Tom")).isEmpty();
    Group withGetter = node.group("getter").register(key -> "x".getBytes(UTF_8));
    assertThat(withGetter.getIfPresent("Tom")).isEmpty();
    assertThat(withGetter.stats().loads()).isZero();
    load("Tom", "630");
    assertThat(group.getIfPresent("Tom")).map(ByteView::toString).contains("630");
  }

  @Test
  void putIfAbsentStoresOnce() throws Exception {
    assertThat(group.putIfAbsent("Tom", ByteView.of("1"), Duration.ofSeconds(10))).isTrue();
    assertThat(group.putIfAbsent("Tom", ByteView.of("2"), null)).isFalse();
    assertThat(group.get("Tom").toString()).isEqualTo("1");
    ticker.advance(Duration.ofSeconds(10));
    assertThat(group.putIfAbsent("Tom", ByteView.of("3"), null)).isTrue();
    assertThat(group.get("Tom").toString()).isEqualTo("3");
  }

  @Test
  void theSamePutToldTwiceIsStoredOnceAndCountsAsStored() {
    LocalGroup local = LocalNode.partOf(group);
    Stamp stamp = new Stamp(7, 1);
    assertThat(local.putIfAbsent("Tom", ByteView.of("1"), null, stamp).stored()).isTrue();
    assertThat(local.putIfAbsent("Tom", ByteView.of("1"), null, stamp).stored()).isTrue();
    assertThat(local.putIfAbsent("Tom", ByteView.of("2"), null, new Stamp(8, 1)).stored())
        .isFalse();
  }

  @Test
  void countsHoldOnceTheGroupIsIdle() throws Exception {
    load("Tom", "630");
    load("Tom", "630");
    assertThatThrownBy(() -> group.get("Jack")).isInstanceOf(KeyNotFoundException.class);
    GroupStats stats = group.stats();
    assertThat(stats.gets())
        .isEqualTo(stats.mainHits() + stats.leases() + stats.unfilled())
        .isEqualTo(3);
    assertThat(stats.leaseLoads()).isOne();
  }

  @Test
  void aClosedNodeFailsThoseWhoWaitAndTheHolderHasItsValue() throws Exception {
    HeldLoader holder = held(group, "Tom", "630");
    CompletableFuture<String> other = waiter("Tom", "x");
    awaitWaiting(1);
    node.close();
    assertThatThrownBy(other::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(ClosedException.class);
    holder.letGo();
    assertThat(holder.answer.join()).isEqualTo("630");
  }

  @Test
  void typedGroupsLoadTheSameWay() {
    Cached<Long, String> names =
        node.group("names").typed(KeyCodec.longs(), Codec.text()).register();
    assertThat(names.getIfPresent(7L)).isEmpty();
    assertThat(names.get(7L, key -> "Tom" + key)).isEqualTo("Tom7");
    assertThat(names.get(7L)).isEqualTo("Tom7");
    assertThat(names.getIfPresent(7L)).contains("Tom7");
    assertThat(names.putIfAbsent(7L, "Jack")).isFalse();
    assertThat(names.putIfAbsent(8L, "Jack")).isTrue();
    IOException failure = new IOException("source");
    assertThatThrownBy(
            () ->
                names.get(
                    9L,
                    key -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThatThrownBy(() -> names.get(9L, key -> null))
        .isInstanceOf(Unchecked.LoadException.class)
        .hasMessageContaining("returned null");
    assertThatThrownBy(() -> names.get(10L)).isInstanceOf(Unchecked.KeyNotFoundException.class);
  }
}
