package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stack or a heap that ends within the engine leaves no key that nobody loads. */
@Tag("alone") // Agents complain where the stack ends while they load a class.
@Timeout(60)
class StalledAttemptsTest {
  private static final Duration LOAD_LIMIT = Duration.ofMinutes(1);
  private static final Duration WAIT = Duration.ofMinutes(2);
  private static final Duration HANG = Duration.ofSeconds(20);

  /** The stack ends at each depth of each step in turn, of gets that load or that ask the peer. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Timeout(300)
  void aStackThatEndsWithinAGetLeavesNoKeyThatNobodyLoadsAndNoSeatTaken(boolean ofPeer)
      throws Exception {
    try (Geecache node = new Geecache()) {
      if (ofPeer) {
        node.registerPeers(new FakePeers(new PeerAtOnce()));
      }
      Group group =
          node.group("g")
              .maxLoads(2)
              .maxWaiters(64)
              .waitTimeout(HANG)
              .register(key -> key.getBytes(UTF_8));
      group.get("warm");
      for (int frames = 0; frames < 20; frames++) {
        List<String> keys = new ArrayList<>();
        List<CompletableFuture<ByteView>> gets = new ArrayList<>();
        String prefix = frames + "-";
        Runnable dive = () -> dive(group, keys, gets, prefix, 0);
        int first = frames;
        Thread deep = new Thread(null, () -> deeper(first, dive), "deep", 256 << 10);
        deep.start();
        deep.join();
        assertThat(keys).hasSizeGreaterThan(100);
        for (CompletableFuture<ByteView> get : gets) {
          get.handle((value, failure) -> value).get(HANG.toSeconds(), TimeUnit.SECONDS);
        }
        for (String key : keys) {
          assertThat(group.get(key)).hasToString(key);
        }
      }
      assertThat(group.stats().loadFailures()).isZero();
    }
  }

  private static final class PeerAtOnce implements FuturePeer {
    @Override
    public String url() {
      return "http://owner";
    }

    @Override
    public CompletableFuture<PeerValue> get(LocalGroup group, String key, Question asked) {
      return CompletableFuture.completedFuture(
          new PeerValue(ByteView.of(key), null, null, false, null));
    }
  }

  /** Small frames, so that the large ones of a dive end elsewhere. */
  private static void deeper(int frames, Runnable then) {
    if (frames == 0) {
      then.run();
    } else {
      deeper(frames - 1, then);
    }
  }

  /** On the way back up each frame gets a key, with a little more room than the one before. */
  private static void dive(
      Group group,
      List<String> keys,
      List<CompletableFuture<ByteView>> gets,
      String prefix,
      int depth) {
    try {
      dive(group, keys, gets, prefix, depth + 1);
    } catch (StackOverflowError end) {
      assertThat(depth).isPositive();
    }
    if (keys.size() < 400) {
      String key = prefix + depth;
      try {
        keys.add(key);
        gets.add(group.getAsync(key));
      } catch (StackOverflowError again) {
        return;
      }
    }
  }

  static List<Throwable> failures() {
    return List.of(
        new StackOverflowError(), new OutOfMemoryError("x"), new IllegalStateException());
  }

  /** Each failure comes before the executor has a task, and then after it has run the task. */
  @ParameterizedTest
  @MethodSource("failures")
  void aPlaceIsGivenBackOnceHoweverItsThreadFails(Throwable failure) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Executor threads =
        task -> {
          if (asked.incrementAndGet() % 2 == 0) {
            task.run();
          }
          sneakyThrow(failure);
        };
    Group group =
        group(
            threads,
            new HandTimer(),
            2,
            key -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              running.decrementAndGet();
              return key.getBytes(UTF_8);
            },
            new NoPeers());
    for (int i = 0; i < 20; i++) {
      String key = "k" + i;
      if (i % 2 == 0) {
        assertThatThrownBy(() -> group.get(key)).isInstanceOf(LoadException.class);
      } else {
        assertThat(group.get(key)).hasToString(key);
      }
    }
    assertThat(most).hasValue(1);
    assertThat(group.stats().rejected()).isZero();
  }

  /** As if the thread that made the flight had died before it gave the flight to a thread. */
  @Test
  void aGetThatFindsAFlightThatNobodyRunsBeginsIt() throws Exception {
    HandTimer timer = new HandTimer();
    AtomicInteger lost = new AtomicInteger();
    Executor threads =
        task -> {
          if (lost.getAndIncrement() > 0) {
            task.run();
          }
        };
    Group group = group(threads, timer, 2, key -> key.getBytes(UTF_8), new NoPeers());
    CompletableFuture<ByteView> first = group.getAsync("k");
    CompletableFuture<ByteView> second = group.getAsync("k");
    assertThat(first).isNotDone();
    timer.fire(Duration.ofNanos(WaitLimits.PATIENCE));
    assertThat(result(first)).hasToString("k");
    assertThat(result(second)).hasToString("k");
    assertThat(group.stats().loads()).isEqualTo(1);
  }

  /**
   * The threads are busy, and no task is lost: the flight has one place, however many gets wait.
   */
  @Test
  void getsThatFindAFlightInAThreadsQueueTakeNoMorePlaces() throws Exception {
    HandTimer timer = new HandTimer();
    ArrayDeque<Runnable> queue = new ArrayDeque<>();
    Group group = group(queue::add, timer, 2, key -> key.getBytes(UTF_8), new NoPeers());
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      gets.add(group.getAsync("k"));
    }
    for (int i = 0; i < 3; i++) {
      timer.fire(Duration.ofNanos(WaitLimits.PATIENCE));
    }
    CompletableFuture<ByteView> other = group.getAsync("other");
    queue.removeLast().run();
    assertThat(other).isCompletedWithValue(ByteView.of("other"));
    queue.forEach(Runnable::run);
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(get).isCompletedWithValue(ByteView.of("k"));
    }
    assertThat(group.stats().loads()).isEqualTo(2);
  }

  @Test
  void aThreadThatFindsAFlightThatNobodyRunsBeginsIt() throws Exception {
    AtomicInteger lost = new AtomicInteger();
    Executor threads =
        task -> {
          if (lost.getAndIncrement() > 0) {
            task.run();
          }
        };
    Group group = group(threads, new HandTimer(), 2, key -> key.getBytes(UTF_8), new NoPeers());
    assertThat(group.get("k", HANG)).hasToString("k");
  }

  /** No memory is left to ask the peer. */
  @Test
  void aFetchThatCannotBeAskedIsALoad() throws Exception {
    Peer peer =
        new FuturePeer() {
          @Override
          public String url() {
            return "http://owner";
          }

          @Override
          public CompletableFuture<PeerValue> get(LocalGroup group, String key, Question asked) {
            throw new OutOfMemoryError("no memory for a question");
          }
        };
    Group group =
        group(Runnable::run, new HandTimer(), 2, key -> key.getBytes(UTF_8), new FakePeers(peer));
    assertThat(group.get("k")).hasToString("k");
    assertThat(group.getAll(List.of("l", "m"))).hasSize(2);
    assertThat(group.stats().loads()).isEqualTo(3);
    assertThat(group.engine.parts.waiterLimit().waiting()).isZero();
  }

  /** The answer of the former owner cannot be stored, for want of memory. */
  @Test
  void aFlightWhoseStepAfterThePeekFailsEnds() throws Exception {
    CompletableFuture<@Nullable PeerValue> answer = new CompletableFuture<>();
    AtomicReference<@Nullable Error> failure = new AtomicReference<>();
    Cluster peers =
        new FakePeers(new GatedPeer("http://owner")) {
          @Override
          public CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
            return answer;
          }
        };
    Executor threads =
        task -> {
          Error thrown = failure.getAndSet(null);
          if (thrown != null) {
            throw thrown;
          }
          task.run();
        };
    Group group = group(threads, new HandTimer(), 2, key -> key.getBytes(UTF_8), peers);
    CompletableFuture<ByteView> get = group.getAsync("own");
    failure.set(new StackOverflowError());
    answer.complete(null);
    assertThatThrownBy(() -> result(get)).isInstanceOf(LoadException.class);
    assertThat(group.get("own")).hasToString("own");
  }

  private static Group group(
      Executor threads, HandTimer timer, int maxLoads, Getter getter, Cluster peers) {
    NodeParts parts =
        NodeParts.of(Ticker.system(), new LoaderThreads(new CallersThread(threads), timer));
    parts.cluster().set(peers);
    return new Group(
        new GroupEngine("g", BareSettings.of(LOAD_LIMIT, WAIT, maxLoads, 4), getter, parts));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneakyThrow(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
