package geecache.http;

import geecache.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts requests that showed a wrong secret. The log tells of them at once, and then once a minute
 * at most, so that nobody fills it. Neither the secret nor anything else of a request is logged.
 */
final class WrongSecrets {
  private static final Logger log = LoggerFactory.getLogger(WrongSecrets.class);
  private static final long BETWEEN_LINES = TimeUnit.MINUTES.toNanos(1);

  private final Ticker ticker;
  private final AtomicLong count = new AtomicLong();

  /** The time of the next line. */
  private final AtomicLong next;

  WrongSecrets(Ticker ticker) {
    this.ticker = ticker;
    this.next = new AtomicLong(ticker.nanos());
  }

  /** Counts one more. */
  void add() {
    long counted = count.incrementAndGet();
    long now = ticker.nanos();
    long due = next.get();
    if (now - due >= 0 && next.compareAndSet(due, now + BETWEEN_LINES)) {
      log.warn(
          "requests with a wrong secret were refused, {} until now; has a node or a client still a"
              + " former geecache.secret? The container's access log has them with status 401",
          counted);
    }
  }

  /** Returns how many there were. */
  long count() {
    return count.get();
  }
}
