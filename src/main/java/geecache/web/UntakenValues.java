package geecache.web;

import geecache.ByteView;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds the heap that large answers hold until their clients have taken them: a value that is
 * being sent stays in the heap even if no group keeps it. Answers that share a value hold it once.
 * Safe for use by many threads.
 */
final class UntakenValues {
  private final long maxBytes;

  /** How many answers hold each value, by its identity. Guarded by this. */
  private final Map<ByteView, Integer> holders = new IdentityHashMap<>();

  /** Of all values that are held. Guarded by this. */
  private long bytes;

  UntakenValues(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Holds values; returns false if they would be too many bytes beside those of other answers. */
  synchronized boolean tryHold(List<ByteView> values) {
    long before = bytes;
    for (ByteView value : values) {
      if (holders.merge(value, 1, Integer::sum) == 1) {
        bytes += value.length();
      }
    }
    if (bytes <= maxBytes || bytes == before || before == 0) {
      return true;
    }
    release(values);
    return false;
  }

  synchronized void release(List<ByteView> values) {
    for (ByteView value : values) {
      if (holders.merge(value, -1, (n, one) -> n == 1 ? null : n - 1) == null) {
        bytes -= value.length();
      }
    }
  }
}
