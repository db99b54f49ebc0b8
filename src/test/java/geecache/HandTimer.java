package geecache;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A timer without a thread, whose delays are over when the test says so. */
public final class HandTimer extends ScheduledThreadPoolExecutor {
  private final List<Delay> delays = new CopyOnWriteArrayList<>();

  /** Begins no delay. */
  public HandTimer() {
    super(0);
  }

  /** Ends the delay of that length that began first of those that go on, on the calling thread. */
  public void fire(Duration length) {
    goingOn(length).findFirst().orElseThrow().run();
  }

  /** Returns how many delays of that length go on. */
  public long waiting(Duration length) {
    return goingOn(length).count();
  }

  private Stream<Delay> goingOn(Duration length) {
    return delays.stream().filter(delay -> delay.nanos == length.toNanos() && !delay.isDone());
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    Delay made = new Delay(task, unit.toNanos(delay));
    delays.add(made);
    return made;
  }

  private static final class Delay extends FutureTask<Object> implements ScheduledFuture<Object> {
    private final long nanos;

    Delay(Runnable task, long nanos) {
      super(task, null);
      this.nanos = nanos;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return 0;
    }
  }
}
