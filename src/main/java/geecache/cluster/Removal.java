package geecache.cluster;

import geecache.Stamp;
import org.jspecify.annotations.Nullable;

/**
 * A removal as nodes tell it to each other. Two removals with the same origin and number are the
 * same.
 *
 * @param origin the id of the node that removed
 * @param number the number of the removal at its origin; counted from 1, without gaps
 * @param time of its {@link Stamp}; 0 if a node of version 1 told it without a time
 * @param group the group's name
 * @param key the key that was removed; null for the whole group
 * @param ofSet whether it makes way for a value that was set: then it is ordered against other sets
 *     by its stamp
 */
public record Removal(
    long origin, long number, long time, String group, @Nullable String key, boolean ofSet) {
  /** The most removals of one key that a read names. */
  public static final int MOST_NAMED = 64;

  /** Identifies a removal. */
  public record Id(long origin, long number) {}

  /**
   * A removal that a read names.
   *
   * @param time of its {@link Stamp}; 0 if a node of version 1 named it
   * @param everything whether the whole group was removed, and not only the key that is read
   * @param ofSet as in {@link Removal}
   */
  public record Named(Id id, long time, boolean everything, boolean ofSet) {
    /** Names a removal that makes way for no value. */
    public Named(Id id, long time, boolean everything) {
      this(id, time, everything, false);
    }
  }

  /** Makes a removal that makes way for no value. */
  public Removal(long origin, long number, long time, String group, @Nullable String key) {
    this(origin, number, time, group, key, false);
  }

  /** Returns the id of this removal. */
  public Id id() {
    return new Id(origin, number);
  }

  Stamp stamp() {
    return new Stamp(time, origin);
  }

  Named named() {
    return new Named(id(), time, key == null, ofSet);
  }

  Removal at(long otherTime) {
    return new Removal(origin, number, otherTime, group, key, ofSet);
  }
}
