package geecache.source;

import geecache.OverloadedException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One place for each connection of a pool. A load takes a place before it asks the pool, and waits
 * for it in the order in which loads came; the pool itself is not fair. Most loads find a place at
 * once, since their group runs no more loads than there are connections. The others are loads that
 * a getter asks for on its own thread. Safe for use by many threads.
 */
final class ConnectionPlaces {
  /** Places without a bound, for a pool whose size is not known. */
  static final ConnectionPlaces UNBOUNDED = new ConnectionPlaces(0, Duration.ZERO);

  private final int count;
  private final Duration maxWait;
  private final Semaphore free;

  private ConnectionPlaces(int count, Duration maxWait) {
    this.count = count;
    this.maxWait = maxWait;
    this.free = new Semaphore(count, true);
  }

  /** Makes {@code count} places, for each of which a load waits {@code maxWait} at most. */
  static ConnectionPlaces of(int count, Duration maxWait) {
    return new ConnectionPlaces(count, maxWait);
  }

  /** Returns how many loads can have a connection at once. */
  int count() {
    return this == UNBOUNDED ? Integer.MAX_VALUE : count;
  }

  /** Takes a place, which the caller gives back. */
  void take() throws OverloadedException, InterruptedException {
    if (this != UNBOUNDED && !free.tryAcquire(maxWait.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new OverloadedException(
          "overloaded: all %d connections were in use for %d ms"
              .formatted(count, maxWait.toMillis()));
    }
  }

  /** Returns how many loads wait for a place. */
  int waiting() {
    return free.getQueueLength();
  }

  void giveBack() {
    if (this != UNBOUNDED) {
      free.release();
    }
  }
}
