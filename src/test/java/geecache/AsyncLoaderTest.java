package geecache;

import static geecache.Callers.result;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gets that do not block and whose callers load the key, on one node. */
@Timeout(60)
class AsyncLoaderTest {
  /** A loader whose stages end when the test says so. */
  private static final class Staged implements AsyncLoader {
    private final BlockingQueue<CompletableFuture<Value>> stages = new LinkedBlockingQueue<>();
    private final AtomicInteger calls = new AtomicInteger();

    @Override
    public CompletionStage<Value> load(String key) {
      calls.incrementAndGet();
      CompletableFuture<Value> stage = new CompletableFuture<>();
      stages.add(stage);
      return stage;
    }

    CompletableFuture<Value> next() throws InterruptedException {
      CompletableFuture<Value> stage = stages.poll(50, TimeUnit.SECONDS);
      assertThat(stage).as("the loader was called").isNotNull();
      return stage;
    }
  }

  private final Geecache node = new Geecache();

  /** No lease passes on because its time is over. */
  private final Group group = node.group("db").leaseTimeout(Duration.ofMinutes(5)).register();

  private final Staged loader = new Staged();
  private final Callers callers = new Callers();
  private final List<HeldLoader> holders = new ArrayList<>();

  @AfterEach
  void close() {
    holders.forEach(HeldLoader::letGo);
    node.close();
    callers.close();
  }

  private static Value value(String text) {
    return Value.of(ByteView.of(text));
  }

  private static AsyncLoader done(String text) {
    return key -> CompletableFuture.completedFuture(value(text));
  }

  private HeldLoader held(Group of, String key) throws InterruptedException {
    HeldLoader made = new HeldLoader(callers, of, key, new AtomicInteger(), "630", null);
    holders.add(made);
    return made;
  }

  @Test
  void theStageOfOneCallerIsTheLoadForAll() throws Exception {
    CompletableFuture<ByteView> first = group.getAsync("Tom", loader);
    CompletableFuture<Value> stage = loader.next();
    List<CompletableFuture<ByteView>> others = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      others.add(group.getAsync("Tom", loader));
    }
    CompletableFuture<String> blocked =
        callers.call(() -> group.get("Tom", key -> value("other")).toString());
    await().until(() -> group.stats().getsWaiting() == 22);
    assertThat(first).isNotDone();
    stage.complete(value("630"));
    assertThat(result(first)).hasToString("630");
    for (CompletableFuture<ByteView> other : others) {
      assertThat(result(other)).hasToString("630");
    }
    assertThat(result(blocked)).isEqualTo("630");
    assertThat(loader.calls).hasValue(1);
    assertThat(group.stats().getsWaiting()).isZero();
    assertThat(group.getAsync("Tom", loader)).isDone();
  }

  @Test
  void noThreadWaitsForAStage() throws Exception {
    Group narrow = node.group("narrow").maxLoads(1).register();
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    List<CompletableFuture<Value>> stages = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      gets.add(narrow.getAsync("key" + i, loader));
      stages.add(loader.next());
    }
    await().until(() -> narrow.stats().loadsRunning() == 0);
    assertThat(narrow.stats().getsWaiting()).isEqualTo(100);
    stages.forEach(stage -> stage.complete(value("630")));
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(result(get)).hasToString("630");
    }
    assertThat(narrow.stats().leaseLoads()).isEqualTo(100);
    assertThat(narrow.stats().getsWaiting()).isZero();
  }

  @Test
  void theLoaderHasTheContextOfItsGetOnALoaderThread() throws Exception {
    ThreadLocal<String> context = new ThreadLocal<>();
    node.loadDecorator(
        load -> {
          String captured = context.get();
          return () -> {
            context.set(captured);
            try {
              load.run();
            } finally {
              context.remove();
            }
          };
        });
    AtomicReference<Thread> thread = new AtomicReference<>();
    context.set("Tom's");
    CompletableFuture<ByteView> get =
        group.getAsync(
            "Tom",
            key -> {
              thread.set(Thread.currentThread());
              return CompletableFuture.completedFuture(value(context.get()));
            });
    context.remove();
    assertThat(result(get)).hasToString("Tom's");
    assertThat(thread.get().getName()).startsWith("geecache-loader-");
  }

  @Test
  void theCallerGetsTheVeryExceptionAndOthersALoadFailure() throws Exception {
    IOException failure = new IOException("secret words");
    CompletableFuture<ByteView> first = group.getAsync("Tom", loader);
    CompletableFuture<Value> stage = loader.next();
    CompletableFuture<ByteView> other = group.getAsync("Tom", loader);
    stage.completeExceptionally(failure);
    assertThatThrownBy(() -> result(first)).isSameAs(failure);
    assertThatThrownBy(() -> result(other))
        .isInstanceOf(LoadException.class)
        .hasMessageNotContaining("secret words");
    assertThatThrownBy(
            () ->
                result(
                    group.getAsync(
                        "Tom",
                        key -> {
                          throw failure;
                        })))
        .isSameAs(failure);
    assertThat(group.stats().loadFailures()).isEqualTo(2);
    assertThat(loader.calls).hasValue(1);
  }

  @Test
  void aStageThatWrapsAnExceptionFailsWithThatException() {
    IOException failure = new IOException("source");
    assertThatThrownBy(
            () ->
                result(
                    group.getAsync(
                        "Tom",
                        key ->
                            CompletableFuture.<Value>failedFuture(failure)
                                .thenApply(loaded -> loaded))))
        .isSameAs(failure);
  }

  @Test
  void anAbsentKeyIsAbsentForAll() throws Exception {
    KeyNotFoundException absent = new KeyNotFoundException("no Tom");
    CompletableFuture<ByteView> first = group.getAsync("Tom", loader);
    CompletableFuture<Value> stage = loader.next();
    CompletableFuture<ByteView> other = group.getAsync("Tom", loader);
    stage.completeExceptionally(absent);
    assertThatThrownBy(() -> result(first)).isSameAs(absent);
    assertThatThrownBy(() -> result(other)).isSameAs(absent);
    assertThat(group.stats().absent()).isOne();
  }

  @Test
  void aFutureThatIsCancelledPassesTheLeaseOn() throws Exception {
    CompletableFuture<ByteView> first = group.getAsync("Tom", loader);
    CompletableFuture<Value> stage = loader.next();
    CompletableFuture<ByteView> second = group.getAsync("Tom", loader);
    first.cancel(false);
    CompletableFuture<Value> next = loader.next();
    next.complete(value("second"));
    assertThat(result(second)).hasToString("second");
    assertThat(stage).isNotDone();
    stage.complete(value("first"));
    assertThat(group.get("Tom")).hasToString("second");
    assertThat(group.stats().getsWaiting()).isZero();
  }

  @Test
  void aStageThatIsCancelledPassesTheLeaseOn() throws Exception {
    CompletableFuture<ByteView> first = group.getAsync("Tom", loader);
    CompletableFuture<Value> stage = loader.next();
    CompletableFuture<ByteView> second = group.getAsync("Tom", loader);
    stage.cancel(false);
    loader.next().complete(value("second"));
    assertThat(result(second)).hasToString("second");
    assertThatThrownBy(() -> first.get(50, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(CancellationException.class);
    assertThat(group.stats().loadFailures()).isZero();
  }

  @Test
  void aLoaderThatIsInterruptedPassesTheLeaseOn() throws Exception {
    AtomicReference<Thread> thread = new AtomicReference<>();
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<ByteView> first =
        group.getAsync(
            "Tom",
            key -> {
              thread.set(Thread.currentThread());
              begun.countDown();
              new CountDownLatch(1).await();
              throw new AssertionError("it was interrupted");
            });
    begun.await();
    CompletableFuture<ByteView> second = group.getAsync("Tom", done("second"));
    thread.get().interrupt();
    assertThat(result(second)).hasToString("second");
    assertThatThrownBy(() -> result(first)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void aGetThatIsCancelledWhileItWaitsIsGivenNoLease() throws Exception {
    HeldLoader holder = held(group, "Tom");
    CompletableFuture<ByteView> get = group.getAsync("Tom", loader);
    get.cancel(false);
    await().until(() -> group.stats().getsWaiting() == 0);
    holder.interrupt();
    assertThatThrownBy(() -> result(holder.answer)).isInstanceOf(InterruptedException.class);
    assertThat(loader.calls).hasValue(0);
  }

  @Test
  void theLeaseOfABrokenHolderPassesToAGetThatDoesNotBlock() throws Exception {
    HeldLoader holder = held(group, "Tom");
    CompletableFuture<ByteView> get = group.getAsync("Tom", loader);
    holder.interrupt();
    loader.next().complete(value("next"));
    assertThat(result(get)).hasToString("next");
  }

  @Test
  void aRemovalVoidsTheLease() throws Exception {
    CompletableFuture<ByteView> first = group.getAsync("Tom", loader);
    CompletableFuture<Value> stage = loader.next();
    group.remove("Tom");
    assertThat(result(group.getAsync("Tom", done("new")))).hasToString("new");
    stage.complete(value("old"));
    assertThat(result(first)).hasToString("old");
    assertThat(group.get("Tom")).hasToString("new");
  }

  @Test
  void aLoaderThatReturnsNullFailsNamed() {
    for (AsyncLoader bad :
        List.<AsyncLoader>of(key -> null, key -> CompletableFuture.completedFuture(null))) {
      assertThatThrownBy(() -> result(group.getAsync("Tom", bad)))
          .isInstanceOf(LoadException.class)
          .hasMessage("the loader returned null, in group db");
    }
    assertThat(group.stats().loadFailures()).isEqualTo(2);
    assertThat(group.getIfPresent("Tom")).isEmpty();
  }

  @Test
  void aLoaderThatGetsItsOwnKeyFailsAtOnce() {
    assertThatThrownBy(
            () ->
                result(
                    group.getAsync(
                        "Tom", key -> group.getAsync(key, done("x")).thenApply(Value::of))))
        .isInstanceOf(LoadException.class)
        .hasMessage("load cycle: db/Tom -> db/Tom");
    assertThatThrownBy(
            () ->
                result(
                    group.getAsync(
                        "Tom", key -> CompletableFuture.completedFuture(Value.of(group.get(key))))))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("load cycle");
  }

  @Test
  void aLoaderGetsOtherKeysOnItsThread() throws Exception {
    Group narrow = node.group("narrow").maxLoads(1).register();
    CompletableFuture<ByteView> get =
        narrow.getAsync(
            "Tom",
            key -> {
              CompletableFuture<ByteView> other = narrow.getAsync("Jack", done("589"));
              assertThat(other).isDone();
              return other.thenApply(Value::of);
            });
    assertThat(result(get)).hasToString("589");
  }

  @Test
  void aGetterMayAskSoOnItsThread() throws Exception {
    Group outer =
        node.group("outer")
            .maxLoads(1)
            .register(key -> group.getAsync(key, done("of " + key)).join().toByteArray());
    assertThat(outer.get("Tom")).hasToString("of Tom");
  }

  @Test
  void aValueThatIsTooLargeIsServedToItsCallerAndToNobodyElse() throws Exception {
    Group small = node.group("small").maxValueBytes(3).register();
    assertThat(result(small.getAsync("Tom", done("large")))).hasToString("large");
    assertThat(small.stats().tooLarge()).isOne();
    assertThat(small.getIfPresent("Tom")).isEmpty();
  }

  @Test
  void aLoadThatHasNoPlaceIsRefusedAndTheLeasePassesOn() throws Exception {
    Group narrow = node.group("narrow").maxLoads(1).maxWaitingLoads(0).register();
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<ByteView> holdsThePlace =
        narrow.getAsync(
            "Jack",
            key -> {
              go.await();
              return CompletableFuture.completedFuture(value("589"));
            });
    await().until(() -> narrow.stats().loadsRunning() == 1);
    HeldLoader holder = held(narrow, "Tom");
    List<CompletableFuture<ByteView>> refused = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      refused.add(narrow.getAsync("Tom", loader));
    }
    CompletableFuture<String> blocking =
        callers.call(() -> narrow.get("Tom", key -> value("next")).toString());
    await().until(() -> narrow.stats().getsWaiting() == 52);
    holder.interrupt();
    assertThat(result(blocking)).isEqualTo("next");
    for (CompletableFuture<ByteView> get : refused) {
      assertThatThrownBy(() -> result(get)).isInstanceOf(OverloadedException.class);
    }
    assertThat(loader.calls).hasValue(0);
    go.countDown();
    assertThat(result(holdsThePlace)).hasToString("589");
    assertThat(narrow.stats().loadFailures()).isEqualTo(50);
    assertThat(narrow.stats().getsWaiting()).isZero();
  }

  @Test
  void aClosedNodeFailsALoadThatWaitsForAPlaceAndAHolderHasItsValue() throws Exception {
    Group narrow = node.group("narrow").maxLoads(1).register();
    CompletableFuture<ByteView> underWay = narrow.getAsync("Sam", loader);
    CompletableFuture<Value> stage = loader.next();
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<ByteView> holdsThePlace =
        narrow.getAsync(
            "Jack",
            key -> {
              begun.countDown();
              new CountDownLatch(1).await();
              return null;
            });
    begun.await();
    CompletableFuture<ByteView> waits = narrow.getAsync("Tom", loader);
    await().until(() -> narrow.stats().loadsWaiting() == 1);
    node.close();
    assertThatThrownBy(() -> result(waits)).isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> result(holdsThePlace)).isInstanceOf(InterruptedException.class);
    stage.complete(value("567"));
    assertThat(result(underWay)).hasToString("567");
    assertThatThrownBy(() -> result(narrow.getAsync("Tom", loader)))
        .isInstanceOf(ClosedException.class);
  }

  @Test
  void aLoaderThatBlocksForTooLongIsInterrupted() {
    Group quick = node.group("quick").loadTimeout(Duration.ofMillis(50)).register();
    assertThatThrownBy(
            () ->
                result(
                    quick.getAsync(
                        "Tom",
                        key -> {
                          new CountDownLatch(1).await();
                          return null;
                        })))
        .isInstanceOf(InterruptedException.class);
    await().until(() -> quick.stats().loadsRunning() == 0);
  }

  @Test
  void whatATransactionThatHasWrittenLoadsIsForItsCallerAlone() throws Exception {
    node.transactionAge(now -> Optional.empty());
    assertThat(result(group.getAsync("Tom", done("uncommitted")))).hasToString("uncommitted");
    assertThat(group.getIfPresent("Tom")).isEmpty();
    assertThat(group.stats().leasesRefused()).isOne();
  }

  @Test
  void thatThereIsNoSuchKeyInATransactionThatHasWrittenIsForItsCallerAlone() throws Exception {
    Group absences = node.group("absences").absentTimeToLive(Duration.ofMinutes(1)).register();
    node.transactionAge(now -> Optional.empty());
    CompletableFuture<ByteView> ends = absences.getAsync("Tom", loader);
    loader.next().completeExceptionally(new KeyNotFoundException("not there"));
    assertThatThrownBy(() -> result(ends)).isInstanceOf(KeyNotFoundException.class);
    CompletableFuture<ByteView> throwsIt =
        absences.getAsync(
            "Tom",
            key -> {
              throw new KeyNotFoundException("not there");
            });
    assertThatThrownBy(() -> result(throwsIt)).isInstanceOf(KeyNotFoundException.class);
    assertThat(absences.stats().leasesRefused()).isEqualTo(2);
    node.transactionAge(now -> Optional.of(Duration.ZERO));
    assertThat(result(absences.getAsync("Tom", done("630")))).hasToString("630");
  }

  @Test
  void countsHoldOnceTheGroupIsIdle() throws Exception {
    result(group.getAsync("Tom", done("630")));
    result(group.getAsync("Tom", done("630")));
    GroupStats stats = group.stats();
    assertThat(stats.gets()).isEqualTo(stats.mainHits() + stats.leases()).isEqualTo(2);
    assertThat(stats.leaseLoads()).isOne();
  }

  @Test
  void theGetterLoadsForThoseWhoCannotOnceTheHolderIsCancelled() throws Exception {
    Group withGetter = node.group("getter").register(key -> "of getter".getBytes(UTF_8));
    CompletableFuture<ByteView> first = withGetter.getAsync("Tom", loader);
    loader.next();
    CompletableFuture<ByteView> plain = withGetter.getAsync("Tom");
    first.cancel(false);
    assertThat(result(plain)).hasToString("of getter");
  }

  @Test
  void typedGroupsLoadTheSameWay() throws Exception {
    Cached<Long, String> names =
        node.group("names").typed(KeyCodec.longs(), Codec.text()).register();
    assertThat(result(names.getAsync(7L, key -> CompletableFuture.completedFuture("Tom" + key))))
        .isEqualTo("Tom7");
    assertThat(names.get(7L)).isEqualTo("Tom7");
    IOException failure = new IOException("source");
    assertThatThrownBy(
            () -> result(names.getAsync(9L, key -> CompletableFuture.failedFuture(failure))))
        .isSameAs(failure);
    assertThatThrownBy(() -> result(names.getAsync(9L, key -> null)))
        .isInstanceOf(Unchecked.LoadException.class)
        .hasMessageContaining("returned null");
    assertThatThrownBy(
            () -> result(names.getAsync(9L, key -> CompletableFuture.completedFuture(null))))
        .isInstanceOf(Unchecked.LoadException.class)
        .hasMessageContaining("returned null");
  }

  @Test
  void typedBytesThatTheCodecCannotReadAreLoadedAnew() throws Exception {
    Cached<Long, Integer> counts =
        node.group("counts")
            .typed(
                KeyCodec.longs(),
                Codec.of(
                    number -> Integer.toString(number).getBytes(UTF_8),
                    bytes -> Integer.parseInt(new String(bytes, UTF_8)),
                    "text/plain"))
            .register();
    counts.group().set("7", ByteView.of("no number"), null);
    assertThat(result(counts.getAsync(7L, key -> CompletableFuture.completedFuture(42))))
        .isEqualTo(42);
    assertThat(counts.get(7L)).isEqualTo(42);
  }

  @Test
  void whatALoaderThrowsIsNotTakenForTheEndOfTheNode() {
    RejectedExecutionException failure = new RejectedExecutionException("the source is full");
    assertThatThrownBy(
            () ->
                result(
                    group.getAsync(
                        "Tom",
                        key -> {
                          throw failure;
                        })))
        .isSameAs(failure);
  }

  @Test
  void aGetThatIsCancelledLeavesTheQueueForAPlace() throws Exception {
    Group narrow = node.group("narrow").maxLoads(1).register();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<ByteView> holdsThePlace =
        narrow.getAsync(
            "Jack",
            key -> {
              begun.countDown();
              go.await();
              return CompletableFuture.completedFuture(value("589"));
            });
    begun.await();
    CompletableFuture<ByteView> get = narrow.getAsync("Tom", loader);
    assertThat(narrow.stats().loadsWaiting()).isOne();
    get.cancel(false);
    assertThat(narrow.stats().loadsWaiting()).isZero();
    go.countDown();
    assertThat(result(holdsThePlace)).hasToString("589");
    assertThat(loader.calls).hasValue(0);
  }

  @Test
  void onALoaderThreadAnErrorOfTheStageOrTheLoaderIsInTheFuture() {
    AssertionError broken = new AssertionError("broken");
    for (AsyncLoader bad :
        List.<AsyncLoader>of(
            key -> CompletableFuture.failedFuture(broken),
            key -> {
              throw broken;
            })) {
      CompletableFuture<Throwable> seen = new CompletableFuture<>();
      Group outer =
          node.group("outer" + node.groups().size())
              .register(
                  key -> {
                    group
                        .getAsync(key, bad)
                        .whenComplete((none, failure) -> seen.complete(failure));
                    return new byte[0];
                  });
      assertThat(outer.getAsync("Tom")).succeedsWithin(Duration.ofSeconds(50));
      assertThat(seen.join()).hasRootCause(broken);
    }
    assertThat(group.stats().loadFailures()).isZero();
  }

  @Test
  void onALoaderThreadAnInterruptOfTheLoaderIsRestored() {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Group outer =
        node.group("outer")
            .register(
                key -> {
                  CompletableFuture<ByteView> get =
                      group.getAsync(
                          key,
                          wanted -> {
                            throw new InterruptedException();
                          });
                  assertThat(get).isCompletedExceptionally();
                  interrupted.complete(Thread.interrupted());
                  return new byte[0];
                });
    assertThat(outer.getAsync("Tom")).succeedsWithin(Duration.ofSeconds(50));
    assertThat(interrupted.join()).isTrue();
  }

  @Test
  void aDecoratorThatThrowsIsTheFailureOfTheLoadAndNotOfAGetThatOthersAnswer() throws Exception {
    HeldLoader holder = held(group, "Tom");
    node.loadDecorator(
        load -> {
          throw new IllegalStateException("broken");
        });
    CompletableFuture<ByteView> get = group.getAsync("Tom", loader);
    holder.letGo();
    assertThat(result(get)).hasToString("630");
    assertThatThrownBy(() -> result(group.getAsync("Jack", loader)))
        .isInstanceOf(LoadException.class);
    assertThat(group.stats().getsWaiting()).isZero();
  }

  /** The owner of all keys but this node's: it gives leases, and says what it thinks of an end. */
  private static final class Lender implements Peer {
    private final CompletableFuture<LeaseEnd.Taken> word = new CompletableFuture<>();

    /** How often it was asked for Tom. */
    private final AtomicInteger asked = new AtomicInteger();

    @Override
    public boolean givesLeases() {
      return true;
    }

    @Override
    public String url() {
      return "http://owner";
    }

    @Override
    public void ask(LocalGroup group, Question question) {
      if (question.key().equals("Tom")) {
        asked.incrementAndGet();
      }
      question.lease(end -> word);
    }
  }

  /** The thread on which a stage ends may be one that must not block. */
  @Test
  void aStageThatEndsWaitsForNoWordOfTheOwner() throws Exception {
    Lender owner = new Lender();
    node.registerPeers(new FakePeers(owner));
    CompletableFuture<ByteView> get = group.getAsync("Tom", loader);
    loader.next().complete(value("630")); // Returns, though the owner has not said anything.
    owner.word.complete(LeaseEnd.Taken.LANDED);
    assertThat(result(get)).hasToString("630");
  }

  /** Its seat is free for a moment, which a newcomer may take. */
  @Test
  @Timeout(300)
  void aGetThatIsGivenTheLeaseIsNotRefusedForANewcomer() throws Exception {
    Group narrow = node.group("narrow").maxWaiters(1).register();
    Lender owner = new Lender();
    owner.word.complete(LeaseEnd.Taken.LANDED);
    node.registerPeers(new FakePeers(owner));
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> newcomers =
        callers.call(
            () -> {
              while (!over.get()) {
                narrow.getAsync("Jack", key -> new CompletableFuture<>()).cancel(false);
              }
              return null;
            });
    try {
      for (int given = 0; given < 2_000; ) {
        int before = owner.asked.get();
        CompletableFuture<ByteView> get = narrow.getAsync("Tom", done("630"));
        if (owner.asked.get() > before) {
          assertThat(result(get)).hasToString("630");
          given++;
        }
      }
    } finally {
      over.set(true);
    }
    result(newcomers);
  }
}
