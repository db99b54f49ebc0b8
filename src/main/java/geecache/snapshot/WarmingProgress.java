package geecache.snapshot;

import org.jspecify.annotations.Nullable;

/**
 * How far the keys of a group are loaded that were in its file at the start.
 *
 * @param group the name of the group
 * @param keys how many keys there are to load
 * @param warm how many are in memory, each of them on its owner
 * @param absent how many the source does not have any more
 * @param failed how many were given up, since their loads failed several times
 * @param lastFailure why the last load failed that did; null if none did
 */
public record WarmingProgress(
    String group, int keys, int warm, int absent, int failed, @Nullable Throwable lastFailure) {
  /** Returns how many keys have been dealt with. */
  public int done() {
    return warm + absent + failed;
  }

  /** Whether at least this part of the keys, in percent, has been dealt with. */
  public boolean has(int percent) {
    return 100L * done() >= (long) percent * keys;
  }

  @Override
  public String toString() {
    return "%d of %d keys of group %s: %d are in memory, %d are absent, %d failed"
        .formatted(done(), keys, group, warm, absent, failed);
  }
}
