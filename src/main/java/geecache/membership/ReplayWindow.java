package geecache.membership;

import java.util.BitSet;

/**
 * Which numbers of one sender were heard, of those that may still come: datagrams are lost and
 * overtake each other. Not safe for use by several threads.
 */
final class ReplayWindow {
  /** How far a frame may be overtaken. */
  static final int SIZE = 1024;

  private final long floor;
  private final BitSet heard = new BitSet(SIZE);
  private long highest;

  /** Makes a window in which nothing below {@code floor} is admitted. */
  ReplayWindow(long floor) {
    this.floor = floor;
    highest = floor - 1;
  }

  /** Notes a number; false if it came before, or is too old to tell. */
  boolean admit(long number) {
    if (number < floor || number <= highest - SIZE) {
      return false;
    }
    if (number > highest) {
      if (number - SIZE >= highest) { // The difference of the two may be more than a long has.
        heard.clear();
      } else {
        for (long passed = highest + 1; passed < number; passed++) {
          heard.clear(slot(passed));
        }
      }
      highest = number;
      heard.set(slot(number));
      return true;
    }
    boolean first = !heard.get(slot(number));
    heard.set(slot(number));
    return first;
  }

  private static int slot(long number) {
    return (int) (number % SIZE);
  }
}
