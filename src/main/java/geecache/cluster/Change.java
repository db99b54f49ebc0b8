package geecache.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Removals, and perhaps a value to be stored in place of the one key removed.
 *
 * @param removed at most {@link #MOST_REMOVALS}, all of one group
 * @param value stored under the one key removed; null for none; not copied
 * @param lifeMillis the value's time to live; -1 for that of the group
 */
public record Change(List<Removal> removed, byte @Nullable [] value, long lifeMillis) {
  /** The most removals in one change. */
  public static final int MOST_REMOVALS = 1_000;

  /** Makes a change that stores nothing. */
  static Change removing(List<Removal> removed) {
    return new Change(removed, null, -1);
  }
}
