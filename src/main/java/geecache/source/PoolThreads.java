package geecache.source;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of a pool of connections. The pool has them end when it is closed, and does not wait
 * for their last steps; a container that finds one alive after that calls it a leak. Daemons, with
 * the context class loader of whoever made the pool, and without its thread locals.
 */
final class PoolThreads implements ThreadFactory {
  private static final long LIMIT_MILLIS = 1_000;

  private final String prefix;
  private final ClassLoader contextLoader = Thread.currentThread().getContextClassLoader();
  private final AtomicInteger count = new AtomicInteger();
  private final Set<Thread> made = ConcurrentHashMap.newKeySet();

  PoolThreads(String prefix) {
    this.prefix = prefix;
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = new Thread(null, task, prefix + count.incrementAndGet(), 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(contextLoader);
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
