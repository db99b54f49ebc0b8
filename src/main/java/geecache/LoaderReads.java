package geecache;

import geecache.CachedValue.Origin;
import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * How a get is answered whose caller can load the key: from memory, else by what another caller or
 * node loads, else by the caller's own loader, under a lease. Keeps no state between gets.
 */
final class LoaderReads {
  private final GroupSettings settings;
  private final GroupStore store;
  private final Ticker waitTicker;
  private final Reads reads;
  private final SingleFlight flights;
  private final PeerFetches fetches;
  private final LoaderRun runs;

  LoaderReads(GroupParts group, Reads reads, SingleFlight flights, PeerFetches fetches) {
    this.settings = group.settings();
    this.store = group.store();
    this.waitTicker = group.node().waitTicker();
    this.reads = reads;
    this.flights = flights;
    this.fetches = fetches;
    this.runs = new LoaderRun(group);
  }

  /** Gets {@code key}, which memory does not answer. */
  <E extends Exception> ByteView get(String key, Loader<E> loader) throws CacheException, E {
    KeyRule.require(key);
    Duration wait = settings.waitTimeout();
    long end = waitTicker.nanos() + wait.toNanos();
    LoadOutcome outcome;
    do {
      outcome = leaseOrOutcome(key, WaitTime.of(wait), end);
      if (outcome.grant() instanceof Lease lease) {
        outcome = runs.run(lease, loader);
      }
    } while (outcome.isUnfilled() && end - waitTicker.nanos() > 0); // Joined one that cannot load.
    return Reads.valueOf(outcome.entryOrThrow());
  }

  private LoadOutcome leaseOrOutcome(String key, WaitTime time, long end) throws CacheException {
    CompletableFuture<LoadOutcome> own = new CompletableFuture<>();
    Seat<Fetch> seat = fetches.joinToLoad(key, end, own);
    if (seat == null) {
      return flights.await(flights.joinToLoad(key, false, 1, own), own, time.rest(left(end)));
    }
    LoadOutcome fetched = fetches.await(seat, own, time.rest(left(end)));
    if (fetched != LoadOutcome.NO_PEER_ANSWERED) {
      return fetched;
    }
    CompletableFuture<LoadOutcome> here = new CompletableFuture<>();
    return flights.await(
        flights.joinAfterFetch(seat.attempt(), false, here), here, time.rest(left(end)));
  }

  private Duration left(long end) {
    return Duration.ofNanos(end - waitTicker.nanos());
  }

  /**
   * Gets {@code key} anew, for a caller that cannot read {@code value}: this node forgets that
   * value, and the caller loads the key, unless another does.
   */
  <E extends Exception> CachedValue getAnew(String key, ByteView value, Loader<E> loader)
      throws CacheException, E {
    store.forget(key, value);
    CompletableFuture<LoadOutcome> own = new CompletableFuture<>();
    Seat<Flight> seat = flights.joinFromSource(key, own);
    LoadOutcome outcome = flights.await(seat, own, WaitTime.of(settings.waitTimeout()));
    if (outcome.grant() instanceof Lease lease) {
      outcome = runs.run(lease, loader);
    }
    return reads.answerOf(outcome, seat.found() != null ? Origin.HIT : Origin.MISS, false);
  }
}
