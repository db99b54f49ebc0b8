package geecache.http;

import geecache.internal.DaemonThreads;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of one node that talk to its peers, and their timer. Threads are made when needed,
 * and end after 10 s without work. Callers bound their number.
 */
final class PeerThreads {
  private final ThreadPoolExecutor executor;
  private final ScheduledThreadPoolExecutor timer;

  PeerThreads() {
    executor =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            new DaemonThreads("geecache-peer-"));
    timer = new ScheduledThreadPoolExecutor(1, new DaemonThreads("geecache-peer-timer-"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  Executor executor() {
    return executor;
  }

  /** Returns how many threads work now, without that of the timer. */
  int active() {
    return executor.getActiveCount();
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  /** Interrupts all threads, and returns whether they ended within {@code limit}. */
  boolean close(Duration limit) {
    timer.shutdownNow();
    executor.shutdownNow();
    long end = System.nanoTime() + limit.toNanos();
    try {
      return executor.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS)
          && timer.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
