package geecache.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a pool, which can be waited for. A pool that is closed ends its threads, but does
 * not wait until they are gone: also an executor counts as terminated while its last thread still
 * takes its last steps. A container that finds one alive after an undeploy reports a leak. Safe for
 * use by many threads.
 */
public final class PoolThreads implements ThreadFactory {
  private static final long LIMIT_MILLIS = 1_000;

  private final ThreadFactory threads;
  private final Set<Thread> made = ConcurrentHashMap.newKeySet();

  /** Makes threads as {@link DaemonThreads} does. */
  public PoolThreads(String prefix) {
    this.threads = new DaemonThreads(prefix);
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = threads.newThread(task);
    made.removeIf(earlier -> earlier.getState() == Thread.State.TERMINATED);
    made.add(thread);
    return thread;
  }

  /** Waits until all threads have ended, for at most a second each. */
  public void awaitEnd() {
    try {
      for (Thread thread : made) {
        TimeUnit.MILLISECONDS.timedJoin(thread, LIMIT_MILLIS);
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
