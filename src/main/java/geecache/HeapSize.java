package geecache;

import org.jspecify.annotations.Nullable;

/**
 * The heap that an entry takes, by the layout of objects on a 64-bit HotSpot with compressed
 * references. {@code HeapSizeTest} compares it with the measurements of JOL.
 */
final class HeapSize {
  private static final int STRING = 24;
  private static final int ARRAY_HEADER = 16;
  private static final int BYTE_VIEW = 24;
  private static final int PLAIN = 24;
  private static final int MARKED_PLAIN = 32;
  private static final int TIMED = 64;
  private static final int MARKS = 24;
  private static final int STAMP = 32;
  private static final int DECODED = 24;

  /** With its place in the queue of the keys that go first: see {@link OwnershipLimits}. */
  private static final int DEMOTED = TIMED + 24;

  private HeapSize() {}

  /** Returns the size of an entry with its key, value and share of the store, in bytes. */
  static int of(String key, Entry entry, int storeOverhead) {
    long size = (long) storeOverhead + string(key);
    if (entry.value != null && entry.value.length() > 0) {
      size += BYTE_VIEW + array(entry.value.length());
    }
    size += sizeOf(entry) + sizeOf(entry.marks());
    return (int) Math.min(size, Integer.MAX_VALUE);
  }

  private static long sizeOf(@Nullable Marks marks) {
    if (marks == null) {
      return 0;
    }
    String absence = marks.absence();
    Decoded decoded = marks.decoded();
    return MARKS
        + (marks.change() == null ? 0 : STAMP)
        + (absence == null ? 0 : string(absence))
        + (decoded == null ? 0L : DECODED + decoded.bytes());
  }

  private static int sizeOf(Entry entry) {
    if (entry instanceof Entry.Demoted demoted) {
      return DEMOTED + sizeOf(demoted.owned());
    }
    if (entry instanceof Entry.MarkedPlain) {
      return MARKED_PLAIN;
    }
    return entry instanceof Entry.Plain ? PLAIN : TIMED;
  }

  /**
   * A string takes one byte for each char if all its chars are Latin-1, and two otherwise (JEP
   * 254).
   */
  static long string(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xff) {
        return STRING + array(2L * text.length());
      }
    }
    return STRING + array(text.length());
  }

  /** Returns the size of an array of {@code bytes}, header included. */
  static long array(long bytes) {
    return (ARRAY_HEADER + bytes + 7) & ~7;
  }
}
