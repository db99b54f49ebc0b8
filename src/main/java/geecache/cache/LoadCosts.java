package geecache.cache;

import java.util.Arrays;

/**
 * How much the costs of loads weigh in one store. Costs are told apart in steps of an eighth of an
 * octave, which have numbers. An exceptional cost weighs no more than the 95th percentile of all,
 * and no less than the 5th. A cost that is not known weighs as much as the mean.
 */
final class LoadCosts {
  /** The number of a cost that is not known. */
  static final int UNKNOWN = 0;

  /** How many numbers there are, a power of two. The last one is for an hour and more. */
  static final int NUMBERS = 256;

  private static final int STEP_BITS = 3;

  /** What takes less than a microsecond, about, has the least cost. */
  private static final int UNIT_BITS = 10;

  private static final int TWENTIETH = 20;
  private static final int COUNTS_BETWEEN_WEIGHINGS = 64;
  private static final int MOST_COUNTED = 1 << 14;

  /** What each cost would weigh if it were not exceptional. */
  private final float[] unlimited = new float[NUMBERS];

  /**
   * The loads by cost, of which later ones count more. Guarded by {@code this}, as the next two.
   */
  private final int[] counts = new int[NUMBERS];

  private int counted;
  private int countedSinceWeighing = COUNTS_BETWEEN_WEIGHINGS;

  /**
   * What each cost weighs. Replaced as a whole under the lock, and read without it: a late reader
   * has the weights of a moment ago.
   */
  private volatile float[] weights = new float[NUMBERS];

  /**
   * Knows no cost yet: all weigh the same.
   *
   * @param power of the cost in the worth of an entry: 0 to save the most loads, 1 to save the most
   *     time
   */
  LoadCosts(double power) {
    for (int number = 0; number < NUMBERS; number++) {
      unlimited[number] = (float) Math.pow(2, power * number / (1 << STEP_BITS));
    }
    Arrays.fill(weights, 1);
  }

  /** Returns the number of a cost in nanoseconds; {@link #UNKNOWN} if that is not positive. */
  static int number(long nanos) {
    if (nanos <= 0) {
      return UNKNOWN;
    }
    long units = Math.max(1, nanos >>> UNIT_BITS);
    int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(units);
    int step = (int) ((units << STEP_BITS) >>> octave) - (1 << STEP_BITS);
    return Math.min(1 + (octave << STEP_BITS) + step, NUMBERS - 1);
  }

  /** Returns the least cost with this number, in nanoseconds; 0 if it is not known. */
  static long nanos(int number) {
    if (number == UNKNOWN) {
      return 0;
    }
    int octave = number - 1 >> STEP_BITS;
    int step = number - 1 & (1 << STEP_BITS) - 1;
    return ((1L << STEP_BITS) + step << octave + UNIT_BITS) >> STEP_BITS;
  }

  float weight(int number) {
    return weights[number];
  }

  /** Counts one load, and returns the number of its cost. */
  int count(long nanos) {
    int number = number(nanos);
    if (number != UNKNOWN) {
      countNumber(number);
    }
    return number;
  }

  private synchronized void countNumber(int number) {
    counts[number]++;
    counted++;
    countedSinceWeighing++;
    if (countedSinceWeighing >= COUNTS_BETWEEN_WEIGHINGS) {
      countedSinceWeighing = 0;
      weigh();
    }
    if (counted >= MOST_COUNTED) {
      halve();
    }
  }

  private void weigh() {
    int low = numberAt(counted / TWENTIETH);
    int high = numberAt(counted - 1 - counted / TWENTIETH);
    float[] next = new float[NUMBERS];
    double sum = 0;
    for (int number = 1; number < NUMBERS; number++) {
      next[number] = unlimited[Math.max(low, Math.min(number, high))];
      sum += (double) counts[number] * next[number];
    }
    next[UNKNOWN] = (float) (sum / counted);
    weights = next;
  }

  /** Returns the number of the cost that {@code rank} loads do not exceed. */
  private int numberAt(int rank) {
    int number = UNKNOWN;
    for (int passed = 0; passed <= rank; passed += counts[number]) {
      number++;
    }
    return number;
  }

  private void halve() {
    counted = 0;
    for (int number = 0; number < NUMBERS; number++) {
      counts[number] /= 2;
      counted += counts[number];
    }
  }
}
