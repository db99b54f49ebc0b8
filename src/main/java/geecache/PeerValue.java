package geecache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A value as a peer gave it. Times are relative, so that the clocks of nodes need not agree.
 *
 * @param value the value
 * @param age the time since its load began; null for a value without an end
 * @param timeToLive the time until its end, negative past it; null for a value without an end
 * @param stale whether it is past its end, because the source failed
 * @param change the stamp of the {@code set} that stored it; null if it was loaded
 */
public record PeerValue(
    ByteView value,
    @Nullable Duration age,
    @Nullable Duration timeToLive,
    boolean stale,
    @Nullable Stamp change) {
  /** Whether it is not past its end. */
  boolean isLive() {
    return !stale && (timeToLive == null || timeToLive.compareTo(Duration.ZERO) > 0);
  }
}
