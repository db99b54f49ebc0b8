package geecache;

import geecache.internal.DaemonThreads;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which the getters of one node run, and its timer; knows which flight each thread
 * runs. Threads are made when needed, have the context class loader of the thread that made the
 * node, inherit no thread locals, and end with the node.
 */
final class LoaderThreads implements AutoCloseable {
  private static final String NAME = "geecache-loader-";

  private final ExecutorService platform;

  /** Null if the JVM has none, or the number of threads is bounded. */
  private final @Nullable ExecutorService virtual;

  /** The one of the two that loads begun from now on run on; a late reader uses the other. */
  private volatile ExecutorService threads;

  /** Null for none. A load begun just before it is set has none. */
  private volatile @Nullable UnaryOperator<Runnable> decorator;

  /** Null for threads without transactions. A load begun just before it is set has none. */
  private volatile @Nullable TransactionAge transactions;

  private final ScheduledExecutorService timer;
  private final boolean unbounded;
  private final ThreadLocal<@Nullable Flight> current = new ThreadLocal<>();
  final WaitGraph waitGraph = new WaitGraph();
  private final AtomicInteger running = new AtomicInteger();

  /**
   * Makes no thread yet.
   *
   * @param maxThreads the number of platform threads that all groups share, at most; 0 for one
   *     thread for each load. Then only the bounds of the groups hold, and a slow source of one
   *     group takes no thread from another
   */
  LoaderThreads(int maxThreads) {
    this(maxThreads, Runtime.version().feature());
  }

  /**
   * Makes no thread yet.
   *
   * @param jvm the version of the JVM
   */
  LoaderThreads(int maxThreads, int jvm) {
    platform = maxThreads == 0 ? onePerLoad() : pool(maxThreads);
    virtual = maxThreads == 0 ? VirtualThreads.perTask(jvm, NAME) : null;
    threads = virtual != null && jvm >= VirtualThreads.UNPINNED_SINCE ? virtual : platform;
    ScheduledThreadPoolExecutor oneThread =
        new ScheduledThreadPoolExecutor(1, new DaemonThreads("geecache-timer-"));
    oneThread.setRemoveOnCancelPolicy(true);
    oneThread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer = oneThread;
    unbounded = maxThreads == 0;
  }

  private static ExecutorService onePerLoad() {
    return pool(0, Integer.MAX_VALUE, new SynchronousQueue<>());
  }

  private static ExecutorService pool(int threads) {
    return pool(threads, threads, new LinkedBlockingQueue<>());
  }

  private static ExecutorService pool(int kept, int most, BlockingQueue<Runnable> queue) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(kept, most, 30, TimeUnit.SECONDS, queue, new DaemonThreads(NAME));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Uses these threads and this timer, and closes both when this is closed. */
  LoaderThreads(ExecutorService threads, ScheduledExecutorService timer) {
    this.platform = threads;
    this.virtual = null;
    this.threads = threads;
    this.timer = timer;
    this.unbounded = false;
  }

  /**
   * Has loads that begin from now on run on threads of this kind.
   *
   * @throws IllegalStateException if there are none of this kind
   */
  void use(ThreadKind kind) {
    ExecutorService chosen = kind == ThreadKind.VIRTUAL ? virtual : platform;
    if (chosen == null) {
      throw new IllegalStateException(
          "virtual loader threads need a JVM of %d or later, and no bound on their number"
              .formatted(VirtualThreads.SINCE));
    }
    threads = chosen;
  }

  /** Has loads that begin from now on be decorated by {@code first}. */
  void decorateBy(UnaryOperator<Runnable> first) {
    decorator = first;
  }

  /** Has leases begin when the transactions of their threads began. */
  void transactionsBy(TransactionAge ages) {
    transactions = ages;
  }

  /**
   * Returns how old the snapshot is at {@code now} that this thread reads from, in nanoseconds;
   * {@link Lease.Loaded#UNKNOWN} if that is not known.
   */
  long transactionAge(long now) {
    TransactionAge ages = transactions;
    if (ages == null) {
      return 0;
    }
    Duration age = ages.at(now).orElse(null);
    return age == null ? Lease.Loaded.UNKNOWN : Math.max(0, TimeUnit.NANOSECONDS.convert(age));
  }

  /**
   * Returns {@code load} with the context and the trace of this thread, which asks for it; null if
   * loads have none.
   */
  @Nullable Runnable decorated(Runnable load, Tracing tracing) {
    UnaryOperator<Runnable> known = decorator;
    Supplier<Tracing.Scope> trace = tracing.captured();
    if (trace == Tracing.NONE.captured()) {
      return known == null ? null : Objects.requireNonNull(known.apply(load));
    }
    Runnable traced =
        () -> {
          Tracing.Scope scope = trace.get();
          try {
            load.run();
          } finally {
            scope.close();
          }
        };
    return known == null ? traced : Objects.requireNonNull(known.apply(traced));
  }

  /**
   * Runs {@code task} on a loader thread, now or when one is free.
   *
   * @throws RejectedExecutionException if the node is closed
   */
  void execute(Runnable task) {
    threads.execute(
        () -> {
          running.incrementAndGet();
          try {
            task.run();
          } finally {
            running.decrementAndGet();
          }
          Thread.interrupted(); // An interrupt that this getter did not notice is not for the next
          // one.
        });
  }

  /** Whether each task has a thread at once, so that a loader thread may wait for another one. */
  boolean isUnbounded() {
    return unbounded;
  }

  /** Returns how many threads run a task now. */
  int running() {
    return running.get();
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
    Flight flight = current.get();
    return flight != null && flight.onLoader ? flight : null;
  }

  /** Returns the flight whose getter or loader this thread runs; null if it runs none. */
  @Nullable Flight currentLoad() {
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
    platform.shutdownNow();
    if (virtual != null) {
      virtual.shutdownNow();
    }
  }

  /**
   * Waits until every thread has ended.
   *
   * @param waitTicker measures {@code limit}
   * @return false if some threads have not ended within {@code limit}
   */
  boolean awaitEnd(Duration limit, Ticker waitTicker) throws InterruptedException {
    long end = waitTicker.nanos() + limit.toNanos();
    return platform.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS)
        && (virtual == null
            || virtual.awaitTermination(end - waitTicker.nanos(), TimeUnit.NANOSECONDS))
        && timer.awaitTermination(end - waitTicker.nanos(), TimeUnit.NANOSECONDS);
  }
}
