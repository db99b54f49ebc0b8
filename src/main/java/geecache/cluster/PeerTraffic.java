package geecache.cluster;

import geecache.internal.Durations;
import java.util.concurrent.atomic.LongAdder;

/**
 * What this node has asked one other node since it came to know it. Safe for use by many threads.
 */
public final class PeerTraffic {
  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final Durations roundTrips = new Durations();

  PeerTraffic() {}

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
