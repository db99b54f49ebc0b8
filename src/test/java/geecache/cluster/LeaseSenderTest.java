package geecache.cluster;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.LeaseEnd;
import geecache.Peer;
import geecache.SimulatedWorld;
import geecache.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node tells another one of the leases that it holds. */
@Timeout(60)
class LeaseSenderTest {
  private static final long GIVER = 7;
  private static final LeaseEnd LOADED =
      new LeaseEnd(Value.of(ByteView.of("630")), Duration.ZERO, Duration.ZERO, null);

  /** The other node: it answers ends once it is let go, and words of life at once. */
  private static final class Owner extends UnusedLink {
    final BlockingQueue<List<Long>> alive = new LinkedBlockingQueue<>();
    final CountDownLatch endBegun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    volatile boolean fails;

    @Override
    public LeaseAnswer leases(LeaseNews news, Duration limit) throws IOException {
      if (news.ended().isEmpty()) {
        alive.add(news.alive());
        return new LeaseAnswer(GIVER, List.of());
      }
      endBegun.countDown();
      try {
        goOn.await();
      } catch (InterruptedException interrupt) {
        throw new IOException(interrupt);
      }
      if (fails) {
        throw new IOException("of the test");
      }
      return new LeaseAnswer(
          GIVER, news.ended().stream().map(end -> LeaseEnd.Taken.LANDED).toList());
    }
  }

  /** Runs a task when the test says so. */
  private static final class Beats extends ScheduledThreadPoolExecutor {
    final List<Long> delays = new ArrayList<>();
    private Runnable next;

    Beats() {
      super(0);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      delays.add(unit.toMillis(delay));
      next = task;
      return null;
    }

    void run() {
      next.run();
    }
  }

  private final Owner owner = new Owner();
  private final Beats beats = new Beats();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final LeaseSender sender = new LeaseSender("http://b:2", owner, options(), runtime());

  private static ClusterOptions options() {
    return ClusterParts.options();
  }

  private ClusterRuntime runtime() {
    ClusterRuntime real = ClusterParts.runtime(new SimulatedWorld(1), threads);
    return new ClusterRuntime(
        real.ticker(), real.wall(), threads, beats, real.random(), real.waiting());
  }

  @AfterEach
  void end() {
    owner.goOn.countDown();
    threads.shutdownNow();
    beats.shutdownNow();
  }

  @Test
  void theFirstWordIsSaidSoonAndTheOthersTwiceASecond() throws Exception {
    sender.hold(GIVER, 1);
    sender.hold(GIVER, 2);
    assertThat(beats.delays).containsExactly(100L);
    beats.run();
    assertThat(owner.alive.take()).containsExactly(1L, 2L);
    assertThat(beats.delays).containsExactly(100L, 500L);
  }

  /** Its message may take longer than the owner bears silence. */
  @Test
  void aLeaseLivesUntilTheOwnerHasItsResult() throws Exception {
    Peer.Lease lease = sender.hold(GIVER, 1);
    CompletableFuture<LeaseEnd.Taken> answer = lease.end(LOADED);
    owner.endBegun.await();
    beats.run();
    assertThat(owner.alive.take()).containsExactly(1L);

    owner.goOn.countDown();
    assertThat(result(answer)).isEqualTo(LeaseEnd.Taken.LANDED);
    assertThat(sender.held()).isZero();
  }

  @Test
  void aLeaseEndsOnce() throws Exception {
    Peer.Lease lease = sender.hold(GIVER, 1);
    lease.end(LOADED);
    assertThat(result(lease.end(LeaseEnd.givenBack()))).isEqualTo(LeaseEnd.Taken.REFUSED);
  }

  @Test
  void aLeaseOfWhichTheOwnerHearsNothingIsHeldNoMore() {
    owner.fails = true;
    owner.goOn.countDown();
    CompletableFuture<LeaseEnd.Taken> answer = sender.hold(GIVER, 1).end(LOADED);
    assertThatThrownBy(() -> result(answer)).isInstanceOf(IOException.class);
    assertThat(sender.held()).isZero();
  }
}
