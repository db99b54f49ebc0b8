package geecache.cluster;

import geecache.internal.Durations;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * What this node has asked one other node since it came to know it. Safe for use by many threads.
 */
public final class PeerTraffic {
  private static final int SMOOTHING = 8;

  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final Durations roundTrips = new Durations();

  /** Whether {@code lately} is kept. */
  private final AtomicBoolean measured = new AtomicBoolean();

  /** The smoothed round trip in nanoseconds; 0 before the first. A race loses one of two. */
  private volatile long lately;

  PeerTraffic() {}

  /** Keeps {@link #lately} from now on. */
  public void measure() {
    if (measured.compareAndSet(false, true)) {
      roundTrips.listen(this::smooth);
    }
  }

  /** As TCP does (RFC 6298, section 2): each new one counts for an eighth. */
  private void smooth(long nanos) {
    long before = lately;
    lately = before == 0 ? nanos : before + (nanos - before) / SMOOTHING;
  }

  /** Returns the smoothed round trip in nanoseconds; 0 if none was measured. */
  public long lately() {
    return lately;
  }

  void countRequest() {
    requests.increment();
  }

  void countFailure() {
    failures.increment();
  }

  /** Returns how many times the peer was asked, for one key or many. */
  public long requests() {
    return requests.sum();
  }

  /** Returns how many of the requests the peer did not answer. */
  public long failures() {
    return failures.sum();
  }

  /** Returns how long the peer takes until its answers begin. */
  public Durations roundTrips() {
    return roundTrips;
  }
}
