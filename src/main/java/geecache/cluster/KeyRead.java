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
 */
public record KeyRead(
    String key, List<Removal.Named> removed, boolean onlyIfCached, @Nullable Duration left) {
  /** A question that does not say how long callers wait. */
  public KeyRead(String key, List<Removal.Named> removed, boolean onlyIfCached) {
    this(key, removed, onlyIfCached, null);
  }

  /** Questions for one key mostly are equal. */
  @Override
  public int hashCode() {
    return key.hashCode();
  }
}
