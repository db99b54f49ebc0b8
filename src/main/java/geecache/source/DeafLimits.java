package geecache.source;

import geecache.internal.DaemonThreads;
import geecache.internal.PeriodicTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the age of values while this node does not listen: it clears each group that has a bound,
 * as often as the bound says. For one thread, except {@link #close}.
 */
final class DeafLimits implements AutoCloseable {
  private final Map<String, Duration> bounds;
  private final Consumer<String> clear;
  private final List<Future<?>> clearings = new ArrayList<>();

  /** Null if no group has a bound. */
  private final @Nullable ScheduledThreadPoolExecutor timer;

  private boolean deaf;

  DeafLimits(Map<String, Duration> bounds, Consumer<String> clear) {
    this.bounds = Map.copyOf(bounds);
    this.clear = clear;
    if (bounds.isEmpty()) {
      timer = null;
    } else {
      timer = new ScheduledThreadPoolExecutor(1, new DaemonThreads("geecache-deaf-"));
      timer.setKeepAliveTime(10, TimeUnit.SECONDS);
      timer.allowCoreThreadTimeOut(true);
      timer.setRemoveOnCancelPolicy(true);
    }
  }

  /** Begins to count, unless it does already. */
  void begin() {
    if (timer == null || deaf) {
      return;
    }
    deaf = true;
    try {
      bounds.forEach((group, bound) -> clearings.add(clearEach(timer, group, bound.toNanos())));
    } catch (RejectedExecutionException closed) {
      return; // And so is the listening.
    } catch (OutOfMemoryError noThread) {
      end(); // The next attempt to connect that fails begins again.
    }
  }

  private Future<?> clearEach(ScheduledThreadPoolExecutor on, String group, long nanos) {
    Runnable task =
        new PeriodicTask("dropping old values of group " + group, () -> clear.accept(group));
    return on.scheduleAtFixedRate(task, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /** Bounds nothing more. */
  void end() {
    deaf = false;
    clearings.forEach(clearing -> clearing.cancel(false));
    clearings.clear();
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.shutdownNow();
    }
  }
}
