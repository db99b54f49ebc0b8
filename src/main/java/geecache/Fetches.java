package geecache;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One question to a peer at a time for each key of a group, and everybody who waits for its answer.
 * Kept apart from loads ({@link SingleFlight}), so that nobody waits in a circle: what a peer asks
 * of this node is answered from memory or by a load, and never waits for a fetch. A fetch takes no
 * loader thread and no place of a load. Where no peer answers it lands as {@link Landing#NOWHERE},
 * and all who waited have the key loaded here, once.
 *
 * <p>Interleaving: two nodes each believe that the other owns a key. Each fetches from the other,
 * and each is asked by the other: both load, both answer. Test: {@code
 * twoNodesThatNameEachOtherBothAnswer}.
 */
final class Fetches {
  /** A question under way. */
  static final class Fetch {
    final LocalGroup group;
    final String key;

    /** {@link Fences#now} when it was made: a removal with a later stamp voids it. */
    final long begin;

    /** Completed once, never exceptionally, after the fetch left the table. */
    final CompletableFuture<Landing> landing = new CompletableFuture<>();

    /**
     * What all who waited wait for next, if no peer answered: a load that failed at once is not
     * begun again by each. It is no older than the gets that wait. Guarded by the fetch.
     */
    @Nullable Flight load;

    Fetch(LocalGroup group, String key, long begin) {
      this.group = group;
      this.key = key;
      this.begin = begin;
    }

    @Override
    public String toString() {
      return group.name() + "/" + key;
    }
  }

  /**
   * A place in a fetch, or a value that the second look found.
   *
   * @param fetch what to wait for; null if {@code found}
   * @param first whether this seat made the fetch
   * @param found what was in memory after all
   */
  record Seat(@Nullable Fetch fetch, boolean first, @Nullable Entry found) {}

  private final LocalGroup group;
  private final Entries entries;
  private final Counters counters;
  private final AtomicReference<Cluster> peers;

  /** The fetches that a get may join. Steps on a key are atomic; only our own code runs in them. */
  private final ConcurrentMap<String, Fetch> table = new ConcurrentHashMap<>();

  /** The fetches that have been detached from the table and have not landed: few, if any. */
  private final Set<Fetch> detached = ConcurrentHashMap.newKeySet();

  /**
   * Set once; a fetch that reads it late, or was being detached, the second {@link #close} lands.
   */
  private volatile boolean closed;

  Fetches(LocalGroup group, Entries entries, Counters counters, AtomicReference<Cluster> peers) {
    this.group = group;
    this.entries = entries;
    this.counters = counters;
    this.peers = peers;
  }

  /**
   * Takes a seat for a get that found nothing in memory, and sees to it that the peer is asked.
   *
   * @return null if the key is for this node to load
   */
  @Nullable Seat join(String key) {
    Peer peer = closed ? null : peers.get().pick(key);
    if (peer == null) {
      return null;
    }
    entries.countFetch(key);
    Seat seat = seat(key);
    if (seat.found() != null) {
      return seat;
    }
    counters.misses.increment();
    if (seat.first()) {
      counters.fetches.increment();
      ask(seat.fetch(), peer, true);
    } else {
      counters.fetchesDeduplicated.increment();
    }
    return seat;
  }

  private Seat seat(String key) {
    Entry[] found = {null};
    boolean[] first = {false};
    Fetch fetch =
        table.compute(
            key,
            (k, present) -> {
              if (present != null) {
                return present;
              }
              Entry entry = entries.find(k);
              if (entry != null && entries.mayAnswer(entry)) {
                found[0] = entry;
                return null;
              }
              first[0] = true;
              return new Fetch(group, k, entries.begin());
            });
    return new Seat(fetch, first[0], found[0]);
  }

  private void ask(Fetch fetch, Peer peer, boolean first) {
    question(fetch, peer)
        .whenComplete(
            (fetched, failure) -> {
              try {
                answered(fetch, peer, first, fetched, failure);
              } catch (RuntimeException | Error fault) { // No memory, or a picker that throws.
                land(fetch, Landing.NOWHERE);
              }
            });
  }

  private void answered(
      Fetch fetch,
      Peer peer,
      boolean first,
      @Nullable PeerValue fetched,
      @Nullable Throwable failure) {
    if (fetched != null) {
      land(fetch, entries.keepFetched(fetch.key, fetch.begin, fetched));
    } else if (causeOf(failure) instanceof CacheException answer) {
      land(fetch, Landing.failed(answer));
    } else {
      askInstead(fetch, first ? peers.get().pickInstead(fetch.key, peer) : null);
    }
  }

  /** A peer is anybody's code, and a fetch that never lands would take its key along. */
  private CompletableFuture<PeerValue> question(Fetch fetch, Peer peer) {
    try {
      return peer.get(group, fetch.key);
    } catch (RuntimeException | Error broken) {
      return CompletableFuture.failedFuture(broken);
    }
  }

  private void askInstead(Fetch fetch, @Nullable Peer other) {
    counters.fetchFailures.increment();
    if (other == null) {
      land(fetch, Landing.NOWHERE);
    } else {
      ask(fetch, other, false);
    }
  }

  private static @Nullable Throwable causeOf(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Lets no later get join the fetch of {@code key} that is under way. */
  void detach(String key) {
    Fetch fetch = table.remove(key);
    if (fetch != null) {
      keepUntilItLands(fetch);
    }
  }

  /** It may land between its leaving of the table and this: so it is looked at once more. */
  private void keepUntilItLands(Fetch fetch) {
    detached.add(fetch);
    if (fetch.landing.isDone()) {
      detached.remove(fetch);
    }
  }

  /** Lets no later get join any fetch that began before a removal with {@code stamp}. */
  void detachAll(long stamp) {
    for (Fetch fetch : table.values()) {
      if (fetch.begin < stamp && table.remove(fetch.key, fetch)) {
        keepUntilItLands(fetch);
      }
    }
  }

  /** Fails all fetches; later gets find that the key is for this node to load, and it is closed. */
  void close() {
    closed = true;
    table.values().forEach(fetch -> land(fetch, Loading.closed()));
    detached.forEach(fetch -> land(fetch, Loading.closed()));
  }

  private void land(Fetch fetch, Landing landing) {
    boolean wasJoinable = table.remove(fetch.key, fetch);
    fetch.landing.complete(landing);
    if (!wasJoinable) { // Else nobody detached it, and nobody can any more.
      detached.remove(fetch);
    }
  }
}
