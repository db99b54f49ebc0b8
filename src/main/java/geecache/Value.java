package geecache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a getter loaded, where it has more to say than the bytes.
 *
 * @param bytes the value
 * @param timeToLive how long it may be served, counted from when its load began; null for what the
 *     group says; zero for not to be kept at all
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
