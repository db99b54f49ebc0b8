package geecache.bench;

import java.util.Random;
import java.util.function.LongSupplier;

/**
 * How long the load of each key of a trace takes, made up, since no trace says it.
 *
 * @param name what the table calls it
 * @param nanos by number of the key
 */
record LoadTimes(String name, long[] nanos) {
  private static final double MILLI = 1e6;
  private static final double SPREAD = 1.5;

  private static final String LOG_NORMAL = "log-normal";

  /** All the same. */
  static LoadTimes equal(Trace trace) {
    return of("equal", trace, () -> (long) MILLI);
  }

  /** Log-normal: the median is 10 ms, and one in six takes 45 ms and more. */
  static LoadTimes logNormal(Trace trace) {
    Random random = new Random(7);
    return of(
        LOG_NORMAL, trace, () -> (long) (10 * MILLI * Math.exp(SPREAD * random.nextGaussian())));
  }

  /** One key in ten takes 100 ms, the others 1 ms. */
  static LoadTimes twoClasses(Trace trace) {
    Random random = new Random(7);
    return of("two classes", trace, () -> (long) (random.nextInt(10) == 0 ? 100 * MILLI : MILLI));
  }

  /** The more often a key is asked for, the less its load takes. */
  static LoadTimes againstFrequency(Trace trace) {
    long[] nanos = new long[trace.keys().length];
    for (int key : trace.requests()) {
      nanos[key]++;
    }
    for (int key = 0; key < nanos.length; key++) {
      nanos[key] = (long) (1000 * MILLI) / nanos[key];
    }
    return new LoadTimes("against frequency", nanos);
  }

  boolean isLogNormal() {
    return name.equals(LOG_NORMAL);
  }

  private static LoadTimes of(String name, Trace trace, LongSupplier next) {
    long[] nanos = new long[trace.keys().length];
    java.util.Arrays.setAll(nanos, key -> next.getAsLong());
    return new LoadTimes(name, nanos);
  }
}
