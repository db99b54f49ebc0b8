package geecache;

import geecache.internal.DaemonThreads;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which the getters of one node run, and its timer; knows which flight each thread
 * runs. Threads are made when needed, have the context class loader of the thread that made the
 * node, inherit no thread locals, and end with the node.
 */
final class LoaderThreads implements AutoCloseable {
  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final ThreadLocal<@Nullable Flight> current = new ThreadLocal<>();
  final WaitGraph waitGraph = new WaitGraph();

  /**
   * Makes no thread yet.
   *
   * @param maxThreads the number of platform threads that all groups share, at most; 0 for one
   *     thread for each load, virtual where the JVM has them (from 21 on). Then only the bounds of
   *     the groups hold, and a slow source of one group takes no thread from another
   */
  LoaderThreads(int maxThreads) {
    ClassLoader contextLoader = Thread.currentThread().getContextClassLoader();
    ThreadFactory virtual = maxThreads == 0 ? virtualThreads() : null;
    if (virtual != null) {
      threads = perTask(inContext(virtual, contextLoader));
    } else {
      ThreadPoolExecutor pool =
          new ThreadPoolExecutor(
              maxThreads,
              maxThreads == 0 ? Integer.MAX_VALUE : maxThreads,
              30,
              TimeUnit.SECONDS,
              maxThreads == 0 ? new SynchronousQueue<>() : new LinkedBlockingQueue<>(),
              new DaemonThreads("geecache-loader-"));
      pool.allowCoreThreadTimeOut(true);
      threads = pool;
    }
    ScheduledThreadPoolExecutor oneThread =
        new ScheduledThreadPoolExecutor(1, new DaemonThreads("geecache-timer-"));
    oneThread.setRemoveOnCancelPolicy(true);
    oneThread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer = oneThread;
  }

  /** Uses these threads and this timer, and closes both when this is closed. */
  LoaderThreads(ExecutorService threads, ScheduledExecutorService timer) {
    this.threads = threads;
    this.timer = timer;
  }

  /**
   * Runs {@code task} on a loader thread, now or when one is free.
   *
   * @throws RejectedExecutionException if the node is closed
   */
  void execute(Runnable task) {
    threads.execute(
        () -> {
          task.run();
          Thread.interrupted(); // An interrupt that this getter did not notice is not for the next
          // one.
        });
  }

  /**
   * Runs {@code task}, which must be short, after {@code delay}, unless the node is closed by then.
   *
   * @throws RejectedExecutionException if the node is closed
   */
  Future<?> after(Duration delay, Runnable task) {
    return timer.schedule(task, TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
  }

  /** Returns the flight whose getter this thread runs; null if this is not a loader thread. */
  @Nullable Flight currentFlight() {
    return current.get();
  }

  void setCurrentFlight(@Nullable Flight flight) {
    if (flight == null) {
      current.remove();
    } else {
      current.set(flight);
    }
  }

  /** Interrupts the getters that run, and begins no others. Does not wait. */
  @Override
  public void close() {
    timer.shutdownNow();
    threads.shutdownNow();
  }

  /**
   * Waits until every thread has ended.
   *
   * @param waitTicker measures {@code limit}
   * @return false if some threads have not ended within {@code limit}
   */
  boolean awaitEnd(Duration limit, Ticker waitTicker) throws InterruptedException {
    long end = waitTicker.nanos() + limit.toNanos();
    return threads.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS)
        && timer.awaitTermination(end - waitTicker.nanos(), TimeUnit.NANOSECONDS);
  }

  private static ThreadFactory inContext(ThreadFactory factory, @Nullable ClassLoader loader) {
    return task -> {
      Thread thread = factory.newThread(task);
      thread.setContextClassLoader(loader);
      return thread;
    };
  }

  /** Reaches {@code Thread.ofVirtual()} of JEP 444 without being compiled for it. */
  private static @Nullable ThreadFactory virtualThreads() {
    try {
      Class<?> builder = Class.forName("java.lang.Thread$Builder");
      Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Object made =
          lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual)).invoke();
      MethodHandle name =
          lookup.findVirtual(
              builder, "name", MethodType.methodType(builder, String.class, long.class));
      MethodHandle inherit =
          lookup.findVirtual(
              builder,
              "inheritInheritableThreadLocals",
              MethodType.methodType(builder, boolean.class));
      MethodHandle factory =
          lookup.findVirtual(builder, "factory", MethodType.methodType(ThreadFactory.class));
      made = inherit.invoke(name.invoke(made, "geecache-loader-", 1L), false);
      return (ThreadFactory) factory.invoke(made);
    } catch (ReflectiveOperationException olderJvm) {
      return null;
    } catch (Throwable unexpected) {
      throw new LinkageError("Thread.ofVirtual() is there and cannot be used", unexpected);
    }
  }

  private static ExecutorService perTask(ThreadFactory factory) {
    try {
      MethodHandle make =
          MethodHandles.publicLookup()
              .findStatic(
                  Executors.class,
                  "newThreadPerTaskExecutor",
                  MethodType.methodType(ExecutorService.class, ThreadFactory.class));
      return (ExecutorService) make.invoke(factory);
    } catch (Throwable unexpected) {
      throw new LinkageError("Executors.newThreadPerTaskExecutor cannot be used", unexpected);
    }
  }
}
