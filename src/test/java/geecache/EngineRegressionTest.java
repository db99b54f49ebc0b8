package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bugs of the engine that were found by review or by search, each replayed step by step. */
@Timeout(120)
class EngineRegressionTest {

  /** Longer than any test takes that passes, shorter than the limit of one that hangs. */
  private static final Duration HANG = Duration.ofSeconds(60);

  private static final Duration LOAD_LIMIT = Duration.ofSeconds(4);

  private final List<Geecache> nodes = new ArrayList<>();

  private Geecache node(Ticker ticker, int loaderThreads) {
    Geecache node = new Geecache(ticker, loaderThreads);
    nodes.add(node);
    return node;
  }

  @AfterEach
  void closeNodes() {
    nodes.forEach(Geecache::close);
  }

  /**
   * A get finds the value expired, in the step that makes a flight, and is held there; {@code set}
   * begins; the get goes on. If {@code set} had stored by then, the flight would take a stamp later
   * than it and overwrite the value that was set with the old one of the source.
   */
  @Test
  void aLoadThatBeginsWhileSetRunsDoesNotOverwriteIt() throws Exception {
    AtomicLong now = new AtomicLong();
    AtomicInteger readings = new AtomicInteger();
    CountDownLatch looking = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread[] getting = {null};
    Ticker ticker =
        () -> {
          boolean inStep = Thread.currentThread() == getting[0] && readings.incrementAndGet() == 3;
          if (inStep) {
            looking.countDown();
            awaitUnlessInterrupted(goOn);
          }
          return now.get();
        };
    Group group =
        node(ticker, 1)
            .group("g")
            .timeToLive(Duration.ofNanos(10))
            .register(key -> "old".getBytes(UTF_8));
    group.get("k");
    now.set(20);
    getting[0] = new Thread(() -> group.getAsync("k").join());
    getting[0].start();
    looking.await();

    Thread setting = new Thread(() -> group.setAsync("k", ByteView.of("new"), null));
    setting.start();
    await() // It needs the table, which the get holds.
        .until(() -> setting.getState() == Thread.State.BLOCKED);
    goOn.countDown();
    getting[0].join();
    setting.join();
    assertThat(group.get("k")).hasToString("new");
  }

  /** Its message cannot be had, and so not be logged either. */
  @Test
  void aFailureThatCannotBeLoggedIsAFailureLikeAnyOther() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    Group group =
        node(Ticker.system(), 1)
            .group("g")
            .waitTimeout(HANG)
            .register(
                key -> {
                  if (broken.get()) {
                    throw new Unprintable();
                  }
                  return key.getBytes(UTF_8);
                });
    assertThatThrownBy(() -> group.get("k")).isInstanceOf(LoadException.class);
    broken.set(false);
    assertThat(group.get("k")).hasToString("k");
  }

  private static final class Unprintable extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new StackOverflowError();
    }
  }

  /** Such as "unable to create native thread". */
  @Test
  void aLoadForWhichThereIsNoThreadFailsAndTheNextOneRuns() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Executor threads =
        task -> {
          if (asked.incrementAndGet() == 1) {
            throw new OutOfMemoryError("no thread");
          }
          task.run();
        };
    Group group =
        group(new LoaderThreads(new CallersThread(threads), new HandTimer()), 1, key -> key);
    assertThatThrownBy(() -> group.get("k"))
        .isInstanceOf(LoadException.class)
        .hasRootCauseMessage("no thread");
    assertThat(group.get("k")).hasToString("k");
  }

  /** The load that has the only place is one whose thread never came: the node was closed first. */
  @Test
  void aGetOnAClosedNodeFailsAtOnceAlsoWhereAllPlacesAreTaken() throws Exception {
    Geecache node = node(Ticker.system(), 1);
    CountDownLatch running = new CountDownLatch(1);
    Group busy =
        node.newGroup(
            "busy",
            0,
            key -> {
              running.countDown();
              new CountDownLatch(1).await();
              return new byte[0];
            });
    Group full =
        node.group("full").maxLoads(1).waitTimeout(HANG).register(key -> key.getBytes(UTF_8));
    CompletableFuture<ByteView> first = busy.getAsync("k");
    running.await();
    CompletableFuture<ByteView> second = full.getAsync("1");
    node.close();
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isCompletedExceptionally();
    assertThatThrownBy(() -> full.get("2")).hasMessage("the node is closed");
  }

  /**
   * The getter of {@code outer} gets {@code inner}, which is loaded on its thread; another caller
   * waits for {@code inner} too. Then the time of {@code outer} is over.
   */
  @Test
  void theLimitOfALoadInterruptsItsOwnGetterAndNotTheOneItWaitsFor() throws Exception {
    HandTimer timer = new HandTimer();
    ExecutorService oneThread = Executors.newSingleThreadExecutor();
    CountDownLatch innerRuns = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CompletableFuture<Boolean> outerInterrupted = new CompletableFuture<>();
    Group[] group = {null};
    group[0] =
        group(
            new LoaderThreads(oneThread, timer),
            4,
            key -> {
              if (key.equals("inner")) {
                innerRuns.countDown();
                goOn.await();
                return "value";
              }
              String value = group[0].get("inner").toString();
              outerInterrupted.complete(Thread.interrupted());
              return value;
            });
    try {
      CompletableFuture<ByteView> outer = group[0].getAsync("outer");
      innerRuns.await();
      CompletableFuture<ByteView> inner = group[0].getAsync("inner");
      timer.fire(LOAD_LIMIT); // That of outer, whose load began first.
      assertThat(outer).isCompletedExceptionally();
      assertThat(inner).isNotDone();
      goOn.countDown();
      assertThat(inner.join()).hasToString("value");
      assertThat(outerInterrupted.join()).isTrue();
    } finally {
      oneThread.shutdownNow();
    }
  }

  /** The one thread is in the action when the action asks for it. */
  @Test
  void anActionThatGetsAnotherKeyDoesNotWaitForItsOwnThread() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    Group group =
        node(Ticker.system(), 1)
            .group("g")
            .maxLoads(1)
            .waitTimeout(HANG)
            .register(
                key -> {
                  goOn.await();
                  return key.getBytes(UTF_8);
                });
    CompletableFuture<String> both =
        group
            .getAsync("a")
            .thenApply(
                a -> {
                  try {
                    return a.toString() + group.get("b");
                  } catch (CacheException failure) {
                    return failure.toString();
                  }
                });
    goOn.countDown();
    assertThat(both.join()).isEqualTo("ab");
  }

  @FunctionalInterface
  private interface Source {
    String get(String key) throws Exception;
  }

  private static Group group(LoaderThreads loaders, int maxLoads, Source source) {
    GroupSettings settings = BareSettings.of(LOAD_LIMIT, HANG, maxLoads, 4);
    return new Group(
        new GroupEngine(
            "g",
            settings,
            key -> source.get(key).getBytes(UTF_8),
            NodeParts.of(Ticker.system(), loaders)));
  }

  private static void awaitUnlessInterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
