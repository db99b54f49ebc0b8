package geecache;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Threads and timers of a {@link SimulatedWorld} that stop together, as those of a process do: all
 * that happens to a stopped process happens when it goes on. A process that was killed never goes
 * on.
 */
public final class SimulatedProcess {
  private final SimulatedWorld world;
  private final List<SimulatedThread> heldThreads = new ArrayList<>();
  private final List<Runnable> heldTasks = new ArrayList<>();
  private boolean stopped;
  private boolean killed;
  private int threads;
  private int mostThreads;

  SimulatedProcess(SimulatedWorld world) {
    this.world = world;
  }

  /** Returns threads that end together. */
  public ExecutorService executor() {
    return new SimulatedExecutor(world, this);
  }

  /** Returns a timer whose tasks must not wait. */
  public ScheduledExecutorService timer() {
    return new SimulatedTimer(world, this);
  }

  /** Starts a thread of this process. */
  public void start(Runnable task) {
    if (!killed) {
      world.start(this, task);
    }
  }

  /** Calls {@code task}, with the calling thread as one of this process. */
  public <T> T call(Callable<T> task) throws Exception {
    SimulatedThread thread = world.current();
    SimulatedProcess former = thread.enter(this);
    try {
      if (stopped) {
        world.letOthersRun();
      }
      return task.call();
    } finally {
      thread.enter(former);
    }
  }

  /** Whether it is stopped or was killed. */
  public boolean isStopped() {
    return stopped;
  }

  /** Stops it until {@link #resume}. */
  public void stop() {
    stopped = true;
    heldThreads.addAll(world.runnable().take(this));
  }

  /** Lets it go on, unless it was killed. */
  public void resume() {
    if (killed) {
      return;
    }
    stopped = false;
    List<SimulatedThread> threads = List.copyOf(heldThreads);
    List<Runnable> tasks = List.copyOf(heldTasks);
    heldThreads.clear();
    heldTasks.clear();
    threads.forEach(world.runnable()::add);
    tasks.forEach(this::run);
  }

  /** Ends it at once. */
  public void kill() {
    killed = true;
    stop();
    heldTasks.clear();
  }

  /** Returns the most threads that its executors had at once. */
  public int mostThreads() {
    return mostThreads;
  }

  /** Counts threads of its executors that began, or that ended. */
  void countThreads(int change) {
    threads += change;
    mostThreads = Math.max(mostThreads, threads);
  }

  /** Whether it keeps a thread that could run otherwise. */
  boolean holds(SimulatedThread thread) {
    if (stopped) {
      heldThreads.add(thread);
    }
    return stopped;
  }

  /** Runs a task of the timer now, or when it goes on. */
  void run(Runnable task) {
    if (!stopped) {
      task.run();
    } else if (!killed) {
      heldTasks.add(task);
    }
  }
}
