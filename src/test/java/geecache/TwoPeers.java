package geecache;

import geecache.internal.Waiting;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A node that owns few keys, and two peers of which nothing comes until a test says so. */
abstract class TwoPeers {
  static final Duration WAIT = Duration.ofMinutes(2);

  final GatedPeer owner = new GatedPeer("http://owner");
  final GatedPeer instead = new GatedPeer("http://instead");
  final FakePeers peers = new FakePeers(owner, instead);
  final FakeTicker ticker = new FakeTicker();
  final Geecache node = new Geecache(ticker, 1);
  final GatedGetter source = new GatedGetter();

  final Group group =
      node.group("scores").maxLoads(1).waitTimeout(WAIT).maxWaitingLoads(2).register(source);

  final Callers callers = new Callers();

  @BeforeEach
  void join() {
    node.registerPeers(peers);
  }

  @AfterEach
  void close() {
    node.close();
    callers.close();
  }

  Group hasty(Getter getter, LoaderThreads loaders) {
    NodeParts parts = NodeParts.of(ticker, loaders);
    parts.cluster().set(peers);
    return new Group(new GroupEngine("hasty", settings(), getter, parts));
  }

  /**
   * A node with those peers, whose gets never begin an attempt that another get is about to begin:
   * between its making and its beginning a thread may stand still.
   */
  Geecache unhurried() {
    Waiting waiting =
        new Waiting() {
          @Override
          public <T> T get(CompletableFuture<T> future, long nanos)
              throws InterruptedException, ExecutionException, TimeoutException {
            return Waiting.REAL.get(future, nanos == WaitLimits.PATIENCE ? WAIT.toNanos() : nanos);
          }

          @Override
          public <T> T join(CompletableFuture<T> future) {
            return Waiting.REAL.join(future);
          }
        };
    return new Geecache(
        new NodeParts(
            ticker,
            Ticker.system(),
            new LoaderThreads(Executors.newCachedThreadPool(), new HandTimer()),
            RandomGenerator.getDefault(),
            waiting,
            new AtomicReference<>(peers)));
  }

  static GroupSettings settings() {
    return BareSettings.of(Duration.ofMinutes(1), WAIT, 4, 4);
  }
}
