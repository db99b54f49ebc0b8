package geecache.http;

import org.jspecify.annotations.Nullable;

/**
 * A removal as nodes tell it to each other. Two are the same if their origin and number are.
 *
 * @param origin the id of the node that removed
 * @param number the how-manieth removal of that node it is
 * @param group the group's name
 * @param key what was removed; null for everything
 */
record Removal(long origin, long number, String group, @Nullable String key) {

  /** Names a removal where its group and key are known, or do not matter. */
  record Id(long origin, long number) {}

  /**
   * A removal that a read names.
   *
   * @param everything whether all of the group was removed, and not the key that is read alone
   */
  record Carried(Id id, boolean everything) {}

  Id id() {
    return new Id(origin, number);
  }
}
