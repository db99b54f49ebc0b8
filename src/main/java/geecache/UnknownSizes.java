package geecache;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the operator of objects that are not kept beside their bytes, once a minute at most. */
final class UnknownSizes {
  private static final Logger log = LoggerFactory.getLogger(UnknownSizes.class);

  private final String group;
  private final MinuteRate rate;

  UnknownSizes(String group, Ticker ticker) {
    this.group = group;
    this.rate = new MinuteRate(ticker);
  }

  void note(Class<?> type) {
    if (rate.othersIfDue() >= 0) {
      log.warn(
          "group {}: an object of {} is not kept decoded: it can be changed, or its size is not"
              + " known; keepDecoded(bytes) may be told the size",
          group,
          type);
    }
  }
}
