package geecache;

import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the loads of one group: some run, some more wait, and the rest is refused at once. A load
 * that a getter runs on its own thread does not pass here. It uses the place of its caller: a load
 * that held one place and waited for another could wait forever.
 */
final class LoadLimiter {
  private final LoaderThreads loaders;
  private final Consumer<Flight> run;
  private final BiConsumer<Flight, Throwable> refuse;
  private final int maxLoads;
  private final int maxWaiting;

  /** Guards {@code placesTaken}, {@code waiting} and {@code closed}. Nothing else runs under it. */
  private final Object lock = new Object();

  private int placesTaken;
  private boolean closed;
  private final ArrayDeque<Flight> waiting = new ArrayDeque<>();

  /**
   * Makes a limiter without loads.
   *
   * @param run runs a flight, and never throws
   * @param refuse ends a flight for which there is no thread; told the reason, a {@link
   *     RejectedExecutionException} if the node is closed
   */
  LoadLimiter(
      LoaderThreads loaders,
      int maxLoads,
      int maxWaiting,
      Consumer<Flight> run,
      BiConsumer<Flight, Throwable> refuse) {
    this.loaders = loaders;
    this.run = run;
    this.refuse = refuse;
    this.maxLoads = maxLoads;
    this.maxWaiting = maxWaiting;
  }

  /**
   * Runs {@code flight} on a loader thread, as soon as there is a place.
   *
   * @return false if it was turned away because no more may wait
   */
  boolean offer(Flight flight) {
    synchronized (lock) {
      if (placesTaken == maxLoads && !closed) {
        return waiting.size() < maxWaiting && waiting.add(flight);
      }
      placesTaken++;
    }
    execute(flight);
    return true;
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
      Flight next = waiting.poll();
      if (next == null) {
        placesTaken--;
      }
      return next;
    }
  }
}
