package geecache;

import geecache.internal.ControlCharacters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator of values that a group cannot keep, which each get loads again: the first one
 * at once, and after that one a minute, with the number of the others.
 */
final class LargeValues {
  private static final Logger log = LoggerFactory.getLogger(LargeValues.class);

  private final String group;
  private final Counters counters;
  private final MinuteRate rate;

  LargeValues(String group, NodeParts node, Counters counters) {
    this.group = group;
    this.counters = counters;
    this.rate = new MinuteRate(node.ticker());
  }

  /** Notes a value that is served, and not kept. */
  void noteNotKept(String key, long bytes, long most) {
    note(
        key,
        "takes %d bytes of heap, and maxBytes (max-bytes) has room for %d: it is served and not kept"
            .formatted(bytes, most));
  }

  /** Notes a value that is not even served. */
  void noteRefused(String key, long bytes, long most) {
    note(
        key,
        "has %d bytes, and maxValueBytes (max-value-bytes) is %d: its load failed"
            .formatted(bytes, most));
  }

  private void note(String key, String what) {
    counters.tooLarge.increment();
    long others = rate.othersIfDue();
    if (others >= 0) {
      log.warn(
          "group {}: the value of key {} {}; each get loads it again{}",
          group,
          ControlCharacters.escape(key),
          what,
          others == 0 ? "" : "; so did " + others + " other loads of large values");
    }
  }
}
