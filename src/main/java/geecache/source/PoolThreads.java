package geecache.source;

import geecache.internal.DaemonThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a pool of connections. The pool has them end when it is closed, and does not wait
 * for their last steps; a container that finds one alive after that calls it a leak.
 */
final class PoolThreads implements ThreadFactory {
  private static final long LIMIT_MILLIS = 1_000;

  private final ThreadFactory threads;
  private final Set<Thread> made = ConcurrentHashMap.newKeySet();

  PoolThreads(String prefix) {
    this.threads = new DaemonThreads(prefix);
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = threads.newThread(task);
    made.removeIf(former -> former.getState() == Thread.State.TERMINATED);
    made.add(thread);
    return thread;
  }

  /** Waits for all to end, each for a second at most. */
  void awaitEnd() {
    try {
      for (Thread thread : made) {
        TimeUnit.MILLISECONDS.timedJoin(thread, LIMIT_MILLIS);
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
