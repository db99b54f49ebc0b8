package geecache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Estimates how often each key was asked for lately, to find the few keys that are worth a copy. A
 * count-min sketch (Cormode and Muthukrishnan, 2005) of small counters. Only the least counters of
 * a key are raised (the conservative update of Estan and Varghese, 2002), and all are halved at
 * regular times. So a key that is asked for r times between two of them has a count between r and 2
 * r. A key may be taken for more popular than it is, never for less.
 *
 * <p>Counters are written without a lock. Threads that race may lose a count; the key is then found
 * popular a moment later.
 */
final class HotKeySketch {
  private static final long MOST_KEYS = 1 << 16;
  private static final long FEWEST_KEYS = 1 << 8;

  private static final int ROWS = 4;

  private final int most;
  private final long halvedEach;
  private final Ticker ticker;
  private final int columnMask;

  /**
   * Null before the first count: most groups of most nodes count nothing. Of threads that race to
   * make it, one wins, and the counts of the others are lost.
   */
  private short @Nullable [] counts;

  /**
   * Written by the thread that halves the counters. A thread that reads the former value may halve
   * them once too often.
   */
  private volatile long halvedAt;

  /**
   * Makes a sketch without counts.
   *
   * @param keys the number of keys to tell apart, about; once something was counted, the sketch
   *     takes 8 to 16 bytes for each
   * @param most the highest count: what is popular is so for a while at most once nobody asks
   */
  HotKeySketch(int keys, int most, Duration halvedEach, Ticker ticker) {
    int columns = Integer.highestOneBit(Math.max(1, keys - 1)) << 1;
    this.columnMask = columns - 1;
    this.most = most;
    this.halvedEach = halvedEach.toNanos();
    this.ticker = ticker;
    this.halvedAt = ticker.nanos();
  }

  /** Makes a sketch for a group with so many bytes, or without a bound if that is 0. */
  static HotKeySketch of(long maxBytes, int most, Duration halvedEach, Ticker ticker) {
    long keys = maxBytes == 0 ? MOST_KEYS : maxBytes >> 10;
    int counted = (int) Math.max(FEWEST_KEYS, Math.min(keys, MOST_KEYS));
    return new HotKeySketch(counted, most, halvedEach, ticker);
  }

  /** Counts that {@code key} was asked for so often. */
  void count(String key, int times) {
    halveWhenDue();
    short[] cells = counts();
    long hash = spread(key.hashCode());
    int raised = Math.min(least(cells, hash) + times, most);
    for (int row = 0; row < ROWS; row++) {
      int cell = cell(hash, row);
      if (cells[cell] < raised) {
        cells[cell] = (short) raised;
      }
    }
  }

  /** Returns how often {@code key} was asked for lately. */
  int estimate(String key) {
    short[] cells = counts;
    if (cells == null) {
      return 0;
    }
    halveWhenDue();
    return least(cells, spread(key.hashCode()));
  }

  private short[] counts() {
    short[] made = counts;
    if (made == null) {
      made = new short[ROWS * (columnMask + 1)];
      counts = made;
    }
    return made;
  }

  private int least(short[] cells, long hash) {
    int least = Short.MAX_VALUE;
    for (int row = 0; row < ROWS; row++) {
      least = Math.min(least, cells[cell(hash, row)]);
    }
    return least;
  }

  private int cell(long hash, int row) {
    return row * (columnMask + 1) + ((int) (hash >>> (row * 16)) & columnMask);
  }

  private void halveWhenDue() {
    long now = ticker.nanos();
    long halvings = (now - halvedAt) / halvedEach;
    if (halvings <= 0) {
      return;
    }
    halvedAt += halvings * halvedEach;
    short[] cells = counts;
    if (cells != null) {
      for (int i = 0; i < cells.length; i++) {
        cells[i] = (short) (cells[i] >> Math.min(halvings, Short.SIZE - 1));
      }
    }
  }

  /** The finisher of SplitMix64 (Steele, Lea, Flood, 2014): 16 good bits for each row. */
  private static long spread(int hash) {
    long mixed = hash * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
