package geecache.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The views of other nodes that differ from this node's view, by their fingerprints. Nodes learn of
 * a new view one after the other, so a difference is logged only if it lasts. Safe for use by many
 * threads.
 */
final class ViewDisagreements {
  /** Longer than any membership takes to tell all nodes. */
  static final Duration TRANSITION = Duration.ofSeconds(10);

  private static final int MOST = 100;

  /**
   * When each view was first heard of, in nanoseconds; null once it was logged. Guarded by this.
   */
  private final Map<Long, @Nullable Long> heardOf = new HashMap<>();

  /**
   * Notes that a node has another view. Returns whether to log it now: once for each view, when it
   * is heard of again after {@link #TRANSITION}.
   */
  synchronized boolean note(long fingerprint, long nanos) {
    if (!heardOf.containsKey(fingerprint)) {
      if (heardOf.size() < MOST) {
        heardOf.put(fingerprint, nanos);
      }
      return false;
    }
    Long first = heardOf.get(fingerprint);
    if (first == null || nanos - first < TRANSITION.toNanos()) {
      return false;
    }
    heardOf.put(fingerprint, null);
    return true;
  }

  /** Forgets all views, because this node has a new one itself. */
  synchronized void clear() {
    heardOf.clear();
  }
}
