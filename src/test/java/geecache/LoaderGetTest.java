package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gets whose callers load the key, on one node. */
@Timeout(20)
class LoaderGetTest {
  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 0);
  private final Group group = node.group("db").register();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() {
    callers.shutdownNow();
    node.close();
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

  /** A caller whose loader waits until it is let go. */
  private final class Held {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    final CompletableFuture<String> answer;
    volatile Thread thread;

    Held(Group of, String key, String text) {
      this(of, key, text, null);
    }

    Held(Group of, String key, String text, Throwable failure) {
      answer =
          later(
              () ->
                  of.get(
                          key,
                          k -> {
                            thread = Thread.currentThread();
                            calls.incrementAndGet();
                            begun.countDown();
                            go.await();
                            if (failure instanceof Error error) {
                              throw error;
                            }
                            if (failure != null) {
                              throw (Exception) failure;
                            }
                            return value(text);
                          })
                      .toString());
      try {
        begun.await();
      } catch (InterruptedException interrupt) {
        throw new AssertionError(interrupt);
      }
    }
  }

  private interface Call {
    String get() throws Exception;
  }

  private CompletableFuture<String> later(Call call) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    callers.execute(
        () -> {
          try {
            answer.complete(call.get());
          } catch (Throwable failure) {
            answer.completeExceptionally(failure);
          }
        });
    return answer;
  }

  private void awaitWaiting(int gets) {
    await().until(() -> group.stats().getsWaiting() == gets);
  }

  private CompletableFuture<String> waiter(String key, String text) {
    return later(() -> load(key, text).toString());
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
  void allWhoAskMeanwhileWaitForOneLoader() {
    Held holder = new Held(group, "Tom", "630");
    List<CompletableFuture<String>> others = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      others.add(waiter("Tom", "other"));
    }
    CompletableFuture<String> plain = later(() -> group.get("Tom").toString());
    awaitWaiting(21);
    holder.go.countDown();
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
  void theCallerGetsTheVeryExceptionAndOthersALoadFailure() {
    IOException failure = new IOException("secret words");
    Held holder = new Held(group, "Tom", "", failure);
    CompletableFuture<String> other = waiter("Tom", "other");
    awaitWaiting(1);
    holder.go.countDown();
    assertThatThrownBy(holder.answer::join).hasCause(failure);
    assertThatThrownBy(other::join)
        .cause()
        .isInstanceOf(LoadException.class)
        .hasMessageNotContaining("secret words");
    assertThat(calls).hasValue(1);
  }

  @Test
  void anAbsentKeyIsAbsentForAll() {
    KeyNotFoundException absent = new KeyNotFoundException("no Tom");
    Held holder = new Held(group, "Tom", "", absent);
    CompletableFuture<String> other = waiter("Tom", "other");
    awaitWaiting(1);
    holder.go.countDown();
    assertThatThrownBy(holder.answer::join).hasCause(absent);
    assertThatThrownBy(other::join).hasCause(absent);
  }

  @Test
  void anErrorOfTheHolderPassesTheLeaseOn() {
    Held holder = new Held(group, "Tom", "", new AssertionError("broken"));
    CompletableFuture<String> next = waiter("Tom", "next");
    awaitWaiting(1);
    CompletableFuture<String> last = waiter("Tom", "last");
    awaitWaiting(2);
    holder.go.countDown();
    assertThatThrownBy(holder.answer::join).hasCauseInstanceOf(AssertionError.class);
    assertThat(next.join()).isEqualTo("next");
    assertThat(last.join()).isEqualTo("next");
    assertThat(calls).hasValue(2);
  }

  @Test
  void anInterruptOfTheHolderPassesTheLeaseOn() {
    Held holder = new Held(group, "Tom", "");
    CompletableFuture<String> next = waiter("Tom", "next");
    awaitWaiting(1);
    holder.thread.interrupt();
    assertThatThrownBy(holder.answer::join).hasCauseInstanceOf(InterruptedException.class);
    assertThat(next.join()).isEqualTo("next");
  }

  @Test
  void aGetWithoutALoaderEndsAbsentWhenNobodyCanLoad() {
    Held holder = new Held(group, "Tom", "", new AssertionError("broken"));
    CompletableFuture<String> plain = later(() -> group.get("Tom").toString());
    awaitWaiting(1);
    holder.go.countDown();
    assertThatThrownBy(plain::join).hasCauseInstanceOf(KeyNotFoundException.class);
  }

  @Test
  void theGetterLoadsForThoseWhoCannotOnceTheHolderIsBroken() {
    Group withGetter = node.group("getter").register(key -> "of getter".getBytes(UTF_8));
    Held holder = new Held(withGetter, "Tom", "", new AssertionError("broken"));
    CompletableFuture<String> plain = later(() -> withGetter.get("Tom").toString());
    await().until(() -> withGetter.stats().getsWaiting() == 1);
    holder.go.countDown();
    assertThat(plain.join()).isEqualTo("of getter");
  }

  @Test
  void aRemovalVoidsTheLease() throws Exception {
    Held holder = new Held(group, "Tom", "old");
    CompletableFuture<String> before = waiter("Tom", "unused");
    awaitWaiting(1);
    group.remove("Tom");
    assertThat(load("Tom", "new").toString()).isEqualTo("new");
    holder.go.countDown();
    assertThat(holder.answer.join()).isEqualTo("old");
    assertThat(before.join()).isEqualTo("old");
    assertThat(group.get("Tom").toString()).isEqualTo("new");
  }

  @Test
  void aSetVoidsTheLease() throws Exception {
    Held holder = new Held(group, "Tom", "old");
    group.set("Tom", ByteView.of("set"), null);
    holder.go.countDown();
    assertThat(holder.answer.join()).isEqualTo("old");
    assertThat(group.get("Tom").toString()).isEqualTo("set");
  }

  @Test
  void aResultThatComesAfterItsLeaseRanOutIsNotStored() throws Exception {
    Group quick = node.group("quick").leaseTimeout(Duration.ofMillis(50)).register();
    Held holder = new Held(quick, "Tom", "late");
    assertThat(quick.get("Tom", key -> value("second")).toString()).isEqualTo("second");
    holder.go.countDown();
    assertThat(holder.answer.join()).isEqualTo("late");
    assertThat(quick.get("Tom").toString()).isEqualTo("second");
    assertThat(quick.stats().leasesRanOut()).isOne();
    assertThat(quick.stats().leasesRefused()).isOne();
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
        .hasMessageContaining("load cycle: db/Tom -> db/Tom");
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
  void aCallerWhoseTimeEndsLeavesAndTheLeaseGoesToAnother() {
    Group hasty = node.group("hasty").waitTimeout(Duration.ofMillis(200)).register();
    Held holder = new Held(hasty, "Tom", "630");
    assertThatThrownBy(() -> hasty.get("Tom", key -> value("x")))
        .isInstanceOf(LoadTimeoutException.class);
    assertThat(hasty.stats().getsWaiting()).isZero();
    holder.go.countDown();
    assertThat(holder.answer.join()).isEqualTo("630");
  }

  @Test
  void aValueFromASnapshotOlderThanARemovalIsForItsCallerAlone() throws Exception {
    Duration[] age = {Duration.ZERO};
    node.transactionAge(() -> Optional.ofNullable(age[0]));
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
    node.transactionAge(() -> Optional.of(Duration.ofHours(1)));
    load("Tom", "old");
    assertThatThrownBy(() -> group.get("Tom")).isInstanceOf(KeyNotFoundException.class);
  }

  @Test
  void whatATransactionThatHasWrittenLoadsIsForItsCallerAlone() throws Exception {
    node.transactionAge(Optional::empty);
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
  void aClosedNodeFailsThoseWhoWaitAndTheHolderHasItsValue() {
    Held holder = new Held(group, "Tom", "630");
    CompletableFuture<String> other = waiter("Tom", "x");
    awaitWaiting(1);
    node.close();
    assertThatThrownBy(other::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(ClosedException.class);
    holder.go.countDown();
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
