package geecache;

import geecache.internal.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
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
  private static final int PAUSES_ONE_IN = 4;

  /** Of so many pauses one takes a while, if any does. */
  private static final int DOZES_ONE_IN = 2;

  /** No test needs more time; a world that goes on has found no end. */
  private static final long LONGEST = Duration.ofHours(12).toNanos();

  private final MomentaryRandom random;
  private final int pausesOneIn;
  private final long longestDoze;
  private final Turns turns;
  private final SimulatedEvents events = new SimulatedEvents();
  private final RunnableThreads runnable;
  private final Set<SimulatedThread> alive = new LinkedHashSet<>();
  private final Map<CompletableFuture<Void>, BooleanSupplier> conditions = new LinkedHashMap<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final SimulatedProcess outside = new SimulatedProcess(this);

  /** The thread that has the baton; null while the test's own thread has it. */
  private @Nullable SimulatedThread running;

  /** When the test's own thread wants the baton back. */
  private BooleanSupplier done = () -> true;

  private long now;
  private long threadCount;
  private boolean ended;

  public SimulatedWorld(long seed) {
    this(seed, PAUSES_ONE_IN, Duration.ZERO);
  }

  /**
   * Makes a world at time 0.
   *
   * @param pausesOneIn the mean number of readings of the clock until a thread pauses at one
   * @param longestDoze how long a pause may take, at most: a thread gets no processor for a while
   */
  public SimulatedWorld(long seed, int pausesOneIn, Duration longestDoze) {
    this.random = new MomentaryRandom(seed);
    this.runnable = new RunnableThreads(random);
    this.pausesOneIn = pausesOneIn;
    this.longestDoze = longestDoze.toNanos();
    this.turns = Turns.of(this);
  }

  /** Returns the random numbers of this run, for the test too. */
  public RandomGenerator random() {
    return random;
  }

  /** Returns the time, in nanoseconds. */
  public long now() {
    return now;
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
    SimulatedThread thread = running;
    if (thread == null || runnable.isEmpty() && longestDoze == 0 || ended) {
      return;
    }
    if (random.nextInt(pausesOneIn) == 0 && !HeldLocks.any()) {
      if (longestDoze > 0 && random.nextInt(DOZES_ONE_IN) == 0) {
        doze(thread, random.nextLong(longestDoze));
      } else {
        runnable.add(thread);
        giveBaton(thread);
      }
    }
  }

  private void doze(SimulatedThread thread, long nanos) {
    long wait = thread.beginWait(false);
    events.add(now + nanos, () -> thread.wake(wait));
    giveBaton(thread);
    thread.endWait();
  }

  /** Lets another thread run. For simulated threads that hold no lock. */
  void letOthersRun() {
    SimulatedThread thread = current();
    runnable.add(thread);
    giveBaton(thread);
  }

  /** Returns a process without threads. */
  public SimulatedProcess process() {
    return new SimulatedProcess(this);
  }

  /** Returns the thread that has the baton. */
  SimulatedThread current() {
    SimulatedThread thread = running;
    if (thread == null) {
      throw new IllegalStateException("not a simulated thread");
    }
    return thread;
  }

  /** Starts a thread. */
  public void start(Runnable task) {
    start(outside, task);
  }

  SimulatedThread start(SimulatedProcess process, Runnable task) {
    SimulatedThread thread = new SimulatedThread(this, process, task, threadCount++);
    alive.add(thread);
    runnable.add(thread);
    return thread;
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
    after(delay.toNanos(), action);
  }

  SimulatedEvents.Event after(long nanos, Runnable action) {
    return events.add(now + nanos, action);
  }

  void cancel(SimulatedEvents.Event event) {
    events.remove(event);
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
    if (!until(condition, Duration.ofNanos(LONGEST))) {
      throw new AssertionError("did not happen in " + Duration.ofNanos(LONGEST));
    }
  }

  /**
   * Lets the world run until {@code condition} holds, or so much time has passed. For the driver
   * alone.
   *
   * @return whether it holds
   */
  public boolean until(BooleanSupplier condition, Duration most) {
    drive(condition, now + most.toNanos());
    return condition.getAsBoolean();
  }

  /** Lets the world run until all threads have ended. For the driver alone. */
  public void untilAllHaveEnded() {
    until(alive::isEmpty);
  }

  /** Returns a number that tells which threads had the baton, and when. */
  public long trace() {
    return runnable.trace();
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

  /** Returns threads that end together. */
  public ExecutorService executor() {
    return outside.executor();
  }

  /** Returns a timer whose tasks must not wait. */
  public ScheduledExecutorService timer() {
    return outside.timer();
  }

  /** Returns whether the thread was interrupted; else the future is done or the time is over. */
  boolean await(CompletableFuture<?> future, long nanos, boolean interruptibly) {
    long deadline = nanos > LONGEST ? now + LONGEST : now + nanos;
    SimulatedThread thread = running;
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
    long wait = thread.beginWait(interruptibly);
    SimulatedEvents.Event limit = events.add(deadline, () -> thread.wake(wait));
    future.whenComplete((value, failure) -> thread.wake(wait));
    giveBaton(thread);
    thread.endWait();
    events.remove(limit);
    return interruptibly && Thread.interrupted();
  }

  /** Gives the baton back, and returns when the thread has it again. */
  private void giveBaton(SimulatedThread thread) {
    if (!ended) {
      SimulatedThread next = next();
      if (next != thread) {
        turns.pass(thread, next);
      }
      running = thread;
    }
    if (ended) {
      throw new WorldEnded();
    }
  }

  /** Returns the threads that can run. */
  RunnableThreads runnable() {
    return runnable;
  }

  /** Draws the thread that runs next; null if it is the driver's turn. */
  @Nullable SimulatedThread next() {
    running = null;
    if (ended) {
      return null;
    }
    runnable.wakeInterrupted();
    if (done.getAsBoolean()) {
      return null;
    }
    if (!conditions.isEmpty()) {
      conditions
          .entrySet()
          .removeIf(each -> each.getValue().getAsBoolean() && each.getKey().complete(null));
    }
    running = runnable.draw(now);
    return running;
  }

  private void drive(BooleanSupplier condition, long deadline) {
    done = condition;
    while (!condition.getAsBoolean()) {
      SimulatedThread thread = next();
      if (thread != null) {
        turns.resume(thread);
        running = null;
        continue;
      }
      if (condition.getAsBoolean()) { // Since an interrupted thread or one of the conditions.
        break;
      }
      if (events.isEmpty() || events.first() > deadline) {
        if (events.isEmpty() && deadline - now >= LONGEST) {
          throw new AssertionError("nothing can happen any more; alive: " + alive.size());
        }
        beginAt(deadline);
        break;
      }
      beginAt(Math.max(now, events.first()));
      events.poll().run();
      turns.settle();
    }
    done = () -> true;
  }

  private void beginAt(long time) {
    if (time != now) {
      now = time;
      random.begin(time);
    }
  }

  /** Notes the end of a thread. */
  void end(SimulatedThread thread, @Nullable Throwable failure) {
    if (failure != null && !(failure instanceof WorldEnded)) {
      failures.add(failure);
    }
    alive.remove(thread);
  }

  /** Notes a failure that no thread of the test can see. */
  void noteFailure(Throwable failure) {
    failures.add(failure);
  }

  /** Unwinds a thread that still waits when the world ends. */
  private static final class WorldEnded extends Error {
    private static final long serialVersionUID = 1;

    WorldEnded() {
      super("the world has ended", null, false, false);
    }
  }

  /** Ends the world and all its threads, and fails if one failed unseen. */
  @Override
  public void close() {
    ended = true;
    List<Throwable> before = List.copyOf(failures);
    try {
      for (SimulatedThread thread : List.copyOf(alive)) {
        if (thread.hasStarted()) {
          running = thread;
          turns.resume(thread);
        }
      }
    } finally {
      turns.close();
    }
    if (!before.isEmpty()) { // Threads that are unwound may fail as they like.
      AssertionError error = new AssertionError("a simulated thread failed", before.get(0));
      before.stream().skip(1).forEach(error::addSuppressed);
      throw error;
    }
  }
}
