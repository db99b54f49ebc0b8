package geecache;

import geecache.internal.ControlCharacters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator of bytes that the codec of a typed group cannot read: the first ones at once,
 * and after that once a minute, with the number of the others.
 */
final class UnreadableValues {
  private static final Logger log = LoggerFactory.getLogger(UnreadableValues.class);

  private final String group;
  private final Counters counters;
  private final MinuteRate rate;

  UnreadableValues(String group, Counters counters, Ticker ticker) {
    this.group = group;
    this.counters = counters;
    this.rate = new MinuteRate(ticker);
  }

  void note(String key, Exception failure) {
    counters.unreadable.increment();
    long others = rate.othersIfDue();
    if (others >= 0) {
      log.warn(
          "group {}: the codec cannot read the value of key {}, which is loaded anew{}: {}",
          group,
          ControlCharacters.escape(key),
          others == 0 ? "" : "; nor " + others + " other values since the last such line",
          ControlCharacters.escape(String.valueOf(failure)));
    }
  }
}
