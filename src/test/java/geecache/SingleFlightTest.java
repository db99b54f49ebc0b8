package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SingleFlightTest {
  private static final Duration LOAD_LIMIT = Duration.ofMinutes(1);

  private final Geecache node = new Geecache();
  private final GatedGetter source = new GatedGetter();
  private final Group group = node.newGroup("scores", 1 << 20, source);
  private final Callers callers = new Callers();

  @AfterEach
  void close() {
    node.close();
    callers.close();
  }

  private void awaitJoined(Group joined, long gets) {
    await().until(() -> joined.stats().loadsDeduplicated() == gets);
  }

  @Test
  void aThousandCallersOfAColdKeyShareOneLoad() throws Exception {
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      gets.add(callers.call(() -> group.get("Tom")));
    }
    GatedGetter.Call load = source.next();
    awaitJoined(group, 999);
    load.answer("630");
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(result(get)).hasToString("630");
    }
    assertThat(source.keys()).containsExactly("Tom");
    assertThat(group.stats().loads()).isEqualTo(1);
  }

  /** A miss; then another's load stores and lands; then the join that follows the miss. */
  @Test
  void aMissThatComesLateFindsTheStoredValue() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Getter counting =
        key -> {
          calls.incrementAndGet();
          return "630".getBytes(UTF_8);
        };
    GroupSettings settings = Settings.defaults();
    Counters counters = new Counters();
    Entries entries =
        new Entries(settings, Ticker.system(), counters, new AtomicReference<>(new Alone()));
    try (Loaders loaders = new Loaders(1)) {
      SingleFlight flights =
          new SingleFlight(
              group,
              counting,
              settings,
              entries,
              counters,
              Ticker.system(),
              loaders,
              new Waits(loaders, counters),
              new AtomicReference<>(new Alone()));
      assertThat(entries.find("Tom")).isNull();
      flights
          .await(flights.join("Tom"), Duration.ofMinutes(1), Duration.ofMinutes(1))
          .entryOrThrow();
      SingleFlight.Seat late = flights.join("Tom");
      assertThat(late.flight()).isNull();
      assertThat(late.found().value).hasToString("630");
      assertThat(calls).hasValue(1);
    }
  }

  static List<Throwable> failures() {
    return List.of(
        new IOException("x"),
        new IllegalStateException("x"),
        new OutOfMemoryError("x"),
        new StackOverflowError(),
        new ThreadDeathLike(),
        new InterruptedException());
  }

  static final class ThreadDeathLike extends Error {
    private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whateverAGetterThrowsReleasesEveryWaiterAndTheNextGetLoadsAgain(Throwable thrown)
      throws Exception {
    CompletableFuture<ByteView> first = callers.call(() -> group.get("Tom"));
    GatedGetter.Call load = source.next();
    CompletableFuture<ByteView> second = callers.call(() -> group.get("Tom"));
    CompletableFuture<ByteView> third = group.getAsync("Tom");
    awaitJoined(group, 2);
    load.fail(thrown);
    for (CompletableFuture<ByteView> get : List.of(first, second, third)) {
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(LoadException.class)
          .hasMessageMatching("load failed: [0-9a-f]{8}")
          .hasCause(thrown);
    }
    CompletableFuture<ByteView> next = callers.call(() -> group.get("Tom"));
    source.next().answer("630");
    assertThat(result(next)).hasToString("630");
    assertThat(group.stats().loadFailures()).isEqualTo(1);
  }

  @Test
  void aKeyInTheMessageOfAGettersFailureForgesNoLogLine() {
    Group numbers = node.newGroup("numbers", 1 << 20, key -> new byte[Integer.parseInt(key)]);
    try (LogCapture log = new LogCapture(Group.class, java.util.logging.Level.INFO)) {
      assertThatThrownBy(() -> numbers.get("1\n[Server evil] GET /"))
          .isInstanceOf(LoadException.class);
      assertThat(log.messages()).singleElement().asString().doesNotContain("\n");
      assertThat(log.traces().lines())
          .anyMatch(line -> line.contains("NumberFormatException: For input string: \"1\\n[Server"))
          .anyMatch(line -> line.contains("SingleFlightTest.java"))
          .noneMatch(line -> line.startsWith("[Server evil]"));
    }
  }

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
  void aGetterThatOverflowsItsStackFailsLikeAnyOther() throws Exception {
    Group deep = node.newGroup("deep", 1 << 20, SingleFlightTest::recurse);
    assertThatThrownBy(() -> deep.get("Tom"))
        .isInstanceOf(LoadException.class)
        .hasCauseInstanceOf(StackOverflowError.class);
    assertThatThrownBy(() -> deep.get("Tom")).isInstanceOf(LoadException.class);
  }

  private static byte[] recurse(String key) {
    return recurse(key + recurse(key).length);
  }

  @Test
  void aCallersDeadlineEndsItsOwnWaitOnly() throws Exception {
    CompletableFuture<ByteView> patient = callers.call(() -> group.get("Tom"));
    GatedGetter.Call load = source.next();
    assertThatThrownBy(() -> group.get("Tom", Duration.ofMillis(1)))
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessage("gave up waiting for scores/Tom after 1 ms");
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
    try (Loaders loaders = new Loaders(Executors.newCachedThreadPool(), timer)) {
      Group slow =
          new Group(
              "slow",
              Settings.defaults(),
              slowAtFirst,
              Ticker.system(),
              loaders,
              new AtomicReference<>(new Alone()));
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

  /** The place of a load is taken until its getter ends, whoever gave up waiting. */
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
    try (Loaders loaders = new Loaders(Executors.newCachedThreadPool(), timer)) {
      Group one =
          new Group(
              "one",
              Settings.bounds(1, 0),
              ignoresInterrupts,
              Ticker.system(),
              loaders,
              new AtomicReference<>(new Alone()));
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
  void manyKeysLoadAtOnceAndComeInTheOrderAskedFor() throws Exception {
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("a", "b", "a", "c")));
    List<GatedGetter.Call> loads = List.of(source.next(), source.next(), source.next());
    for (GatedGetter.Call load : loads) {
      if (load.key().equals("b")) {
        load.fail(new KeyNotFoundException("no b"));
      } else {
        load.answer(load.key().toUpperCase(java.util.Locale.ROOT));
      }
    }
    assertThat(result(all).toString()).isEqualTo("{a=A, c=C}");
    assertThat(source.keys()).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void oneFailureOfManyIsTheFailureOfAll() throws Exception {
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("a", "b")));
    for (GatedGetter.Call load : List.of(source.next(), source.next())) {
      load.fail(new LoadException("no " + load.key()));
    }
    assertThatThrownBy(() -> result(all)).isInstanceOf(LoadException.class).hasMessage("no a");
  }

  @Test
  void aBadKeyAmongManyIsRefusedBeforeAnyLoadBegins() {
    assertThatThrownBy(() -> group.getAll(List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(group.stats().gets()).isZero();
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

  /** On newer JVMs loads run on virtual threads, though the product is compiled for 17. */
  @Test
  void loadsRunOnVirtualThreadsWhereTheJvmHasThem() throws Exception {
    boolean has = Runtime.version().feature() >= 21;
    CompletableFuture<Boolean> virtual = new CompletableFuture<>();
    Group curious =
        node.newGroup(
            "curious",
            1 << 20,
            key -> {
              virtual.complete(
                  has
                      && (Boolean)
                          Thread.class.getMethod("isVirtual").invoke(Thread.currentThread()));
              return new byte[0];
            });
    curious.get("Tom");
    assertThat(result(virtual)).isEqualTo(has);
  }

  /** Settings as a builder makes them. */
  private static final class Settings {
    static GroupSettings defaults() {
      return bounds(4, 4);
    }

    static GroupSettings bounds(int maxLoads, int maxWaitingLoads) {
      return new GroupSettings(
          1 << 20,
          1 << 20,
          0,
          0,
          0,
          0,
          0,
          0,
          1,
          true,
          LOAD_LIMIT,
          Duration.ofMinutes(2),
          maxLoads,
          maxWaitingLoads,
          GroupBuilder.Store.CAFFEINE);
    }
  }
}
