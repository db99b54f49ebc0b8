package geecache;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs each task on a thread of its own, in a {@link SimulatedProcess}. */
final class SimulatedExecutor extends AbstractExecutorService {
  private final SimulatedWorld world;
  private final SimulatedProcess process;
  private final Set<SimulatedThread> threads = new LinkedHashSet<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private boolean closed;

  SimulatedExecutor(SimulatedWorld world, SimulatedProcess process) {
    this.world = world;
    this.process = process;
  }

  @Override
  public void execute(Runnable task) {
    if (closed) {
      throw new RejectedExecutionException("closed");
    }
    SimulatedThread[] made = new SimulatedThread[1];
    made[0] =
        world.start(
            process,
            () -> {
              try {
                task.run();
              } finally {
                threads.remove(made[0]);
                process.countThreads(-1);
                endIfIdle();
              }
            });
    threads.add(made[0]);
    process.countThreads(1);
    world.pause();
  }

  private void endIfIdle() {
    if (closed && threads.isEmpty()) {
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
    List.copyOf(threads).forEach(SimulatedThread::interrupt);
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
    if (world.await(ended, unit.toNanos(time), true)) {
      throw new InterruptedException();
    }
    return ended.isDone();
  }
}
