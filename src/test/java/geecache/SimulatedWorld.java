package geecache;

import geecache.internal.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A world in which one thread runs at a time, and time passes only when none can. Which of several
 * threads runs next is drawn from the seed, so that a run can be repeated. A simulated thread gives
 * the baton back where it waits and when it ends, and sometimes where it reads the clock or submits
 * a task; it must wait nowhere else. It keeps the baton while it holds a lock, since another thread
 * that needs the lock would wait outside of the world.
 *
 * <p>The test's own thread drives the world: whenever it waits for something, others run until that
 * is there. So a test may call a node like any caller.
 */
public final class SimulatedWorld implements AutoCloseable {
  /** How long a thread may really run before it counts as one that waits outside of the world. */
  private static final long REAL_SECONDS = 60;

  private static final int PAUSES_ONE_IN = 4;

  /** Classes that read the clock, submit a task or call the engine while they hold a lock. */
  private static final Set<String> LOCKED =
      Set.of(
          "java.util.concurrent.ConcurrentHashMap",
          "geecache.HotCache",
          "geecache.cache.LruCache",
          "geecache.cluster.IncomingChanges",
          "geecache.cluster.RemovalLog",
          "geecache.cluster.SendQueue",
          "geecache.cluster.ViewHolder");

  /** No test needs more time; a world that goes on has found no end. */
  private static final long LONGEST = Duration.ofHours(12).toNanos();

  private final Random random;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<SimulatedThread> ready = new ArrayList<>();
  private final Set<SimulatedThread> alive = new LinkedHashSet<>();
  private final Map<CompletableFuture<Void>, BooleanSupplier> conditions = new LinkedHashMap<>();
  private final List<String> trace = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final Semaphore back = new Semaphore(0);
  private final ExecutorService workers = Executors.newCachedThreadPool(Worker::new);
  private final ThreadLocal<@Nullable SimulatedThread> current = new ThreadLocal<>();
  private long now;
  private long eventCount;
  private long threadCount;
  private boolean ended;

  /** Unwinds a thread that still waits when the world ends. */
  private static final class WorldEnded extends Error {
    private static final long serialVersionUID = 1;
  }

  public SimulatedWorld(long seed) {
    random = new Random(seed);
  }

  /** Something that happens at its time; of two at the same time, the one planned first. */
  private static final class Event implements Comparable<Event> {
    final long at;
    final long number;
    final Runnable action;

    Event(long at, long number, Runnable action) {
      this.at = at;
      this.number = number;
      this.action = action;
    }

    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
    }
  }

  /** Wakes the simulated thread that it runs when it is interrupted. */
  private static final class Worker extends Thread {
    private @Nullable SimulatedThread running;

    Worker(Runnable tasks) {
      super(null, tasks, "simulated", 0, false);
      setDaemon(true);
    }

    @Override
    public void interrupt() {
      super.interrupt();
      SimulatedThread thread = running;
      if (thread != null && thread.waitsInterruptibly) {
        thread.wake();
      }
    }
  }

  /** A thread that runs only while it has the baton. */
  private final class SimulatedThread {
    private final Runnable task;
    private final long number = threadCount++;
    private final Semaphore turn = new Semaphore(0);
    private boolean started;
    private boolean interruptedBeforeStart;
    private boolean waiting;
    private boolean waitsInterruptibly;
    private @Nullable Worker worker;

    SimulatedThread(Runnable task) {
      this.task = task;
    }

    /** Lets it run until it waits or ends. Called by the driver. */
    void resume() {
      if (started) {
        turn.release();
      } else {
        started = true;
        workers.execute(this::run);
      }
      try {
        if (!back.tryAcquire(REAL_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("a thread waits outside of the world", whereItIs());
        }
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", interrupt);
      }
    }

    private Throwable whereItIs() {
      Throwable place = new Throwable("it is here");
      Thread thread = worker;
      if (thread != null) {
        place.setStackTrace(thread.getStackTrace());
      }
      return place;
    }

    private void run() {
      Worker own = (Worker) Thread.currentThread();
      worker = own;
      own.running = this;
      current.set(this);
      try {
        if (interruptedBeforeStart) {
          own.interrupt();
        }
        task.run();
      } catch (WorldEnded end) {
        // As it should.
      } catch (Throwable failure) {
        failures.add(failure);
      } finally {
        current.remove();
        own.running = null;
        Thread.interrupted();
        alive.remove(this);
        back.release();
      }
    }

    /** Gives the baton back, and returns when it has it again. */
    void pause() {
      if (!ended) {
        back.release();
        turn.acquireUninterruptibly();
      }
      if (ended) {
        throw new WorldEnded();
      }
    }

    void interrupt() {
      Worker own = worker;
      if (own == null) {
        interruptedBeforeStart = true;
      } else {
        own.interrupt();
      }
    }

    void pauseUntilWoken() {
      waiting = true;
      pause();
    }

    void wake() {
      if (waiting) {
        waiting = false;
        ready.add(this);
      }
    }
  }

  /** Returns the random numbers of this run, for the test too. */
  public Random random() {
    return random;
  }

  /** Returns the clock of the world. */
  public Ticker ticker() {
    return () -> {
      pause();
      return now;
    };
  }

  /** Lets another thread run, maybe, unless the calling thread holds a lock. */
  public void pause() {
    SimulatedThread thread = current.get();
    if (thread != null && random.nextInt(PAUSES_ONE_IN) == 0 && !holdsLock()) {
      ready.add(thread);
      thread.pause();
    }
  }

  /** Whether the calling thread is inside a step of a table, a store, or a class with a lock. */
  private static boolean holdsLock() {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(frame -> LOCKED.contains(frame.getClassName())));
  }

  /** Starts a thread. */
  public void start(Runnable task) {
    SimulatedThread thread = new SimulatedThread(task);
    alive.add(thread);
    ready.add(thread);
  }

  /** Starts a thread that calls {@code task}. */
  public <T> CompletableFuture<T> begin(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    start(
        () -> {
          try {
            result.complete(task.call());
          } catch (Throwable failure) {
            result.completeExceptionally(failure);
          }
        });
    return result;
  }

  /** Has {@code action}, which must not wait, happen later. */
  public void after(Duration delay, Runnable action) {
    events.add(new Event(now + delay.toNanos(), eventCount++, action));
  }

  /** Lets the calling thread sleep, unless it is interrupted. */
  public void sleep(Duration time) throws InterruptedException {
    if (await(new CompletableFuture<>(), time.toNanos(), true)) {
      throw new InterruptedException();
    }
  }

  /** Waits until {@code condition} holds. For simulated threads alone. */
  public void waitUntil(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) { // Another thread may have ended it since it held.
      CompletableFuture<Void> held = new CompletableFuture<>();
      conditions.put(held, condition);
      await(held, LONGEST, false);
    }
  }

  /** Waits for a result, and returns it or throws what the call threw. */
  public <T> T result(CompletableFuture<T> future) throws Exception {
    await(future, LONGEST, false);
    try {
      return future.get(0, TimeUnit.NANOSECONDS);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw failure;
    }
  }

  /** Lets so much time pass. For the driver alone. */
  public void pass(Duration time) {
    drive(() -> false, now + time.toNanos());
  }

  /** Lets the world run until {@code condition} holds. For the driver alone. */
  public void until(BooleanSupplier condition) {
    drive(condition, now + LONGEST);
    if (!condition.getAsBoolean()) {
      throw new AssertionError("did not happen in " + Duration.ofNanos(LONGEST));
    }
  }

  /** Lets the world run until all threads have ended. For the driver alone. */
  public void untilAllHaveEnded() {
    until(alive::isEmpty);
  }

  /** Returns which threads had the baton, and when. */
  public List<String> trace() {
    return trace;
  }

  /** Returns how a thread of this world waits. */
  public Waiting waiting() {
    return new Waiting() {
      @Override
      public <T> T get(CompletableFuture<T> future, long nanos)
          throws InterruptedException, ExecutionException, TimeoutException {
        if (await(future, Math.max(0, nanos), true)) {
          throw new InterruptedException();
        }
        return future.get(0, TimeUnit.NANOSECONDS);
      }

      @Override
      public <T> T join(CompletableFuture<T> future) {
        await(future, LONGEST, false);
        return future.join();
      }
    };
  }

  /** Returns whether the thread was interrupted; else the future is done or the time is over. */
  private boolean await(CompletableFuture<?> future, long nanos, boolean interruptibly) {
    long deadline = nanos > LONGEST ? now + LONGEST : now + nanos;
    SimulatedThread thread = current.get();
    if (thread == null) {
      drive(future::isDone, deadline);
      return false;
    }
    if (interruptibly && Thread.interrupted()) {
      return true;
    }
    if (future.isDone()) {
      return false;
    }
    boolean[] over = {false};
    events.add(
        new Event(
            deadline,
            eventCount++,
            () -> {
              if (!over[0]) {
                thread.wake();
              }
            }));
    future.whenComplete(
        (value, failure) -> {
          if (!over[0]) {
            thread.wake();
          }
        });
    thread.waitsInterruptibly = interruptibly;
    thread.pauseUntilWoken();
    thread.waitsInterruptibly = false;
    over[0] = true;
    return interruptibly && Thread.interrupted();
  }

  private void drive(BooleanSupplier done, long deadline) {
    while (!done.getAsBoolean()) {
      conditions
          .entrySet()
          .removeIf(each -> each.getValue().getAsBoolean() && each.getKey().complete(null));
      if (!ready.isEmpty()) {
        SimulatedThread next = ready.remove(random.nextInt(ready.size()));
        trace.add(now + " " + next.number);
        next.resume();
        continue;
      }
      Event next = events.peek();
      if (next == null || next.at > deadline) {
        if (next == null && deadline - now >= LONGEST) {
          throw new AssertionError("nothing can happen any more; alive: " + alive.size());
        }
        now = deadline;
        return;
      }
      events.remove();
      now = Math.max(now, next.at);
      next.action.run();
    }
  }

  /** Returns threads that end together. */
  public ExecutorService executor() {
    return new Threads();
  }

  private final class Threads extends AbstractExecutorService {
    private final Set<SimulatedThread> own = new LinkedHashSet<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private boolean closed;

    @Override
    public void execute(Runnable task) {
      if (closed) {
        throw new RejectedExecutionException("closed");
      }
      SimulatedThread[] made = new SimulatedThread[1];
      made[0] =
          new SimulatedThread(
              () -> {
                try {
                  task.run();
                } finally {
                  own.remove(made[0]);
                  endIfIdle();
                }
              });
      own.add(made[0]);
      alive.add(made[0]);
      ready.add(made[0]);
      pause();
    }

    private void endIfIdle() {
      if (closed && own.isEmpty()) {
        ended.complete(null);
      }
    }

    @Override
    public void shutdown() {
      closed = true;
      endIfIdle();
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutdown();
      List.copyOf(own).forEach(SimulatedThread::interrupt);
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return closed;
    }

    @Override
    public boolean isTerminated() {
      return ended.isDone();
    }

    @Override
    public boolean awaitTermination(long time, TimeUnit unit) throws InterruptedException {
      if (await(ended, unit.toNanos(time), true)) {
        throw new InterruptedException();
      }
      return ended.isDone();
    }
  }

  /** Returns a timer whose tasks must not wait. */
  public ScheduledExecutorService timer() {
    return new Timer();
  }

  private final class Timer extends AbstractExecutorService implements ScheduledExecutorService {
    private final Set<Delay> pending = new HashSet<>();
    private boolean closed;

    private final class Delay extends FutureTask<Object> implements ScheduledFuture<Object> {
      private final long at;
      private final long period;

      Delay(Runnable task, long delay, long period) {
        super(task, null);
        this.at = now + delay;
        this.period = period;
        pending.add(this);
        after(Duration.ofNanos(Math.max(0, delay)), this::fire);
      }

      private void fire() {
        if (closed || isCancelled()) {
          return;
        }
        if (period == 0) {
          pending.remove(this);
          run();
          noteFailure();
        } else if (runAndReset()) {
          after(Duration.ofNanos(period), this::fire);
        } else {
          noteFailure();
        }
      }

      private void noteFailure() {
        try {
          if (isDone() && !isCancelled()) {
            get();
          }
        } catch (ExecutionException failure) {
          failures.add(failure.getCause());
        } catch (InterruptedException impossible) {
          throw new AssertionError(impossible);
        }
      }

      @Override
      public long getDelay(TimeUnit unit) {
        return unit.convert(at - now, TimeUnit.NANOSECONDS);
      }

      @Override
      public int compareTo(Delayed other) {
        return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
      }

      @Override
      public boolean cancel(boolean interrupt) {
        pending.remove(this);
        return super.cancel(interrupt);
      }
    }

    private Delay delayed(Runnable task, long delay, long period, TimeUnit unit) {
      if (closed) {
        throw new RejectedExecutionException("closed");
      }
      return new Delay(task, unit.toNanos(delay), unit.toNanos(period));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      return delayed(task, delay, 0, unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable task, long first, long period, TimeUnit unit) {
      return delayed(task, first, period, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable task, long first, long delay, TimeUnit unit) {
      return delayed(task, first, delay, unit);
    }

    @Override
    public void execute(Runnable task) {
      delayed(task, 0, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public void shutdown() {
      closed = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      closed = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return closed;
    }

    @Override
    public boolean isTerminated() {
      return closed;
    }

    @Override
    public boolean awaitTermination(long time, TimeUnit unit) {
      return closed;
    }
  }

  /** Ends the world and all its threads, and fails if one failed unseen. */
  @Override
  public void close() {
    ended = true;
    List<Throwable> before = List.copyOf(failures);
    try {
      for (SimulatedThread thread : List.copyOf(alive)) {
        if (thread.started) {
          thread.resume();
        }
      }
    } finally {
      workers.shutdownNow();
    }
    failures.retainAll(before); // Threads that are unwound may fail as they like.
    if (!failures.isEmpty()) {
      AssertionError error = new AssertionError("a simulated thread failed", failures.get(0));
      failures.stream().skip(1).forEach(error::addSuppressed);
      throw error;
    }
  }
}
