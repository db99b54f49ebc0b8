package geecache.simulation;

import geecache.SimulatedWorld;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of a caller, who reads what the source had when it began.
 *
 * @param isUnsure whether its age is not known, or it has written
 */
record Transaction(long beginNanos, int[] versions, boolean isUnsure) {
  private static final ThreadLocal<@Nullable Transaction> CURRENT = new ThreadLocal<>();

  /** Makes it that of this thread. */
  void enter() {
    CURRENT.set(this);
  }

  /** Ends that of this thread, if there is one. */
  static void leave() {
    CURRENT.remove();
  }

  /** Returns how long ago that of this thread began, as an application says it. */
  static Optional<Duration> age(SimulatedWorld world) {
    Transaction current = CURRENT.get();
    if (current == null) {
      return Optional.of(Duration.ZERO);
    }
    return current.isUnsure
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(world.now() - current.beginNanos));
  }
}
