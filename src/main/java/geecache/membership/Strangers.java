package geecache.membership;

import geecache.internal.ControlCharacters;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what came over the network and was not believed. The log is told once. Safe for use by
 * many threads.
 */
final class Strangers {
  private static final Logger log = LoggerFactory.getLogger(Strangers.class);

  private final LongAdder dropped = new LongAdder();
  private final LongAdder malformed = new LongAdder();

  /** Whether it was said that something was dropped: once is enough. */
  private final AtomicBoolean warned = new AtomicBoolean();

  /** Notes a connection or datagram that no secret of this cluster has sealed. */
  void dropped(Object sender) {
    dropped.increment();
    if (warned.compareAndSet(false, true)) {
      log.warn(
          "what {} sends to JGroups is dropped, as all else will be that is not sealed with the"
              + " secret of this cluster: geecache.secret must be the same on all nodes",
          ControlCharacters.escape(String.valueOf(sender)));
    }
  }

  /** Notes a message that was sealed, and is none that JGroups sends here. */
  void malformed(Exception why) {
    malformed.increment();
    log.debug("a JGroups message is dropped", why);
  }

  /** Returns how many connections and datagrams came that nobody of this cluster has sealed. */
  long dropped() {
    return dropped.sum();
  }

  /** Returns how many sealed messages were refused. */
  long malformed() {
    return malformed.sum();
  }
}
