package geecache.cache;

/**
 * What a store knows of the use of one entry, in one word: from its low end how often it was asked
 * for, in 4 bits; what it cost to load, in 8; and the tick in which it was last asked for, in 20.
 * Threads that race on the word lose a hit, and never see halves.
 */
final class Usage {
  /** The highest frequency; more is not told apart. */
  static final int MOST = 15;

  private static final int COST_SHIFT = 4;
  private static final int TICK_SHIFT = 12;
  private static final int LAST_TICK = -1 >>> TICK_SHIFT;

  private Usage() {}

  static int of(int frequency, int cost, int tick) {
    return tick << TICK_SHIFT | cost << COST_SHIFT | frequency;
  }

  /** Returns {@code usage} after a hit; the same word if it knows no more than before. */
  static int hit(int usage, int tick) {
    return of(Math.min(frequency(usage) + 1, MOST), cost(usage), tick);
  }

  /** Returns {@code usage} with half the frequency, which is 1 at least. */
  static int halved(int usage) {
    int frequency = Math.max(1, frequency(usage) / 2);
    return usage & ~MOST | frequency;
  }

  /**
   * Returns {@code usage} after a load that replaced the value: its cost is the mean of the costs
   * before and of this one, if both are known.
   */
  static int reloaded(int usage, int cost) {
    int former = cost(usage);
    if (cost == LoadCosts.UNKNOWN) {
      return usage;
    }
    int mean = former == LoadCosts.UNKNOWN ? cost : (former + cost) / 2;
    return usage & ~(LoadCosts.NUMBERS - 1 << COST_SHIFT) | mean << COST_SHIFT;
  }

  /** Returns how often the entry was asked for, about; from 1 to {@link #MOST}. */
  static int frequency(int usage) {
    return usage & MOST;
  }

  /** Returns the number of the cost; see {@link LoadCosts}. */
  static int cost(int usage) {
    return usage >>> COST_SHIFT & LoadCosts.NUMBERS - 1;
  }

  /**
   * Returns the ticks since the entry was last asked for; 0 if that was after {@code tick}, which
   * another thread may have read a while ago. Ticks begin anew after 2^20, and are told apart for
   * half as long.
   */
  static int idle(int usage, int tick) {
    int idle = tick - (usage >>> TICK_SHIFT) & LAST_TICK;
    return idle > LAST_TICK / 2 ? 0 : idle;
  }
}
