package geecache.cluster;

import geecache.Stamp;
import geecache.internal.ControlCharacters;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each change of this node a stamp that is later than the stamps of all changes which the
 * node has seen: a hybrid logical clock (Kulkarni and others, "Logical Physical Clocks", 2014). Its
 * time follows the wall clock where it can, and runs ahead of it where another node's clock does.
 * It never goes back. Safe for use by many threads.
 */
final class HybridClock {
  private static final Logger log = LoggerFactory.getLogger(HybridClock.class);

  /** A clock that is further ahead than this is wrong, and must not carry this one away. */
  static final long MOST_AHEAD_MILLIS = TimeUnit.MINUTES.toMillis(1);

  private static final long WARN_MILLIS = TimeUnit.MINUTES.toMillis(1);

  private static final int COUNTER_BITS = 16;

  private final long node;
  private final WallClock wall;

  /** When the last warning was logged, by the wall clock. A race logs one more. */
  private volatile long warned;

  /** The latest time that was given out or seen. Only grows. */
  private final AtomicLong latest = new AtomicLong();

  HybridClock(long node, WallClock wall) {
    this.node = node;
    this.wall = wall;
  }

  /** Returns a stamp later than all that were given out or seen. */
  Stamp next() {
    long physical = wall.millis() << COUNTER_BITS;
    return new Stamp(latest.updateAndGet(last -> Math.max(last + 1, physical)), node);
  }

  /** Returns the latest time that this clock knows, for other nodes. */
  long now() {
    return Math.max(latest.get(), wall.millis() << COUNTER_BITS);
  }

  /**
   * Notes a time of another node: all later stamps of this one are later than it.
   *
   * @param from names the other node, for the log
   * @return false if that time is more than a minute ahead of the wall clock, and was not noted
   */
  boolean observe(long time, String from) {
    long now = wall.millis();
    long ahead = (time >>> COUNTER_BITS) - now;
    if (ahead > MOST_AHEAD_MILLIS) {
      warn(ahead, now, from);
      return false;
    }
    latest.accumulateAndGet(time, Math::max);
    return true;
  }

  private void warn(long ahead, long now, String from) {
    if (now - warned >= WARN_MILLIS) {
      warned = now;
      log.warn(
          "refused a change or a meeting: the clock of {} is {} ms ahead of this node's, at most"
              + " {} ms are allowed; synchronize the clocks of all nodes",
          ControlCharacters.escape(from),
          ahead,
          MOST_AHEAD_MILLIS);
    }
  }
}
