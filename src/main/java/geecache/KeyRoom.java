package geecache;

import geecache.internal.JsonWriter;

/**
 * The room that one answer has for the keys of a group: clients choose keys, and long ones must not
 * fill the answer of a node. For one thread.
 */
final class KeyRoom {
  /** Longer keys are not told. In UTF-16 code units. */
  static final int LONGEST_KEY = 256;

  /** For all keys together, with what is told of each. */
  static final int BYTES = 16 << 10;

  /** What is told of a key takes about so many bytes, beside the key itself. */
  private static final int BYTES_BESIDE_KEY = 96;

  private int left = BYTES;

  /** Takes the room for {@code key}, if there is enough; returns whether there was. */
  boolean take(String key) {
    int bytes = JsonWriter.bytes(key) + BYTES_BESIDE_KEY;
    if (bytes > left) {
      return false;
    }
    left -= bytes;
    return true;
  }
}
