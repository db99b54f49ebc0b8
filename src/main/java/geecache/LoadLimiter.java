package geecache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the loads of one group: some run, some more wait in order, and the rest is refused at
 * once. A load that has waited too long for a place is refused too. A load that a getter runs on
 * its own thread does not pass here: it uses the place of its caller. A load that waits for a key
 * which another thread or node loads gives its place to the next load. It goes on without waiting
 * for a place: it may hold what the others wait for, such as a connection.
 *
 * <p>Interleaving: a thread takes a place, and its executor has no memory for a thread, or says so
 * although it has begun one. Both sides ask the {@link Place}, which one of them gets. Test: {@code
 * aPlaceIsGivenBackOnceHoweverItsThreadFails}.
 */
final class LoadLimiter {
  /** Many gets may give up at once, and each of them counts under the lock. */
  static final int MOST_COUNTED = 1_000;

  private final LoaderThreads loaders;
  private final Consumer<Flight> run;
  private final BiConsumer<Flight, Throwable> refuse;
  private final Consumer<Flight> turnAway;
  private final int maxLoads;
  private final int maxWaiting;
  private final long maxWaitNanos;
  private final Ticker waitTicker;

  /** Guards the five fields below, and which flight has a place. Nothing else runs under it. */
  private final Object lock = new Object();

  private int placesTaken;

  /** The loads that wait for another key, without a place. */
  private int paused;

  private boolean closed;

  /**
   * The flights that wait for a place, each with the last moment at which it may take one; in the
   * order in which they came, which is also that of their last moments.
   */
  private final LinkedHashMap<Flight, Long> waiting = new LinkedHashMap<>();

  /** Not null on a thread whose burst has not ended. */
  private final ThreadLocal<@Nullable Boolean> bursting = new ThreadLocal<>();

  /** Whether the timer has a sweep to run. */
  private boolean sweeps;

  /**
   * Makes a limiter without loads.
   *
   * @param run runs a flight, and never throws
   * @param refuse ends a flight for which there is no thread, and never throws; told the reason, a
   *     {@link RejectedExecutionException} if the node is closed
   * @param turnAway ends a flight that got no place within {@code maxWait}, and never throws
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
    boolean bursts = bursting.get() != null;
    boolean waits;
    synchronized (lock) {
      flight.given = null; // Of its turn before, if it is loaded once more.
      int free = Math.max(0, maxLoads - placesTaken);
      waits = (bursts || free == 0) && !closed;
      if (!waits) {
        placesTaken++;
      } else if (waiting.size() >= (long) maxWaiting + free) {
        return false;
      } else {
        waiting.put(flight, waitTicker.nanos() + maxWaitNanos);
      }
    }
    if (waits) {
      sweepLater();
    } else {
      execute(flight);
    }
    return true;
  }

  /**
   * Has the flights that this thread offers wait until the burst ends, even if there are places:
   * the first call would else have the first of them only.
   */
  LocalGroup.Burst beginBurst() {
    if (bursting.get() != null) {
      return LocalGroup.Burst.NONE;
    }
    bursting.set(true);
    return () -> {
      bursting.remove();
      fillPlaces();
    };
  }

  private void fillPlaces() {
    for (Flight next = firstIfFree(); next != null; next = firstIfFree()) {
      execute(next);
    }
  }

  private @Nullable Flight firstIfFree() {
    synchronized (lock) {
      if (placesTaken >= maxLoads || waiting.isEmpty()) {
        return null;
      }
      placesTaken++;
      return removeFirst();
    }
  }

  /** Has the timer look at the flight that waits longest, at the last moment of that one. */
  private void sweepLater() {
    long delay;
    synchronized (lock) {
      if (waiting.isEmpty() || sweeps) {
        return;
      }
      sweeps = true;
      delay = Math.max(0, first().getValue() - waitTicker.nanos());
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
    synchronized (lock) {
      sweeps = false;
    }
    try {
      for (Flight late = nextLate(); late != null; late = nextLate()) {
        if (late.tryStart()) {
          turnAway.accept(late);
        }
      }
    } finally {
      sweepLater();
    }
  }

  private @Nullable Flight nextLate() {
    synchronized (lock) {
      boolean late = !waiting.isEmpty() && first().getValue() - waitTicker.nanos() <= 0;
      return late ? removeFirst() : null;
    }
  }

  /** The flight that waits longest, if any waits; under the lock. */
  private Map.Entry<Flight, Long> first() {
    return waiting.entrySet().iterator().next();
  }

  private Flight removeFirst() {
    Iterator<Flight> flights = waiting.keySet().iterator();
    Flight first = flights.next();
    flights.remove();
    return first;
  }

  /**
   * Offers a flight that has not begun once more: to another thread if it has a place, since its
   * thread may be lost; else if there is a place for it now.
   */
  void offerAgain(Flight flight) {
    Runnable given;
    synchronized (lock) {
      given = flight.given;
      if (given == null) {
        if (placesTaken >= maxLoads || closed) {
          return;
        }
        waiting.remove(flight);
        placesTaken++;
      }
    }
    if (given == null) {
      execute(flight);
      return;
    }
    try {
      loaders.execute(given);
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      // Closed, or out of memory: the first thread may begin yet.
    }
  }

  /**
   * Takes the flights that wait longest, for a call that loads them together with the one that has
   * a place. Their caller runs them.
   */
  List<Flight> takeWaiting(int most) {
    synchronized (lock) {
      List<Flight> taken = new ArrayList<>(Math.min(most, waiting.size()));
      Iterator<Flight> flights = waiting.keySet().iterator();
      while (taken.size() < most && flights.hasNext()) {
        Flight next = flights.next();
        if (!next.alone) {
          flights.remove();
          if (!next.hasLanded()
              && next.tryStart()) { // Otherwise a getter that needs it runs it on its own thread.
            taken.add(next);
          }
        }
      }
      return taken;
    }
  }

  /** Returns how many places are taken. */
  int running() {
    synchronized (lock) {
      return placesTaken;
    }
  }

  /** Returns how many flights wait for a place. */
  int waiting() {
    synchronized (lock) {
      return waiting.size();
    }
  }

  /** Whether {@code flight} waits for a place, and no getter runs it on a thread of its own. */
  boolean isWaiting(Flight flight) {
    synchronized (lock) {
      return waiting.containsKey(flight) && !flight.hasStarted();
    }
  }

  /** Whether {@code flight} waits for a place, or has one. */
  boolean isOffered(Flight flight) {
    synchronized (lock) {
      return flight.given != null || waiting.containsKey(flight);
    }
  }

  /**
   * Returns how many flights wait before {@code flight}, {@link #MOST_COUNTED} if there are more;
   * -1 if that does not wait, or a getter runs it on a thread of its own.
   */
  int waitingBefore(Flight flight) {
    synchronized (lock) {
      if (!isWaiting(flight)) {
        return -1;
      }
      int before = 0;
      for (Flight each : waiting.keySet()) {
        if (each == flight || before == MOST_COUNTED) {
          break;
        }
        before++;
      }
      return before;
    }
  }

  /**
   * Drops {@code flight} if it waits for a place and no get waits for it.
   *
   * @return whether it was dropped; the caller ends it
   */
  boolean dropIfUnwanted(Flight flight) {
    synchronized (lock) {
      return waiting.containsKey(flight)
          && flight.closeIfUnwanted()
          && waiting.remove(flight) != null
          && flight.tryStart();
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
    for (Flight placed = flight; placed != null; placed = next()) {
      Place place = null;
      try {
        place = new Place(placed);
        give(placed, place);
        loaders.execute(place);
        return;
      } catch (Throwable noThread) { // Closed, or out of memory or stack.
        if (place != null && !place.withdraw()) {
          return; // There is a thread after all, and it has begun.
        }
        if (placed.tryStart()) { // Otherwise a getter that needs it runs it on its own thread.
          refuse.accept(placed, noThread);
        }
      }
    }
  }

  private void give(Flight flight, Place place) {
    synchronized (lock) {
      flight.given = place;
    }
  }

  /**
   * Returns the flight that takes the place over; null if none waits, and the place is given back.
   */
  private @Nullable Flight next() {
    synchronized (lock) {
      if (placesTaken > maxLoads || waiting.isEmpty()) {
        placesTaken--;
        return null;
      }
      return removeFirst();
    }
  }

  /** The place of one flight, with the thread on which that runs. */
  private final class Place implements Runnable, LoadPlace {
    private final Flight flight;

    /** Whether a thread runs this, or it was withdrawn before; guarded by the lock. */
    private boolean taken;

    private Place(Flight flight) {
      this.flight = flight;
    }

    /** Returns true to one caller, which then has the place. */
    private boolean withdraw() {
      synchronized (lock) {
        boolean first = !taken;
        taken = true;
        return first;
      }
    }

    @Override
    public void run() {
      if (!withdraw()) {
        return;
      }
      try {
        if (!flight.hasLanded() && flight.tryStart()) { // Its time may be over.
          flight.place = this;
          run.accept(flight);
        }
      } finally {
        Flight next = next();
        if (next != null) {
          execute(next);
        }
      }
    }

    @Override
    public boolean pause() {
      synchronized (lock) {
        if (paused >= maxWaiting) {
          return false;
        }
        paused++;
      }
      Flight next = next();
      if (next != null) {
        execute(next);
      }
      return true;
    }

    @Override
    public void resume() {
      synchronized (lock) {
        paused--;
        placesTaken++;
      }
    }
  }
}
