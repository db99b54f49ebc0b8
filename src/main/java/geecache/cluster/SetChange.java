package geecache.cluster;

import geecache.Stamp;

/**
 * A value that the owner of a key stores. The removal of older values, with the same stamp, is told
 * to all nodes once the owner has stored it.
 *
 * @param value not copied, and changed by nobody
 * @param lifeMillis its time to live; 0 to remove the key, -1 for that of the group
 * @param known the changes that its node knew when the set was called; of removals of the key also
 *     those that came early
 * @param ifAbsent whether it is stored only if the key has no value
 */
public record SetChange(
    String group,
    String key,
    byte[] value,
    long lifeMillis,
    Stamp stamp,
    VersionVector known,
    boolean ifAbsent) {
  /** The most bytes that an origin takes in a message. */
  private static final int ORIGIN_BYTES = 24;

  /** A change that replaces any value. */
  public SetChange(
      String group, String key, byte[] value, long lifeMillis, Stamp stamp, VersionVector known) {
    this(group, key, value, lifeMillis, stamp, known, false);
  }

  /** Returns about how many bytes this takes in a message, apart from the names. */
  int messageBytes() {
    return value.length + ORIGIN_BYTES * known.upTo().size();
  }
}
