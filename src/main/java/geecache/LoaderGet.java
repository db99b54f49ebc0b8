package geecache;

import geecache.CachedValue.Origin;
import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A get that no thread waits for, and whose caller can load the key: from the seat that it takes to
 * an answer, or to the lease of the key, whose holder then gives the answer. If the caller ends the
 * answer, the get is over, and a lease goes back.
 *
 * <p>{@link #join} and {@link #await} are called by one thread, each once; then whatever thread
 * brings an outcome goes on with the get.
 */
final class LoaderGet {
  /** Takes the leases that gets are given. */
  interface Holder {
    /** Has the key be loaded. Must be short; {@link LoaderGet#answer} gives the lease back. */
    void hold(Lease lease) throws CacheException;
  }

  final String key;
  final PendingGet answer = new PendingGet();

  /**
   * Done when this has an answer or a lease, or it is known that others are loading the key: what
   * comes next may take long.
   */
  final CompletableFuture<Void> settled = new CompletableFuture<>();

  private final LoaderParts parts;
  private final WaitTime time;
  private final long end;
  private final Holder holder;
  private final Supplier<Tracing.Scope> trace;

  /** Completed by a lease, by the outcome of what this waits for, or by giving up. */
  private volatile CompletableFuture<LoadOutcome> own = new CompletableFuture<>();

  /** What this waits for; the other one is null. A late reader sees the one before. */
  private volatile @Nullable Seat<Fetch> fetch;

  private volatile @Nullable Seat<Flight> flight;

  /** Whether {@link #answer} gives up what this waits for. For the thread that made this. */
  private boolean awaits;

  /**
   * Takes no seat yet.
   *
   * @param wait how long this waits for others
   */
  LoaderGet(LoaderParts parts, String key, Duration wait, Holder holder) {
    this.parts = parts;
    this.key = key;
    this.time = WaitTime.of(wait);
    this.end = parts.group().node().waitTicker().nanos() + wait.toNanos();
    this.holder = holder;
    this.trace = new GetSpans(parts.group()).captured();
    answer.whenComplete((value, failure) -> settled.complete(null));
  }

  /**
   * Takes a seat, and begins what it waits for, unless {@code asking} leaves that to the caller.
   *
   * @throws OverloadedException if too many gets wait; then this is over
   */
  void join(PeerFetches.Beginning asking) throws OverloadedException {
    Seat<Fetch> peer = parts.fetches().join(key, false, end, own, asking);
    fetch = peer;
    flight = peer == null ? parts.flights().joinToLoad(key, false, 1, own) : null;
  }

  /** As {@link #join}, for a get that has no use for what other nodes have. */
  void joinFromSource() throws OverloadedException {
    flight = parts.flights().joinFromSource(key, own);
  }

  /** Goes on with this when there is an outcome for its seat. */
  void await() throws CacheException {
    awaits = true;
    CompletableFuture<LoadOutcome> mine = own;
    boolean waits = false;
    try {
      Seat<Fetch> peer = fetch;
      if (peer != null) {
        awaitFetch(peer, mine);
      } else {
        awaitFlight(Objects.requireNonNull(flight), mine);
      }
      waits = true;
    } finally {
      if (!waits) {
        WaitLimits.abandon(mine);
      }
    }
  }

  private void awaitFetch(Seat<Fetch> seat, CompletableFuture<LoadOutcome> mine)
      throws CacheException {
    if (seat.found() != null) {
      answerBy(seat.found());
      return;
    }
    parts.fetches().awaitAsync(answer, seat, mine, rest(), outcome -> fetched(seat, outcome));
    seat.attempt().loading().thenRun(() -> settled.complete(null));
  }

  private void awaitFlight(Seat<Flight> seat, CompletableFuture<LoadOutcome> mine)
      throws CacheException {
    Flight load = seat.attempt();
    if (load == null) {
      answerBy(Objects.requireNonNull(seat.found()));
      return;
    }
    parts
        .flights()
        .awaitAsync(
            answer,
            seat,
            mine,
            rest(),
            outcome -> take(outcome, Reads.originOf(load, outcome), !seat.first()));
    CompletableFuture<?> peek = load.peek;
    if (peek == null) {
      settled.complete(null);
    } else {
      peek.whenComplete((given, failure) -> settled.complete(null));
    }
  }

  private WaitTime rest() {
    return time.rest(left());
  }

  private Duration left() {
    return Duration.ofNanos(end - parts.group().node().waitTicker().nanos());
  }

  private void answerBy(Entry found) throws CacheException {
    answer.complete(parts.reads().answerOf(LoadOutcome.loaded(found, false)));
  }

  private void fetched(Seat<Fetch> seat, LoadOutcome outcome) throws CacheException {
    if (outcome == LoadOutcome.NO_PEER_ANSWERED) {
      within(
          () -> {
            own = new CompletableFuture<>();
            flight =
                parts.flights().joinAfterFetch(Objects.requireNonNull(seat.attempt()), false, own);
            fetch = null;
            await();
          });
    } else {
      take(outcome, outcome.stale() ? Origin.STALE : Origin.PEER, !seat.first());
    }
  }

  private void take(LoadOutcome outcome, Origin origin, boolean collapsed) throws CacheException {
    if (outcome.grant() instanceof Lease lease) {
      hold(lease);
    } else if (outcome.isUnfilled() && !answer.isDone() && !left().isNegative()) {
      within(
          () -> { // It joined one that cannot load.
            own = new CompletableFuture<>();
            join(parts.fetches()::askAlone);
            await();
          });
    } else {
      answer.complete(parts.reads().answerOf(outcome, origin, collapsed));
    }
  }

  private void hold(Lease lease) throws CacheException {
    answer.whenComplete((value, failure) -> lease.giveBack()); // Unless it has ended.
    if (!answer.isDone()) {
      holder.hold(lease);
      settled.complete(null);
    }
  }

  /** A step that goes on with this, as part of its trace. */
  private interface Step {
    void take() throws CacheException;
  }

  private void within(Step step) throws CacheException {
    GetSpans.within(
        trace.get(),
        () -> {
          step.take();
          return this;
        });
  }

  /** Returns the load of this node that this waits for, as {@link WaitGraph} knows it; or null. */
  @Nullable Flight awaited() {
    Seat<Fetch> peer = fetch;
    Seat<Flight> here = flight;
    if (own.isDone()) {
      return null;
    }
    return peer != null && peer.attempt() != null
        ? peer.attempt().leased
        : here == null ? null : here.attempt();
  }

  /** Gives this up, unless it has its answer; a lease that it has goes back. */
  void giveUp() {
    answer.cancel(false);
    if (!awaits) {
      try {
        WaitLimits.abandon(own);
      } finally {
        leave(fetch);
        leave(flight);
      }
    }
  }

  private static void leave(@Nullable Seat<?> seat) {
    if (seat != null) {
      seat.leave();
    }
  }
}
