package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bugs of the engine that were found by review or by search, each replayed step by step. */
@Timeout(30)
class EngineRegressionTest {

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
   * than it and overwrite what was set with what the source had before.
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
          if (Thread.currentThread() == getting[0] && readings.incrementAndGet() == 2) {
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

    Thread setting = new Thread(() -> group.set("k", ByteView.of("new"), null));
    setting.start();
    while (setting.getState() != Thread.State.BLOCKED) {
      Thread.onSpinWait(); // It needs the table, which the get holds.
    }
    goOn.countDown();
    getting[0].join();
    setting.join();
    assertThat(group.get("k")).hasToString("new");
  }

  private static void awaitUnlessInterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
