package geecache.cluster;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The question of one node to another for a key.
 *
 * @param removed the removals of the key that the asking node knows; the other node carries out
 *     those that it does not know before it answers
 * @param onlyIfCached whether the other node answers only from memory
 * @param left how long the callers of the asking node still wait; null if it does not say
 * @param callers how many of them wait, at least 1
 * @param copyHits how often its copy of the value answered callers since it last asked
 * @param canLoad whether one of the callers can load the key, if the other node gives the lease
 */
public record KeyRead(
    String key,
    List<Removal.Named> removed,
    boolean onlyIfCached,
    @Nullable Duration left,
    int callers,
    int copyHits,
    boolean canLoad) {
  /** The most callers and hits that count. */
  private static final int MOST = 1 << 16;

  /** Keeps numbers within bounds: they may come from another node. */
  public KeyRead {
    callers = Math.max(1, Math.min(callers, MOST));
    copyHits = Math.max(0, Math.min(copyHits, MOST));
  }

  /** A question of callers who cannot load the key. */
  public KeyRead(
      String key,
      List<Removal.Named> removed,
      boolean onlyIfCached,
      @Nullable Duration left,
      int callers,
      int copyHits) {
    this(key, removed, onlyIfCached, left, callers, copyHits, false);
  }

  /** A question of one caller that does not say how long it waits. */
  public KeyRead(String key, List<Removal.Named> removed, boolean onlyIfCached) {
    this(key, removed, onlyIfCached, null, 1, 0);
  }

  /** Questions for one key mostly are equal. */
  @Override
  public int hashCode() {
    return key.hashCode();
  }
}
