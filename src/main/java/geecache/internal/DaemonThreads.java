package geecache.internal;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes daemon threads with the context class loader of the thread that made this, and without the
 * thread locals of the thread that needs one. A web application's own classes are found on them,
 * and nothing of a request's outlives it there. Safe for use by many threads.
 */
public final class DaemonThreads implements ThreadFactory {
  private final String prefix;
  private final AtomicInteger count = new AtomicInteger();
  private final @Nullable ClassLoader contextLoader =
      Thread.currentThread().getContextClassLoader();

  /** Makes threads that are called {@code prefix} and a number, from 1 on. */
  public DaemonThreads(String prefix) {
    this.prefix = prefix;
  }

  @Override
  public Thread newThread(Runnable task) {
    return make(task, prefix + count.incrementAndGet());
  }

  /** Makes the only thread of its kind, called {@code name}; the caller starts it. */
  public static Thread single(String name, Runnable task) {
    return new DaemonThreads("").make(task, name);
  }

  private Thread make(Runnable task, String name) {
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(contextLoader);
    return thread;
  }
}
