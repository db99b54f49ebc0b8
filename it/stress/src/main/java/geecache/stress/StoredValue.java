package geecache.stress;

import geecache.cache.ValueCache;

/**
 * A value of which a thread may see a part only, if it is handed over by a race: its fields are not
 * final.
 */
final class StoredValue {
  private static final int ROOM = 4;

  private int low;
  private int high;

  StoredValue(int number) {
    low = number;
    high = number;
  }

  /** Returns the number of a value that is seen whole; -1 for none, -2 for one that is not whole. */
  static int numberOf(StoredValue value) {
    if (value == null) {
      return -1;
    }
    return value.low == value.high ? value.low : -2;
  }

  static ValueCache<StoredValue> unbounded() {
    return new ValueCache<>(0, (key, value) -> 1, (key, value) -> {});
  }

  /** Returns a store that has room for four values. */
  static ValueCache<StoredValue> small() {
    return new ValueCache<>(ROOM, (key, value) -> 1, (key, value) -> {});
  }
}
