package geecache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the holder of a lease ends it, as the node is told that gave it. Times are relative, so that
 * the clocks of nodes need not agree.
 *
 * @param value what was loaded; null if nothing was
 * @param age the time since the load began
 * @param snapshot how long before the holder was given the lease the snapshot of the source began
 *     that the value was read from; zero if it began later
 * @param failure why there is no value; null if there is one, or the lease is given back
 */
public record LeaseEnd(
    @Nullable Value value, Duration age, Duration snapshot, @Nullable CacheException failure) {
  /** What became of it. */
  public enum Taken {
    /** Those who wait have it. */
    LANDED,
    /** The lease had ended before, or the value may be older than a removal. */
    REFUSED
  }

  /** Returns the end of a lease that is given back: another caller may load the key. */
  public static LeaseEnd givenBack() {
    return new LeaseEnd(null, Duration.ZERO, Duration.ZERO, null);
  }

  /** Returns the end of a lease whose load failed. */
  public static LeaseEnd failed(CacheException failure) {
    return new LeaseEnd(null, Duration.ZERO, Duration.ZERO, failure);
  }
}
