package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How long gets wait for loads, how many there may be, and on which threads. */
class LoadLimitsTest extends GatedLoads {
  /** On JVMs without virtual threads too: 64 loads that hang take no thread from other groups. */
  @Test
  void oneGroupsSlowSourceTakesNoThreadFromAnothers() throws Exception {
    List<CompletableFuture<ByteView>> slow = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      slow.add(group.getAsync("k" + i));
    }
    List<GatedGetter.Call> loads = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      loads.add(source.next());
    }
    Group fast = node.newGroup("fast", 1 << 20, key -> key.getBytes(UTF_8));
    assertThat(fast.get("Tom")).hasToString("Tom");
    loads.forEach(load -> load.answer("x"));
    for (CompletableFuture<ByteView> get : slow) {
      result(get);
    }
  }

  @Test
  void manyMoreKeysThanMayWaitCanBeAskedForAtOnce() throws Exception {
    Group small =
        node.group("small").maxLoads(2).maxWaitingLoads(2).register(key -> key.getBytes(UTF_8));
    List<String> keys = IntStream.range(0, 500).mapToObj(i -> "k" + i).toList();
    assertThat(small.getAll(keys).keySet()).containsExactlyElementsOf(keys);
  }

  @Test
  void aCallersDeadlineEndsItsOwnWaitOnly() throws Exception {
    CompletableFuture<ByteView> patient = callers.call(() -> group.get("Tom"));
    GatedGetter.Call load = source.next();
    assertThatThrownBy(() -> group.get("Tom", Duration.ofMillis(1)))
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessageMatching(
            "gave up waiting for scores/Tom after 1 ms; the load has been running for \\d+ ms");
    load.answer("630");
    assertThat(result(patient)).hasToString("630");
    assertThat(source.keys()).hasSize(1);
  }

  @Test
  void aCallersInterruptEndsItsOwnWaitOnly() throws Exception {
    CompletableFuture<ByteView> patient = callers.call(() -> group.get("Tom"));
    GatedGetter.Call load = source.next();
    CompletableFuture<Boolean> interrupted =
        callers.call(
            () -> {
              assertThatThrownBy(() -> group.get("Tom"))
                  .isInstanceOf(LoadTimeoutException.class)
                  .hasCauseInstanceOf(InterruptedException.class);
              return Thread.currentThread().isInterrupted();
            });
    awaitJoined(group, 1);
    callers.last().interrupt();
    assertThat(result(interrupted)).isTrue();
    load.answer("630");
    assertThat(result(patient)).hasToString("630");
  }

  @Test
  void cancellingOnesFutureIsOnesOwnAffair() throws Exception {
    CompletableFuture<ByteView> cancelled = group.getAsync("Tom");
    CompletableFuture<ByteView> patient = group.getAsync("Tom");
    GatedGetter.Call load = source.next();
    cancelled.cancel(true);
    load.answer("630");
    assertThat(result(patient)).hasToString("630");
    assertThat(group.get("Tom")).hasToString("630");
  }

  @Test
  void anAsynchronousWaitEndsAtTheGroupsLimit() throws Exception {
    Group hasty = node.group("hasty").waitTimeout(Duration.ofMillis(1)).register(new GatedGetter());
    CompletableFuture<ByteView> get = hasty.getAsync("Tom");
    assertThatThrownBy(() -> result(get)).isInstanceOf(LoadTimeoutException.class);
  }

  @Test
  void aLoadPastItsLimitIsInterruptedAndTheNextGetLoadsAgain() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    Getter slowAtFirst =
        key -> {
          if (calls.incrementAndGet() > 1) {
            return "630".getBytes(UTF_8);
          }
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException expected) {
            interrupted.countDown();
          }
          return "too late".getBytes(UTF_8);
        };
    HandTimer timer = new HandTimer();
    try (LoaderThreads loaders = new LoaderThreads(Executors.newCachedThreadPool(), timer)) {
      Group slow =
          new Group(
              new GroupEngine(
                  "slow", settings(4, 4), slowAtFirst, NodeParts.of(Ticker.system(), loaders)));
      CompletableFuture<ByteView> get = callers.call(() -> slow.get("Tom"));
      begun.await();
      timer.fire(LOAD_LIMIT);
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(LoadTimeoutException.class)
          .hasMessage("load of slow/Tom ran out of time after 60000 ms");
      interrupted.await();
      assertThat(slow.get("Tom")).hasToString("630");
      assertThat(slow.stats().loadFailures()).isEqualTo(1);
    }
  }

  /** The place of a load is taken until its getter ends, even if all callers gave up waiting. */
  @Test
  void aLoadPastItsLimitKeepsItsPlaceUntilItsGetterReturns() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch stubborn = new CountDownLatch(1);
    Getter ignoresInterrupts =
        key -> {
          begun.countDown();
          boolean ended = false;
          while (!ended) {
            try {
              stubborn.await();
              ended = true;
            } catch (InterruptedException ignored) {
              continue;
            }
          }
          return key.getBytes(UTF_8);
        };
    HandTimer timer = new HandTimer();
    try (LoaderThreads loaders = new LoaderThreads(Executors.newCachedThreadPool(), timer)) {
      Group one =
          new Group(
              new GroupEngine(
                  "one",
                  settings(1, 0),
                  ignoresInterrupts,
                  NodeParts.of(Ticker.system(), loaders)));
      CompletableFuture<ByteView> get = callers.call(() -> one.get("a"));
      begun.await();
      timer.fire(LOAD_LIMIT);
      assertThatThrownBy(() -> result(get)).isInstanceOf(LoadTimeoutException.class);
      assertThatThrownBy(() -> one.get("b")).isInstanceOf(OverloadedException.class);
      stubborn.countDown();
      await()
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(one.get("b")).isEqualTo(ByteView.of("b")));
    }
  }

  @Test
  void whatIsOverTheBoundsFailsAtOnceAndHitsAreServed() throws Exception {
    Group small = node.group("small").maxLoads(1).maxWaitingLoads(1).register(source);
    CompletableFuture<ByteView> warm = callers.call(() -> small.get("warm"));
    source.next().answer("w");
    result(warm);
    CompletableFuture<ByteView> running = callers.call(() -> small.get("running"));
    GatedGetter.Call runs = source.next();
    CompletableFuture<ByteView> waiting = small.getAsync("waiting");
    assertThatThrownBy(() -> small.get("refused"))
        .isInstanceOf(OverloadedException.class)
        .hasMessage("overloaded: 1 loads of group small are running and 1 are waiting");
    assertThat(small.get("warm")).hasToString("w");
    assertThat(source.keys()).containsExactly("warm", "running");
    runs.answer("r");
    source.next().answer("q");
    assertThat(result(running)).hasToString("r");
    assertThat(result(waiting)).hasToString("q");
    assertThat(small.stats().rejected()).isEqualTo(1);
  }

  @Test
  void aGetterIsNotCalledMoreOftenAtOnceThanItCanBe() throws Exception {
    Getter two =
        new Getter() {
          @Override
          public byte[] get(String key) throws Exception {
            return source.get(key);
          }

          @Override
          public int maxLoads() {
            return 2;
          }
        };
    Group narrow = node.group("narrow").maxWaitingLoads(2).register(two);
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (String key : List.of("a", "b", "c", "d")) {
      gets.add(narrow.getAsync(key));
    }
    assertThatThrownBy(() -> narrow.get("e"))
        .isInstanceOf(OverloadedException.class)
        .hasMessage("overloaded: 2 loads of group narrow are running and 2 are waiting");
    for (int i = 0; i < 4; i++) {
      source.next().answer("x");
      assertThat(source.keys().size()).isLessThanOrEqualTo(2 + i + 1);
    }
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(result(get)).hasToString("x");
    }
  }

  @Test
  void aLoadThatGetsNoPlaceInTimeFailsAsOverloadedAndTheNextWaitsOn() throws Exception {
    HandTimer timer = new HandTimer();
    FakeTicker ticker = new FakeTicker();
    try (LoaderThreads loaders = new LoaderThreads(Executors.newCachedThreadPool(), timer)) {
      NodeParts real = NodeParts.of(Ticker.system(), loaders);
      Group one =
          new Group(
              new GroupEngine(
                  "one",
                  settings(1, 2),
                  source,
                  new NodeParts(
                      ticker, ticker, loaders, real.random(), real.waiting(), real.cluster())));
      CompletableFuture<ByteView> runs = callers.call(() -> one.get("runs"));
      GatedGetter.Call load = source.next();
      CompletableFuture<ByteView> first = one.getAsync("first");
      ticker.advance(Duration.ofSeconds(61));
      CompletableFuture<ByteView> second = one.getAsync("second");

      ticker.advance(Duration.ofSeconds(58));
      timer.fire(Duration.ofSeconds(119));

      assertThatThrownBy(() -> result(first))
          .isInstanceOf(OverloadedException.class)
          .hasMessage(
              "overloaded: no place for a load of group one in time; 1 are running, and 0 waited"
                  + " before it");
      assertThat(second).isNotDone();
      assertThat(one.stats().rejected()).isEqualTo(1);
      ticker.advance(Duration.ofSeconds(61));
      timer.fire(Duration.ofSeconds(61));
      assertThatThrownBy(() -> result(second)).isInstanceOf(OverloadedException.class);
      load.answer("630");
      assertThat(result(runs)).hasToString("630");
      assertThat(source.keys()).containsExactly("runs");
    }
  }

  @Test
  void closingTheNodeFailsItsLoadsAndEndsItsThreads() throws Exception {
    List<Thread> loaders = new ArrayList<>();
    CountDownLatch running = new CountDownLatch(1);
    Group one =
        node.group("one")
            .maxLoads(1)
            .register(
                key -> {
                  loaders.add(Thread.currentThread());
                  running.countDown();
                  new CountDownLatch(1).await();
                  return new byte[0];
                });
    CompletableFuture<ByteView> runs = callers.call(() -> one.get("runs"));
    running.await();
    CompletableFuture<ByteView> waits = one.getAsync("waits");
    one.remove("waits");
    CompletableFuture<ByteView> detached = one.getAsync("waits");
    node.close();
    for (CompletableFuture<ByteView> get : List.of(runs, waits, detached)) {
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(ClosedException.class)
          .hasMessage("the node is closed");
    }
    assertThat(loaders).hasSize(1);
    loaders.get(0).join(60_000);
    assertThat(loaders.get(0).isAlive()).isFalse();
    assertThatThrownBy(() -> one.get("late")).hasMessage("the node is closed");
  }

  @Test
  void loadersKnowTheApplicationAndNothingOfTheCaller() throws Exception {
    InheritableThreadLocal<String> ofTheCaller = new InheritableThreadLocal<>();
    ofTheCaller.set("secret");
    ClassLoader application = Thread.currentThread().getContextClassLoader();
    List<Object> seen = new ArrayList<>();
    Group curious =
        node.newGroup(
            "curious",
            1 << 20,
            key -> {
              seen.add(Thread.currentThread().getContextClassLoader());
              seen.add(String.valueOf(ofTheCaller.get()));
              seen.add(Thread.currentThread().isDaemon());
              return new byte[0];
            });
    curious.get("Tom");
    assertThat(seen).containsExactly(application, "null", true);
  }
}
