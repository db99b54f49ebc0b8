package geecache;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A timer of a {@link SimulatedProcess}. Its tasks must not wait: they run in no thread. */
final class SimulatedTimer extends AbstractExecutorService implements ScheduledExecutorService {
  private final SimulatedWorld world;
  private final SimulatedProcess process;
  private boolean closed;

  SimulatedTimer(SimulatedWorld world, SimulatedProcess process) {
    this.world = world;
    this.process = process;
  }

  private final class Delay<V> extends FutureTask<V> implements ScheduledFuture<V> {
    private final long at;
    private final long period;
    private SimulatedEvents.Event next;

    Delay(Callable<V> task, long delay, long period) {
      super(task);
      this.at = world.now() + delay;
      this.period = period;
      this.next = fireAfter(Math.max(0, delay));
    }

    private SimulatedEvents.Event fireAfter(long nanos) {
      return world.after(nanos, () -> process.run(this::fire));
    }

    private void fire() {
      if (closed || isCancelled()) {
        return;
      }
      if (period == 0) {
        run();
        noteFailure();
      } else if (runAndReset()) {
        next = fireAfter(period);
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
        world.noteFailure(failure.getCause());
      } catch (InterruptedException impossible) {
        throw new AssertionError(impossible);
      }
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(at - world.now(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }

    @Override
    public boolean cancel(boolean interrupt) {
      world.cancel(next);
      return super.cancel(interrupt);
    }
  }

  private Delay<Object> delayed(Runnable task, long delay, long period, TimeUnit unit) {
    return delayed(Executors.callable(task), delay, period, unit);
  }

  private <V> Delay<V> delayed(Callable<V> task, long delay, long period, TimeUnit unit) {
    if (closed) {
      throw new RejectedExecutionException("closed");
    }
    return new Delay<>(task, unit.toNanos(delay), unit.toNanos(period));
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    return delayed(task, delay, 0, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    return delayed(task, delay, 0, unit);
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
