package geecache.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Places of which several sharers take some, and none takes all. One half is divided evenly: each
 * sharer has its part for itself, at least one place. Of the other half the first comers take. Safe
 * for use by many threads.
 */
public final class FairPlaces {
  private final int places;
  private final IntSupplier sharers;

  /** The places taken by each sharer, without zeros. Guarded by this. */
  private final Map<String, Integer> taken = new HashMap<>();

  /**
   * Makes places that are all free.
   *
   * @param places how many there are; if there are more sharers, each has one all the same
   * @param sharers returns how many may take places
   */
  public FairPlaces(int places, IntSupplier sharers) {
    this.places = places;
    this.sharers = sharers;
  }

  /** Whether {@link #tryTake} would take a place now. */
  public synchronized boolean hasRoomFor(String sharer) {
    int share = Math.max(1, places / 2 / Math.max(1, sharers.getAsInt()));
    int mine = taken.getOrDefault(sharer, 0);
    if (mine < share) {
      return true;
    }
    int common = Math.max(0, places - share * Math.max(1, sharers.getAsInt()));
    int commonTaken = taken.values().stream().mapToInt(n -> Math.max(0, n - share)).sum();
    return commonTaken < common;
  }

  /** Takes a place; returns false if {@code sharer} gets none. */
  public synchronized boolean tryTake(String sharer) {
    boolean room = hasRoomFor(sharer);
    if (room) {
      take(sharer);
    }
    return room;
  }

  /** Takes a place even if there is no room. */
  public synchronized void take(String sharer) {
    taken.merge(sharer, 1, Integer::sum);
  }

  /** Gives a place back. */
  public synchronized void giveBack(String sharer) {
    taken.computeIfPresent(sharer, (s, n) -> n == 1 ? null : n - 1);
  }
}
