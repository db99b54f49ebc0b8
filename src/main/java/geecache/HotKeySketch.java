package geecache;

/**
 * Estimates how often other nodes were asked for each key lately, to find the few keys that are
 * worth a copy. A count-min sketch (Cormode and Muthukrishnan, 2005) of small counters. Only the
 * least counters of a key are raised (the conservative update of Estan and Varghese, 2002), and all
 * are halved each second. So a key that is asked for r times a second has a count between r and 2
 * r. A key may be taken for more popular than it is, never for less.
 *
 * <p>Counters are written without a lock. Threads that race may lose a count; the key is then found
 * popular a moment later.
 */
final class HotKeySketch {
  /** The count from which a key is popular: 4 to 8 gets a second. */
  private static final int POPULAR = 8;

  private static final int ROWS = 4;
  private static final long HALVED_EACH = 1_000_000_000L;

  private final byte[] counts;
  private final int columnMask;
  private final Ticker ticker;

  /**
   * Written by the thread that halves the counters. A thread that reads the former value may halve
   * them once too often.
   */
  private volatile long halvedAt;

  /**
   * Makes a sketch without counts.
   *
   * @param keys the number of keys to tell apart, about; the sketch takes 4 to 8 bytes for each
   */
  HotKeySketch(int keys, Ticker ticker) {
    int columns = Integer.highestOneBit(Math.max(1, keys - 1)) << 1;
    this.columnMask = columns - 1;
    this.counts = new byte[ROWS * columns];
    this.ticker = ticker;
    this.halvedAt = ticker.nanos();
  }

  /** Counts one question for {@code key}. */
  void count(String key) {
    halveWhenDue();
    long hash = spread(key.hashCode());
    int least = least(hash);
    for (int row = 0; row < ROWS; row++) {
      int cell = cell(hash, row);
      if (counts[cell] == least && least < Byte.MAX_VALUE) {
        counts[cell]++;
      }
    }
  }

  /** Whether {@code key} is asked for so often that a copy pays. */
  boolean isPopular(String key) {
    halveWhenDue();
    return least(spread(key.hashCode())) >= POPULAR;
  }

  private int least(long hash) {
    int least = Byte.MAX_VALUE;
    for (int row = 0; row < ROWS; row++) {
      least = Math.min(least, counts[cell(hash, row)]);
    }
    return least;
  }

  private int cell(long hash, int row) {
    return row * (columnMask + 1) + ((int) (hash >>> (row * 16)) & columnMask);
  }

  private void halveWhenDue() {
    long now = ticker.nanos();
    long seconds = (now - halvedAt) / HALVED_EACH;
    if (seconds <= 0) {
      return;
    }
    halvedAt += seconds * HALVED_EACH;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (byte) (counts[i] >> Math.min(seconds, Byte.SIZE - 1));
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
