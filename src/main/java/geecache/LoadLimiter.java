package geecache;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the loads of one group: some run, some more wait in order, and the rest is refused at
 * once. A load that has waited too long for a place is refused too. A load that a getter runs on
 * its own thread does not pass here. It uses the place of its caller: a load that held one place
 * and waited for another could wait forever.
 */
final class LoadLimiter {
  /** A flight that waits for a place, and the last moment at which it may take one. */
  private record Waiter(Flight flight, long lastNanos) {}

  private final LoaderThreads loaders;
  private final Consumer<Flight> run;
  private final BiConsumer<Flight, Throwable> refuse;
  private final Consumer<Flight> turnAway;
  private final int maxLoads;
  private final int maxWaiting;
  private final long maxWaitNanos;
  private final Ticker waitTicker;

  /**
   * Guards {@code placesTaken}, {@code waiting}, {@code sweeps} and {@code closed}. Nothing else
   * runs under it.
   */
  private final Object lock = new Object();

  private int placesTaken;
  private boolean closed;

  /** In the order in which they came, which is also that of their last moments. */
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();

  /** Whether the timer has a sweep to run. */
  private boolean sweeps;

  /**
   * Makes a limiter without loads.
   *
   * @param run runs a flight, and never throws
   * @param refuse ends a flight for which there is no thread; told the reason, a {@link
   *     RejectedExecutionException} if the node is closed
   * @param turnAway ends a flight that got no place within {@code maxWait}
   */
  LoadLimiter(
      LoaderThreads loaders,
      Ticker waitTicker,
      int maxLoads,
      int maxWaiting,
      Duration maxWait,
      Consumer<Flight> run,
      BiConsumer<Flight, Throwable> refuse,
      Consumer<Flight> turnAway) {
    this.loaders = loaders;
    this.run = run;
    this.refuse = refuse;
    this.maxLoads = maxLoads;
    this.maxWaiting = maxWaiting;
    this.maxWaitNanos = maxWait.toNanos();
    this.waitTicker = waitTicker;
    this.turnAway = turnAway;
  }

  /**
   * Runs {@code flight} on a loader thread, as soon as there is a place.
   *
   * @return false if it was turned away because no more may wait
   */
  boolean offer(Flight flight) {
    boolean waits;
    synchronized (lock) {
      waits = placesTaken == maxLoads && !closed;
      if (!waits) {
        placesTaken++;
      } else if (waiting.size() == maxWaiting) {
        return false;
      } else {
        waiting.add(new Waiter(flight, waitTicker.nanos() + maxWaitNanos));
      }
    }
    if (waits) {
      sweepLater();
    } else {
      execute(flight);
    }
    return true;
  }

  /** Has the timer look at the flight that waits longest, at the last moment of that one. */
  private void sweepLater() {
    long delay;
    synchronized (lock) {
      Waiter first = waiting.peek();
      if (first == null || sweeps) {
        return;
      }
      sweeps = true;
      delay = Math.max(0, first.lastNanos() - waitTicker.nanos());
    }
    try {
      loaders.after(Duration.ofNanos(delay), this::sweep);
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      synchronized (lock) {
        sweeps = false; // The next flight that waits tries again; a node that closes ends them all.
      }
    }
  }

  private void sweep() {
    List<Flight> late = new ArrayList<>();
    synchronized (lock) {
      sweeps = false;
      long now = waitTicker.nanos();
      while (!waiting.isEmpty() && waiting.element().lastNanos() - now <= 0) {
        late.add(waiting.remove().flight());
      }
    }
    try {
      late.stream().filter(Flight::tryStart).forEach(turnAway);
    } finally {
      sweepLater();
    }
  }

  /**
   * Drops the flights that wait, and lets none wait from now on: a flight that comes later is given
   * to the loader threads at once, which refuse it when they are closed. Places that are taken then
   * may never come back.
   */
  void close() {
    synchronized (lock) {
      closed = true;
      waiting.clear();
    }
  }

  /**
   * Passes a flight that has a place to a loader thread. When it is done, the next one takes the
   * place.
   */
  private void execute(Flight flight) {
    for (Flight f = flight; f != null; f = next()) {
      Flight placed = f;
      try {
        loaders.execute(() -> runUnlessStarted(placed));
        return;
      } catch (RejectedExecutionException | OutOfMemoryError noThread) {
        refuse.accept(placed, noThread);
      }
    }
  }

  private void runUnlessStarted(Flight flight) {
    try {
      if (flight.tryStart()) {
        run.accept(flight);
      }
    } finally {
      Flight next = next();
      if (next != null) {
        execute(next);
      }
    }
  }

  /**
   * Returns the flight that takes the place over; null if none waits, and the place is given back.
   */
  private @Nullable Flight next() {
    synchronized (lock) {
      Waiter next = waiting.poll();
      if (next == null) {
        placesTaken--;
        return null;
      }
      return next.flight();
    }
  }
}
