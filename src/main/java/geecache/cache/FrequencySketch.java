package geecache.cache;

/**
 * Remembers how often keys were asked for whose entries are gone, so that a key which comes back is
 * known. Each key has {@value #ROWS} of the 16 counters of one word, four bits each, and the least
 * of them is its frequency: other keys may raise it, and none lowers it (Cormode and Muthukrishnan,
 * "An improved data stream summary: the count-min sketch", 2005). For one thread at a time.
 */
final class FrequencySketch {
  private static final int ROWS = 2;
  private static final int CELL_BITS = 4 - (ROWS - 1);
  private static final long EVEN_HALVES = 0x7777777777777777L;

  private long[] words;

  /** Makes a sketch without counts; {@code words} is a power of two. */
  FrequencySketch(int words) {
    this.words = new long[words];
  }

  /** Returns how often the key with {@code hash} was asked for, about; 0 if that is not known. */
  int frequency(int hash) {
    long word = words[hash & words.length - 1];
    int least = Usage.MOST;
    for (int row = 0; row < ROWS; row++) {
      least = Math.min(least, (int) (word >>> shift(hash, row)) & Usage.MOST);
    }
    return least;
  }

  /** Remembers that the key with {@code hash} was asked for {@code frequency} times at least. */
  void raise(int hash, int frequency) {
    int at = hash & words.length - 1;
    for (int row = 0; row < ROWS; row++) {
      int shift = shift(hash, row);
      long counter = words[at] >>> shift & Usage.MOST;
      if (counter < frequency) {
        words[at] += frequency - counter << shift;
      }
    }
  }

  /** Returns the place of a counter in its word. The bits that choose it do not choose the word. */
  private static int shift(int hash, int row) {
    int mixed = hash * 0x85ebca6b >>> 32 - CELL_BITS * ROWS;
    int cell = mixed >>> row * CELL_BITS & (1 << CELL_BITS) - 1;
    return (row << CELL_BITS | cell) << 2;
  }

  /** Halves all counts, so that what was asked for long ago is forgotten. */
  void halve() {
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i] >>> 1 & EVEN_HALVES;
    }
  }

  /**
   * Changes the number of words, which is a power of two, and keeps all counts: each word follows
   * from the low bits of the hash.
   */
  void resize(int length) {
    long[] resized = new long[length];
    for (int i = 0; i < Math.max(length, words.length); i++) {
      int to = i & length - 1;
      resized[to] = most(resized[to], words[i & words.length - 1]);
    }
    words = resized;
  }

  private static long most(long one, long other) {
    long most = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 4) {
      most |= Math.max(one >>> shift & Usage.MOST, other >>> shift & Usage.MOST) << shift;
    }
    return most;
  }
}
