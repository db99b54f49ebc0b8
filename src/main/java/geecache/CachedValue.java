package geecache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A value and where it came from, for callers that pass that on.
 *
 * @param value the value
 * @param origin where it came from
 * @param collapsed whether this get waited for a load that another get had begun
 * @param stored whether the load put the value into memory; false if it was there already
 * @param age the time since its load began; null for a value without an end
 * @param timeToLive the time until its end, negative past it; null for a value without an end
 * @param servedFor the time for which this node may still serve it, negative past that: less than
 *     {@code timeToLive} if another node owns the key; null for no limit
 * @param change the stamp of the {@code set} that stored it; null if it was loaded
 */
public record CachedValue(
    ByteView value,
    Origin origin,
    boolean collapsed,
    boolean stored,
    @Nullable Duration age,
    @Nullable Duration timeToLive,
    @Nullable Duration servedFor,
    @Nullable Stamp change) {

  /** Where a value came from. */
  public enum Origin {
    /** From memory. */
    HIT,
    /** From the peer that keeps it, or the former owner. */
    PEER,
    /** From the source: nothing was in memory. */
    MISS,
    /** From the source: the value in memory had reached its end. */
    EXPIRED,
    /** From memory, past its end, because the source failed. */
    STALE
  }

  /** Returns the value as it is after {@code time}. */
  CachedValue after(Duration time) {
    return new CachedValue(
        value,
        origin,
        collapsed,
        stored,
        age == null ? null : age.plus(time),
        timeToLive == null ? null : timeToLive.minus(time),
        servedFor == null ? null : servedFor.minus(time),
        change);
  }
}
