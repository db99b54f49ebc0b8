package geecache;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How often things took how long, until it is emptied. It tells times by upper bounds of its
 * buckets, four to each power of two, and so at most a quarter too long. Takes about 600 bytes.
 * Safe for use by many threads.
 */
final class TimeHistogram {
  private static final int STEPS = 2;

  /** Ends at about 137 s; longer times count as that long. */
  private static final int LARGEST = 37;

  private final AtomicIntegerArray counts = new AtomicIntegerArray(bucketOf(1L << LARGEST) + 1);

  /** Counts a duration; a negative one counts as 0. */
  void add(long nanos) {
    counts.incrementAndGet(bucketOf(Math.min(Math.max(nanos, 0), 1L << LARGEST)));
  }

  /** The times that were counted, at one moment. */
  static final class Snapshot {
    private final int[] counts;
    private final long total;

    private Snapshot(int[] counts) {
      this.counts = counts;
      long sum = 0;
      for (int count : counts) {
        sum += count;
      }
      this.total = sum;
    }

    /**
     * Returns a time within which the given part of all ended, in nanoseconds; 0 if nothing was
     * counted.
     *
     * @param part above 0 and at most 1, such as 0.99
     */
    long within(double part) {
      long wanted = (long) Math.ceil(total * part);
      long seen = 0;
      for (int bucket = 0; bucket < counts.length; bucket++) {
        seen += counts[bucket];
        if (counts[bucket] > 0 && seen >= wanted) {
          return endOf(bucket);
        }
      }
      return 0;
    }
  }

  /**
   * Returns what was counted since the last call. What is counted meanwhile is in this or the next.
   */
  Snapshot take() {
    int[] taken = new int[counts.length()];
    for (int bucket = 0; bucket < taken.length; bucket++) {
      if (counts.get(bucket) > 0) {
        taken[bucket] = counts.getAndSet(bucket, 0);
      }
    }
    return new Snapshot(taken);
  }

  /** Times below 4 have a bucket each; later ones the power of two, and the two bits after it. */
  private static int bucketOf(long nanos) {
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(nanos, 1));
    return power < STEPS
        ? (int) nanos
        : ((power - STEPS + 1) << STEPS) + (int) (nanos >>> (power - STEPS)) - (1 << STEPS);
  }

  /** Returns the longest time that {@code bucket} counts. */
  private static long endOf(int bucket) {
    int power = (bucket >>> STEPS) + STEPS - 1;
    if (power < STEPS) {
      return Math.max(bucket, 1);
    }
    long step = (bucket & (1 << STEPS) - 1) + (1L << STEPS) + 1;
    return (step << (power - STEPS)) - 1;
  }
}
