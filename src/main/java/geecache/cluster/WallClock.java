package geecache.cluster;

/**
 * The time of day, of which changes are stamped. Everything else in the cluster measures durations
 * with a {@link geecache.Ticker}. Safe for use by many threads.
 */
@FunctionalInterface
public interface WallClock {
  /** Returns the milliseconds since 1970. May jump in either direction. */
  long millis();
}
