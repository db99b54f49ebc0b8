package geecache.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be removed, and what to be stored in its place.
 *
 * @param removed all of one group, at most {@link #MOST_REMOVALS}
 * @param value to be stored under the one key removed; null for none; not copied
 * @param lifeMillis the value's time to live; -1 for the group's own
 */
public record Change(List<Removal> removed, byte @Nullable [] value, long lifeMillis) {
  /** The most removals in one change. */
  public static final int MOST_REMOVALS = 1_000;

  /** Makes a change that stores nothing. */
  static Change removing(List<Removal> removed) {
    return new Change(removed, null, -1);
  }
}
