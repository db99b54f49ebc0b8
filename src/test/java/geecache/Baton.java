package geecache;

import geecache.internal.Waiting;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs threads one at a time, in an order that a seed decides, so that a run can be repeated. The
 * one that runs holds the baton. It may pass it on wherever it reads the clock, submits a task or
 * waits, and wherever a test calls {@link #pause}; and it keeps it inside a step of a table or a
 * store, where another thread would block on a real lock. Time passes only when all threads wait:
 * then up to the first deadline or delay.
 *
 * <p>All state is guarded by the baton. Whoever makes a simulation starts its threads, calls {@link
 * #run}, and closes this.
 */
public final class Baton implements Ticker, Waiting, AutoCloseable {
  private static final long NEVER = Long.MAX_VALUE;
  private static final long HANG_SECONDS = 60;

  /** A thread that runs one task after the other, and has no task while it is idle. */
  private final class Runner extends Thread {
    final Semaphore turn = new Semaphore(0);
    String task = "";
    @Nullable Runnable code;
    BooleanSupplier ready = () -> true;
    long deadline = NEVER;
    boolean interruptible;

    /** Whether an interrupt is due: a thread that waits for its turn hides its own flag. */
    boolean interrupted;

    Runner() {
      super("runner-" + made.size());
      setDaemon(true);
    }

    @Override
    public void interrupt() {
      interrupted = true;
      super.interrupt();
    }

    boolean mayGoOn() {
      return ready.getAsBoolean() || now >= deadline || (interruptible && interrupted);
    }

    @Override
    public void run() {
      turn.acquireUninterruptibly();
      while (code != null) {
        try {
          code.run();
        } catch (Throwable failure) {
          failures.add(failure);
        }
        Thread.interrupted();
        code = null;
        active.remove(this);
        idle.push(this);
        give(next());
        turn.acquireUninterruptibly();
      }
    }
  }

  private final Random random;
  private final List<Runner> active = new ArrayList<>();
  private final Deque<Runner> idle = new ArrayDeque<>();
  private final List<Runner> made = new ArrayList<>();
  private final PriorityQueue<Delay> delays =
      new PriorityQueue<>(
          Comparator.comparingLong((Delay d) -> d.due).thenComparingLong(d -> d.number));
  private final List<Throwable> failures = new ArrayList<>();
  private final List<String> trace = new ArrayList<>();
  private final Semaphore over = new Semaphore(0);
  private @Nullable Runner current;
  private long now;
  private long numbers;

  public Baton(long seed) {
    this.random = new Random(seed);
  }

  /** Has {@code code} run on a thread of its own, once {@link #run} is called or goes on. */
  public void start(String name, Runnable code) {
    Runner runner = idle.poll();
    if (runner == null) {
      runner = new Runner();
      runner.start();
      made.add(runner);
    }
    runner.task = name;
    runner.code = code;
    runner.interrupted = false;
    active.add(runner);
  }

  /**
   * Lets the threads run until all have ended, and no delay is left.
   *
   * @throws AssertionError if one failed, or all that are left wait for each other
   */
  public void run() {
    give(next());
    try {
      if (!over.tryAcquire(HANG_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(current + " holds the baton and does not go on");
      }
    } catch (InterruptedException interrupt) {
      throw new AssertionError(interrupt);
    }
    if (!failures.isEmpty()) {
      AssertionError first = new AssertionError("a thread failed", failures.get(0));
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
    if (!active.isEmpty()) {
      throw new AssertionError(
          "all wait for each other: " + active.stream().map(runner -> runner.task).toList());
    }
  }

  /** Lets another thread run, maybe, unless this one is inside a step. */
  public void pause() {
    Runner self = current;
    if (isRunner(self) && random.nextInt(4) == 0 && !isInStep()) {
      handOver(self);
    }
  }

  /** Waits until {@code ready} holds. */
  public void waitUntil(BooleanSupplier ready) {
    await(ready, NEVER, false);
  }

  /** Waits until {@code time} has passed. */
  public void sleep(Duration time) throws InterruptedException {
    if (!await(() -> false, now + time.toNanos(), true)) {
      requireNoInterrupt();
    }
  }

  /** Returns the random numbers of this run, for what the test itself draws. */
  public RandomGenerator random() {
    return random;
  }

  /** Returns which threads had the baton, and when. */
  public List<String> trace() {
    return trace;
  }

  @Override
  public long nanos() {
    pause();
    return now;
  }

  @Override
  public <T> T get(CompletableFuture<T> future, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    long deadline = nanos > NEVER - now ? NEVER : now + Math.max(0, nanos);
    if (!await(future::isDone, deadline, true)) {
      requireNoInterrupt();
      throw new TimeoutException();
    }
    return future.get(0, TimeUnit.NANOSECONDS);
  }

  @Override
  public <T> T join(CompletableFuture<T> future) {
    await(future::isDone, NEVER, false);
    return future.join();
  }

  private static void requireNoInterrupt() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** Returns whether {@code ready} held; if not, time is up or this thread was interrupted. */
  private boolean await(BooleanSupplier ready, long deadline, boolean interruptible) {
    Runner self = current;
    if (!isRunner(self)) {
      throw new AssertionError("only a thread of the simulation may wait");
    }
    if (isInStep()) {
      throw new AssertionError("it waits while it holds a lock");
    }
    self.ready = ready;
    self.deadline = deadline;
    self.interruptible = interruptible;
    handOver(self);
    return ready.getAsBoolean();
  }

  private static boolean isRunner(@Nullable Runner runner) {
    return runner != null && runner == Thread.currentThread();
  }

  /** Whether this thread holds the lock of a table or of the exact store. */
  private static boolean isInStep() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames.anyMatch(
                    frame ->
                        frame.getClassName().equals(ConcurrentHashMap.class.getName())
                            || frame.getClassName().equals("geecache.cache.LruCache")));
  }

  private void handOver(Runner self) {
    self.interrupted = self.isInterrupted();
    Runner next = next();
    if (next != self) {
      give(next);
      self.turn.acquireUninterruptibly();
    }
    self.ready = () -> true;
    self.deadline = NEVER;
    self.interruptible = false;
  }

  private void give(@Nullable Runner next) {
    current = next;
    if (next == null) {
      over.release();
    } else {
      next.turn.release();
    }
  }

  /** Returns the thread that goes on; null if none can. */
  private @Nullable Runner next() {
    while (true) {
      List<Runner> able = active.stream().filter(Runner::mayGoOn).toList();
      if (!able.isEmpty()) {
        Runner next = able.get(random.nextInt(able.size()));
        trace.add(now + " " + next.task);
        current = next;
        return next;
      }
      long first = active.stream().mapToLong(runner -> runner.deadline).min().orElse(NEVER);
      Delay delay = delays.peek();
      if (delay == null && first == NEVER) {
        return null;
      }
      now = Math.max(now, delay == null ? first : Math.min(first, delay.due));
      while (delay != null && delay.due <= now) {
        start(delay.name, delays.remove());
        delay = delays.peek();
      }
    }
  }

  /** Returns an executor that runs each task on a thread of its own. */
  public ExecutorService executor(String name) {
    return new Threads(name);
  }

  /** Returns a timer, which runs each task on a thread of its own. */
  public ScheduledExecutorService timer(String name) {
    return new Timer(name);
  }

  /** Ends all threads; none may be running a task. */
  @Override
  public void close() {
    for (Runner runner : made) {
      runner.turn.release();
    }
  }

  private final class Threads extends AbstractExecutorService {
    private final String name;
    private final List<Thread> running = new ArrayList<>();
    private boolean shutDown;

    Threads(String name) {
      this.name = name;
    }

    @Override
    public void execute(Runnable task) {
      if (shutDown) {
        throw new RejectedExecutionException(name + " is closed");
      }
      start(
          name,
          () -> {
            running.add(Thread.currentThread());
            try {
              task.run();
            } finally {
              running.remove(Thread.currentThread());
            }
          });
      pause();
    }

    @Override
    public void shutdown() {
      shutDown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutDown = true;
      running.forEach(Thread::interrupt);
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutDown;
    }

    @Override
    public boolean isTerminated() {
      return shutDown && running.isEmpty();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return await(this::isTerminated, now + unit.toNanos(timeout), false);
    }
  }

  private final class Timer extends ScheduledThreadPoolExecutor {
    private final String name;
    private boolean shutDown;

    Timer(String name) {
      super(0);
      this.name = name;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      if (shutDown) {
        throw new RejectedExecutionException(name + " is closed");
      }
      Delay made = new Delay(name, this, task, now + Math.max(0, unit.toNanos(delay)));
      delays.add(made);
      return made;
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutDown = true;
      delays.removeIf(delay -> delay.timer == this);
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutDown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  private final class Delay extends FutureTask<Object> implements ScheduledFuture<Object> {
    private final String name;
    private final Timer timer;
    private final long due;
    private final long number = numbers++;

    Delay(String name, Timer timer, Runnable task, long due) {
      super(task, null);
      this.name = name;
      this.timer = timer;
      this.due = due;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      delays.remove(this);
      return super.cancel(mayInterrupt);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - now, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }
}
