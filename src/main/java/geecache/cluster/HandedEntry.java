package geecache.cluster;

import geecache.Stamp;
import org.jspecify.annotations.Nullable;

/**
 * An entry that a leaving node hands to the next owner of its key.
 *
 * @param value not copied, and changed by nobody
 * @param ageMillis the time since its load began; -1 for a value that does not expire
 * @param lifeMillis its remaining time to live; -1 for a value that does not expire
 * @param change the stamp of the set that stored it; null if it was loaded
 */
public record HandedEntry(
    String key, byte[] value, long ageMillis, long lifeMillis, @Nullable Stamp change) {
  /** The most entries in one message. */
  public static final int MOST_IN_A_MESSAGE = 1_000;

  /** A message with this many bytes of values gets no further entry. */
  public static final int LONG_ENOUGH = 512 << 10;
}
