package geecache;

import geecache.internal.Durations;

/**
 * How long the loads and gets of one group take, for those who measure it. Hits are not measured: a
 * reading of the clock costs more than a hit does.
 *
 * @param loads from the call of the getter until it returns or throws
 * @param loadWaits from when a get begins to wait for a load until it is answered or gives up
 * @param peerWaits as {@code loadWaits}, for gets that wait for the answer of a peer
 */
public record GroupDurations(Durations loads, Durations loadWaits, Durations peerWaits) {
  /** Makes durations to which nobody listens. */
  GroupDurations() {
    this(new Durations(), new Durations(), new Durations());
  }
}
