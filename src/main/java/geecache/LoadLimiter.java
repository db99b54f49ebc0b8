package geecache;

import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the loads of one group: so many at once, so many more that wait, and the rest is refused
 * at once. A load that a getter runs on its own thread passes by here: it holds its caller's place,
 * since to wait for another place while holding one could stand still.
 */
final class LoadLimiter {
  private final LoaderThreads loaders;
  private final Consumer<Flight> run;
  private final BiConsumer<Flight, Throwable> refuse;
  private final int maxLoads;
  private final int maxWaiting;

  /**
   * Guards {@code placesTaken}, {@code waiting} and {@code closed}. Nothing foreign runs under it.
   */
  private final Object lock = new Object();

  private int placesTaken;
  private boolean closed;
  private final ArrayDeque<Flight> waiting = new ArrayDeque<>();

  /**
   * Makes an empty queue.
   *
   * @param run runs a flight, and never throws
   * @param refuse ends a flight for which there is no thread; told why, with a {@link
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
   * Has {@code flight} run on a loader thread, as soon as there is a place.
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
   * Lets nothing wait from now on. The loaders are closed before: they may have dropped what had a
   * place, so that it never comes back, and they refuse what comes now.
   */
  void close() {
    synchronized (lock) {
      closed = true;
      waiting.clear();
    }
  }

  /** Hands over a flight that has a place; the place goes to the next one when it is done. */
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

  /** Returns the flight that takes over a place, or null if the place is given back. */
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
