package geecache.cluster;

import geecache.Peer;
import java.time.Duration;

/** Callers who wait for long, and remember nothing. */
record Patient() implements Peer.Callers {
  @Override
  public Duration left() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void noteQueued(boolean waits) {}
}
