package geecache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows which loads of a node wait for which, so that a circle fails at once and does not wait
 * forever. A getter that gets a cold key loads it on its own thread: the new flight is its child. A
 * getter that gets a key which another thread loads waits for that flight. Each flight waits for
 * one other at most, so a search for a circle follows one path.
 *
 * <p>Interleaving: one thread loads a and wants b, another loads b and wants a. Without a lock each
 * could look before the other is seen to wait, and both would wait forever. Test: {@code
 * aCircleOverTwoThreadsFailsAtOnce}.
 */
final class WaitGraph {
  /**
   * Guards {@code parent} and {@code awaited} of all flights of a node. No other code runs under
   * it.
   */
  private final Object lock = new Object();

  /** Notes that the getter of {@code parent} now runs {@code child} on its own thread. */
  void enterChild(Flight child, @Nullable Flight parent) {
    if (parent != null) {
      synchronized (lock) {
        child.parent = parent;
        child.depth = parent.depth + 1;
        parent.awaited = child;
      }
    }
  }

  /**
   * Notes that the getter of {@code leader} now loads {@code others} too, so that it fails at once
   * if it gets one of their keys. A caller that loads keys under leases leads their loads so.
   */
  void enterTogether(List<Flight> others, Flight leader) {
    synchronized (lock) {
      others.forEach(other -> other.awaited = leader);
    }
  }

  /** Undoes {@link #enterTogether}. Some may have been begun anew by now, by another thread. */
  void leaveTogether(List<Flight> others, Flight leader) {
    synchronized (lock) {
      for (Flight other : others) {
        if (other.awaited == leader) {
          other.awaited = null;
        }
      }
    }
  }

  /**
   * Notes that the getter of {@code waiter} now waits for {@code flight}.
   *
   * @throws LoadException if it would wait for itself; the message names the circle
   */
  void enterWait(Flight waiter, Flight flight) throws LoadException {
    synchronized (lock) {
      for (Flight f = flight; f != null; f = f.awaited) {
        if (isInChain(f, waiter)) {
          throw new LoadException("load cycle: " + path(waiter, flight, f));
        }
      }
      waiter.awaited = flight;
    }
  }

  /** Notes that the getter of {@code waiter} goes on. */
  void leave(@Nullable Flight waiter) {
    if (waiter != null) {
      synchronized (lock) {
        waiter.awaited = null;
      }
    }
  }

  private static boolean isInChain(Flight flight, Flight chain) {
    for (Flight f = chain; f != null; f = f.parent) {
      if (f == flight) {
        return true;
      }
    }
    return false;
  }

  /**
   * Names the circle: from the closing flight down to the waiter, over to the flight that it wants,
   * and on to the closing one.
   */
  private static String path(Flight waiter, Flight wanted, Flight closing) {
    String path = waiter.toString();
    for (Flight f = waiter; f != closing && f.parent != null; f = f.parent) {
      path = f.parent + " -> " + path;
    }
    for (Flight f = wanted; f != null; f = f == closing ? null : f.awaited) {
      path += isLed(f, closing) ? "" : " -> " + f;
    }
    return path;
  }

  /** Whether the next flight is the call of a loader for the key of this one. */
  private static boolean isLed(Flight flight, Flight closing) {
    return flight != closing
        && flight.awaited != null
        && flight.awaited.toString().equals(flight.toString());
  }
}
