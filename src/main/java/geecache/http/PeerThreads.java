package geecache.http;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of one node that talk to its peers, and their timer. Made when needed, kept for 10 s
 * without work; as many as talk at once, which is bounded by who uses them.
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
            threads("geecache-peer-"));
    timer = new ScheduledThreadPoolExecutor(1, threads("geecache-peer-timer-"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  Executor executor() {
    return executor;
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  /** Interrupts all, and returns whether they ended within {@code limit}. */
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

  private static ThreadFactory threads(String prefix) {
    ClassLoader contextLoader = Thread.currentThread().getContextClassLoader();
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(null, task, prefix + count.incrementAndGet(), 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(contextLoader);
      return thread;
    };
  }
}
