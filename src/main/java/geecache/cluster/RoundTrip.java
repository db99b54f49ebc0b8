package geecache.cluster;

import geecache.Ticker;

/** The time from a request to the beginning of its answer. Measured only if anybody listens. */
final class RoundTrip {
  private final PeerTraffic traffic;
  private final Ticker ticker;
  private final boolean heard;
  private final long begun;

  private RoundTrip(PeerTraffic traffic, Ticker ticker) {
    this.traffic = traffic;
    this.ticker = ticker;
    this.heard = traffic.roundTrips().isHeard();
    this.begun = heard ? ticker.nanos() : 0;
  }

  static RoundTrip begin(PeerTraffic traffic, Ticker ticker) {
    return new RoundTrip(traffic, ticker);
  }

  void end() {
    if (heard) {
      traffic.roundTrips().tell(ticker.nanos() - begun);
    }
  }
}
