package geecache;

/**
 * A source of elapsed time, for everything in a cache that ages. Tests give one that they control.
 * Safe for use by many threads.
 */
@FunctionalInterface
public interface Ticker {
  /**
   * Returns the time since some fixed origin, in nanoseconds. As with {@link System#nanoTime}, only
   * differences mean anything, and they may wrap around.
   */
  long nanos();

  /** Returns the ticker that reads {@link System#nanoTime}. */
  static Ticker system() {
    return System::nanoTime;
  }
}
