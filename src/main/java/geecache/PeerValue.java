package geecache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A value as a peer gave it. Times are relative, so that the clocks of nodes need not agree.
 *
 * @param value the value
 * @param age the time since its load began; null for a value without an end
 * @param timeToLive the time until its end, negative past it; null for a value without an end
 * @param endless whether the value itself has no end, and {@code timeToLive} is the time for which
 *     the peer, which does not own it, serves it
 * @param stale whether it is past its end, because the source failed
 * @param change the stamp of the {@code set} that stored it; null if it was loaded
 * @param rate how often callers of other nodes than the peer asked for it in a minute; 0 if rarely,
 *     or if the peer did not say
 */
public record PeerValue(
    ByteView value,
    @Nullable Duration age,
    @Nullable Duration timeToLive,
    boolean endless,
    boolean stale,
    @Nullable Stamp change,
    int rate) {
  /** Makes a value that is asked for rarely. */
  public PeerValue(
      ByteView value,
      @Nullable Duration age,
      @Nullable Duration timeToLive,
      boolean endless,
      boolean stale,
      @Nullable Stamp change) {
    this(value, age, timeToLive, endless, stale, change, 0);
  }

  /** Makes a value whose times are its own. */
  public PeerValue(
      ByteView value,
      @Nullable Duration age,
      @Nullable Duration timeToLive,
      boolean stale,
      @Nullable Stamp change) {
    this(value, age, timeToLive, timeToLive == null, stale, change);
  }

  /** Whether it is not past its end. */
  boolean isLive() {
    return !stale && (timeToLive == null || timeToLive.compareTo(Duration.ZERO) > 0);
  }
}
