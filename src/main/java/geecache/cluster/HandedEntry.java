package geecache.cluster;

import java.util.List;

/**
 * An entry that a node which leaves hands to the next owner of its key.
 *
 * @param value not copied
 * @param ageMillis the time since its load began; -1 for a value without an end
 * @param lifeMillis what remains until its end; -1 for a value without an end
 * @param removed the removals of its key that were carried out before the value was read
 */
public record HandedEntry(
    String key, byte[] value, long ageMillis, long lifeMillis, List<Removal.Carried> removed) {
  /** The most entries in one message. */
  public static final int MOST_IN_A_MESSAGE = 1_000;

  /** Past this many bytes of values a message takes no further entry. */
  public static final int LONG_ENOUGH = 512 << 10;
}
