package geecache.cluster;

import org.jspecify.annotations.Nullable;

/**
 * A removal as nodes tell it to each other. Two removals with the same origin and number are the
 * same.
 *
 * @param origin the id of the node that removed
 * @param number the sequence number of the removal at its origin
 * @param group the group's name
 * @param key the key that was removed; null for the whole group
 */
public record Removal(long origin, long number, String group, @Nullable String key) {
  /** The most removals of one key that a read or an entry names. */
  public static final int MOST_NAMED = 64;

  /** Identifies a removal. */
  public record Id(long origin, long number) {}

  /**
   * A removal that a read names.
   *
   * @param everything whether the whole group was removed, and not only the key that is read
   */
  public record Carried(Id id, boolean everything) {}

  /** Returns the id of this removal. */
  public Id id() {
    return new Id(origin, number);
  }
}
