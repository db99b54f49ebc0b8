package geecache;

import geecache.internal.JsonWriter;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys that are asked for most, found in bounded memory by the Space-Saving algorithm
 * (Metwally, Agrawal, El Abbadi, 2005): there are {@value #SLOTS} counts, and a key without one
 * takes over the least of them, with what it has counted as a possible error. A key that is asked
 * for in more than one of {@value #SLOTS} gets has a count. Counts fade, so that what is told is of
 * the last minutes: half of a count is of the last minute. A key whose count has faded to less than
 * half a get gives its place up.
 *
 * <p>All is guarded by this; nothing else runs under it. Adding allocates nothing.
 */
final class HotKeys {
  /** How many keys are told at most. */
  static final int MOST_TOLD = 20;

  private static final int SLOTS = 64;
  private static final double HALF_LIFE_NANOS = 60e9;

  /** Less is forgotten. */
  private static final double LEAST_COUNT = 0.5;

  /** Less is not told: what is told has three digits after the point. */
  private static final double LEAST_PER_SECOND = 0.001;

  private final String[] keys = new String[SLOTS];
  private final int[] hashes = new int[SLOTS];
  private final double[] counts = new double[SLOTS];

  /** How much of each count may be of other keys. */
  private final double[] errors = new double[SLOTS];

  private int used;

  /** How much time the counts stand for, faded as they are. In nanoseconds. */
  private double counted;

  /** Counts gets of {@code key}. */
  synchronized void add(String key, long times) {
    int hash = key.hashCode();
    for (int slot = 0; slot < used; slot++) {
      if (hashes[slot] == hash && keys[slot].equals(key)) {
        counts[slot] += times;
        return;
      }
    }
    int slot = used < SLOTS ? used++ : least();
    errors[slot] = counts[slot];
    counts[slot] += times;
    keys[slot] = key;
    hashes[slot] = hash;
  }

  private int least() {
    int least = 0;
    for (int slot = 1; slot < SLOTS; slot++) {
      if (counts[slot] < counts[least]) {
        least = slot;
      }
    }
    return least;
  }

  /** Lets the counts fade: so much time has passed since the last call. */
  synchronized void fade(long nanos) {
    double kept = Math.pow(0.5, nanos / HALF_LIFE_NANOS);
    for (int slot = used - 1; slot >= 0; slot--) {
      counts[slot] *= kept;
      errors[slot] *= kept;
      if (counts[slot] < LEAST_COUNT) {
        free(slot);
      }
    }
    counted = (counted + nanos) * kept;
  }

  /** The last slot in use moves to the place of this one. */
  private void free(int slot) {
    used--;
    keys[slot] = keys[used];
    hashes[slot] = hashes[used];
    counts[slot] = counts[used];
    errors[slot] = errors[used];
    keys[used] = "";
    counts[used] = 0;
    errors[used] = 0;
  }

  /**
   * Writes the keys with the most gets, those first, and how many a second at least.
   *
   * @param sinceFade the time since the counts faded last, in nanoseconds
   * @param room keys for which it has no room are left out
   */
  void write(long sinceFade, KeyRoom room, JsonWriter to) {
    List<Hot> told = top(sinceFade).stream().filter(hot -> room.take(hot.key)).toList();
    to.array("hotKeys", told, hot -> to.object(() -> write(hot, to)));
  }

  private static void write(Hot hot, JsonWriter to) {
    to.field("key", hot.key);
    to.field("getsPerSecond", Math.floor(hot.perSecond * 1_000) / 1_000);
  }

  /** A key, and how often it was asked for in a second, at least. */
  record Hot(String key, double perSecond) {}

  /**
   * Returns the keys with the most gets, those first. None before the counts faded once.
   *
   * @param sinceFade the time since they faded last, in nanoseconds
   */
  synchronized List<Hot> top(long sinceFade) {
    if (counted == 0) {
      return List.of();
    }
    return IntStream.range(0, used)
        .mapToObj(slot -> new Hot(keys[slot], perSecond(slot, counted + sinceFade)))
        .filter(hot -> hot.perSecond >= LEAST_PER_SECOND)
        .sorted(Comparator.comparingDouble(Hot::perSecond).reversed())
        .limit(MOST_TOLD)
        .toList();
  }

  private double perSecond(int slot, double nanos) {
    return (counts[slot] - errors[slot]) * 1e9 / nanos;
  }
}
