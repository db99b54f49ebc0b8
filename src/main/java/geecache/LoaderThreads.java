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
 * The threads of one node on which getters run, its timer, and which flight each thread is on.
 * Threads are made when needed, bear the context class loader of whoever made the node, inherit no
 * thread locals, and end with the node.
 */
final class LoaderThreads implements AutoCloseable {
  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final ThreadLocal<@Nullable Flight> current = new ThreadLocal<>();
  final WaitGraph waitGraph = new WaitGraph();

  /**
   * Makes loaders without a thread yet.
   *
   * @param maxThreads the most platform threads, which all groups then share; 0 for a thread a
   *     load, virtual where the JVM has them (from 21 on): the groups' own bounds are then the only
   *     ones, and one group's slow source takes no thread from another's
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

  /** Makes loaders of what it is given, and closes both with itself. */
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
          Thread.interrupted(); // An interrupt that no getter took is not for the next one.
        });
  }

  /**
   * Runs {@code task}, which must be short, after {@code delay}; never once the node is closed.
   *
   * @throws RejectedExecutionException if the node is closed
   */
  Future<?> after(Duration delay, Runnable task) {
    return timer.schedule(task, TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
  }

  /** Returns the flight whose getter this thread runs; null on any but a loader thread. */
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

  /** Interrupts what runs and begins nothing more. Does not wait. */
  @Override
  public void close() {
    timer.shutdownNow();
    threads.shutdownNow();
  }

  /** Waits until every thread has ended, at most {@code limit} by the clock of the waits. */
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
