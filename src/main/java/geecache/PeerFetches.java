package geecache;

import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks peers for the keys that they own: one question at a time for each key of a group, whose
 * answer is for all that wait. Kept apart from loads ({@link SingleFlight}), so that no two nodes
 * wait in a circle: a question of a peer is answered from memory or by a load, and never waits for
 * a fetch. A fetch takes no loader thread and no place of a load. If no peer answers, its outcome
 * is {@link LoadOutcome#NO_PEER_ANSWERED}, and the key is loaded here, once for all that waited.
 *
 * <p>Interleaving: two nodes each believe that the other owns a key. Each fetches from the other,
 * and each is asked by the other: both load, both answer. Test: {@code
 * twoNodesThatNameEachOtherBothAnswer}.
 */
final class PeerFetches {
  /** After which a peer is asked once more for gets that have more time than it was told. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final GroupParts group;
  private final GroupStore store;
  private final Counters counters;
  private final Ticker waitTicker;
  private final AtomicReference<Cluster> cluster;
  private final JoinTable<Fetch> table;

  private final WaitLimits.Remedy<Fetch> remedy =
      new WaitLimits.Remedy<>() {
        @Override
        public void begin(Fetch fetch) {
          askAnew(fetch);
        }

        @Override
        public @Nullable LoadOutcome withoutPlace(Fetch fetch) {
          return PeerFetches.this.withoutPlace(fetch);
        }
      };

  /** Set once. A fetch that reads it late is ended by the second {@link #close}. */
  private volatile boolean closed;

  PeerFetches(GroupParts group) {
    this.group = group;
    this.store = group.store();
    this.counters = group.counters();
    this.waitTicker = group.node().waitTicker();
    this.cluster = group.node().cluster();
    this.table = new JoinTable<>(store, group.waiterLimit(), fetch -> {});
  }

  /**
   * Takes a seat for a get that found nothing in memory. The first one asks the peer.
   *
   * @param guest whether a stranger asks for many keys
   * @param end when the get gives up, by the waiting ticker
   * @return null if the key is for this node to load
   * @throws OverloadedException if too many gets wait
   */
  @Nullable Seat<Fetch> join(String key, boolean guest, long end) throws OverloadedException {
    Peer peer = closed ? null : cluster.get().pick(key);
    if (peer == null) {
      return null;
    }
    store.countFetch(key);
    Seat<Fetch> seat;
    try {
      seat = seat(key, guest, end);
    } catch (OverloadedException tooMany) {
      counters.misses.increment();
      counters.rejected.increment();
      throw tooMany;
    }
    if (seat.found() != null) {
      counters.countHit(seat.found());
      return seat;
    }
    return askIfFirst(seat, peer, end);
  }

  /** Whatever fails here, the fetch lands: no other thread would ask. */
  private Seat<Fetch> askIfFirst(Seat<Fetch> seat, Peer peer, long end) {
    boolean asked = false;
    try {
      counters.misses.increment();
      if (seat.first()) {
        counters.fetches.increment();
        ask(seat.attempt(), peer, true);
      } else {
        counters.fetchesDeduplicated.increment();
        seat.attempt().extend(end);
      }
      asked = true;
      return seat;
    } finally {
      if (!asked) {
        table.giveUp(seat, LoadOutcome.NO_PEER_ANSWERED);
      }
    }
  }

  private Seat<Fetch> seat(String key, boolean guest, long end) throws OverloadedException {
    return table.seat(
        key,
        guest,
        store::mayAnswer,
        (k, fence, former) -> new Fetch(group.name(), k, fence, waitTicker, end));
  }

  private @Nullable LoadOutcome withoutPlace(Fetch fetch) {
    return fetch.isQueued()
        ? LoadOutcome.failed(
            new OverloadedException(
                "overloaded: %s waits for its turn at the node that owns the key".formatted(fetch)))
        : null;
  }

  private void askAnew(Fetch fetch) {
    Peer peer = closed ? null : cluster.get().pick(fetch.key);
    if (peer == null) {
      table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
    } else {
      ask(fetch, peer, true);
    }
  }

  /** Waits for the outcome on this thread, and gives the seat back. */
  LoadOutcome await(Seat<Fetch> seat, WaitTime wait) throws LoadTimeoutException {
    if (seat.found() != null) {
      return LoadOutcome.loaded(seat.found(), false);
    }
    try {
      return group.waits().await(Objects.requireNonNull(seat.attempt()), wait, remedy);
    } finally {
      seat.leave();
    }
  }

  /** As {@link SingleFlight#awaitAsync}, for a seat in a fetch. */
  void awaitAsync(PendingGet get, Seat<Fetch> seat, WaitTime wait, PendingGet.Step next)
      throws CacheException {
    Fetch fetch = Objects.requireNonNull(seat.attempt());
    get.await(seat, () -> group.waits().awaitAsync(fetch, wait, remedy), next);
  }

  private void ask(Fetch fetch, Peer peer, boolean first) {
    boolean asked = false;
    try {
      fetch.noteAskedAnew();
      askPeer(fetch, peer)
          .whenComplete(
              (fetched, failure) -> {
                try {
                  handleAnswer(fetch, peer, first, fetched, failure);
                } catch (RuntimeException | Error fault) { // No memory, or a cluster that throws.
                  table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
                }
              });
      fetch.asked = true;
      asked = true;
    } finally {
      if (!asked) {
        table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
      }
    }
  }

  private void handleAnswer(
      Fetch fetch,
      Peer peer,
      boolean first,
      @Nullable PeerValue fetched,
      @Nullable Throwable failure) {
    if (fetched != null) {
      table.complete(fetch, store.keepFetched(fetch.key, fetch.fence, fetched));
    } else if (isForEarlierGets(fetch, causeOf(failure)) && !fetch.closeIfUnwanted()) {
      askAgain(fetch, peer, first);
    } else if (causeOf(failure) instanceof CacheException answer) {
      table.complete(fetch, LoadOutcome.failed(answer));
    } else {
      askInstead(fetch, first ? cluster.get().pickInstead(fetch.key, peer) : null);
    }
  }

  /**
   * Whether a failure is that of gets which had less time than some that came later: the key is
   * still loading, or has no place within the time that the peer was told.
   */
  private static boolean isForEarlierGets(Fetch fetch, @Nullable Throwable failure) {
    return failure instanceof LoadTimeoutException late
        ? late.isStillLoading()
        : failure instanceof OverloadedException && fetch.waitsLongerThanTold();
  }

  /** With a pause: the gets that still have a seat may not give it back for a while. */
  private void askAgain(Fetch fetch, Peer peer, boolean first) {
    try {
      group.node().loaders().after(PAUSE, () -> ask(fetch, peer, first));
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
    }
  }

  /** A peer may throw, and a fetch that never ends would make its key unreachable. */
  private CompletableFuture<PeerValue> askPeer(Fetch fetch, Peer peer) {
    try {
      return peer.get(group.local(), fetch.key, fetch);
    } catch (RuntimeException | Error broken) {
      return CompletableFuture.failedFuture(broken);
    }
  }

  private void askInstead(Fetch fetch, @Nullable Peer other) {
    counters.fetchFailures.increment();
    if (other == null) {
      table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
    } else {
      ask(fetch, other, false);
    }
  }

  private static @Nullable Throwable causeOf(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Detaches the fetch of {@code key} that is under way: no later get joins it. */
  void detach(String key) {
    table.detach(key, () -> true);
  }

  /**
   * Detaches all fetches that began before a removal with {@code fence}: no later get joins them.
   */
  void detachAll(long fence) {
    table.detachAll(fence);
  }

  /**
   * Fails all fetches. Later gets find that the key is for this node to load, and that the node is
   * closed.
   */
  void close() {
    closed = true;
    table.completeAll(LoadOutcome.closed());
  }
}
