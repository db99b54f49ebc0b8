package geecache.cluster;

import org.jspecify.annotations.Nullable;

/**
 * A removal as nodes tell it to each other. Two are the same if their origin and number are.
 *
 * @param origin the id of the node that removed
 * @param number the sequence number of the removal at its origin
 * @param group the group's name
 * @param key what was removed; null for everything
 */
public record Removal(long origin, long number, String group, @Nullable String key) {
  /** The most removals of one key that a read or an entry names. */
  public static final int MOST_NAMED = 64;

  /** Names a removal where its group and key are known, or do not matter. */
  public record Id(long origin, long number) {}

  /**
   * A removal that a read names.
   *
   * @param everything whether all of the group was removed, and not only the key that is read
   */
  public record Carried(Id id, boolean everything) {}

  /** Returns what names this removal. */
  public Id id() {
    return new Id(origin, number);
  }
}
