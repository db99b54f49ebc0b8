package geecache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A value that a getter loaded, and how long it may live.
 *
 * @param bytes the value
 * @param timeToLive how long it may be served, counted from the beginning of its load; null for the
 *     time of the group; zero if it must not be kept
 */
public record Value(ByteView bytes, @Nullable Duration timeToLive) {
  /** Refuses negative times. */
  public Value {
    if (timeToLive != null && timeToLive.isNegative()) {
      throw new IllegalArgumentException("time to live must not be negative: " + timeToLive);
    }
  }

  /** Returns a value that lives as long as its group says. */
  public static Value of(ByteView bytes) {
    return new Value(bytes, null);
  }
}
