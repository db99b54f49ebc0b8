package geecache;

import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
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
final class PeerFetches implements FetchLease.Fetches {
  /** After which a peer is asked once more for gets that have more time than it was told. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** Nobody asks how long gets have waited for a fetch. */
  private static final Ticker NO_CLOCK = () -> 0;

  private final GroupParts group;
  private final GroupStore store;
  private final Counters counters;
  private final Ticker waitTicker;
  private final AtomicReference<Cluster> cluster;
  private final GetSpans spans;
  private final JoinTable<Fetch> table;
  private final BiFunction<Flight, Throwable, CacheException> failures;

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

        @Override
        public LoadTimeoutException gaveUp(Fetch fetch, String message) {
          return PeerFetches.this.gaveUp(fetch, message);
        }
      };

  /** How long holders of leases wait for the word of the owner; written by tests alone. */
  Duration patience = FetchLease.PATIENCE;

  /** Set once. A fetch that reads it late is ended by the second {@link #close}. */
  private volatile boolean closed;

  /**
   * Asks nothing yet.
   *
   * @param failures makes what those are told who wait for a load that failed
   */
  PeerFetches(GroupParts group, BiFunction<Flight, Throwable, CacheException> failures) {
    this.failures = failures;
    this.group = group;
    this.store = group.store();
    this.counters = group.counters();
    this.waitTicker = group.node().waitTicker();
    this.cluster = group.node().cluster();
    this.spans = new GetSpans(group);
    this.table = new JoinTable<>(store, group.waiterLimit(), NO_CLOCK, fetch -> {});
  }

  /** Whether a peer is to be asked for {@code key}, as far as is known now. */
  boolean isForPeer(String key) {
    return pick(key) != null;
  }

  private @Nullable Peer pick(String key) {
    return closed ? null : cluster.get().pick(group.local(), key);
  }

  /** Begins a fetch. If this throws, the fetch lands. */
  interface Beginning {
    void begin(Fetch fetch, Peer peer);
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
    return join(key, guest, end, null, this::askAlone);
  }

  /**
   * As {@link #join(String, boolean, long)}, for a get that can load the key: it may be given the
   * lease.
   *
   * @param own completed with the lease, if this get has it
   */
  @Nullable Seat<Fetch> joinToLoad(String key, long end, CompletableFuture<LoadOutcome> own)
      throws OverloadedException {
    return join(key, false, end, own, this::askAlone);
  }

  /**
   * As {@link #join(String, boolean, long)}, but the first one has {@code beginning} note the
   * fetch. The very next thing that its caller does is to give it to {@link #askAll}, with those of
   * other keys.
   */
  @Nullable Seat<Fetch> join(
      String key,
      boolean guest,
      long end,
      @Nullable CompletableFuture<LoadOutcome> own,
      Beginning beginning)
      throws OverloadedException {
    Peer peer = pick(key);
    if (peer == null) {
      return null;
    }
    store.countFetch(key);
    Seat<Fetch> seat;
    try {
      seat = seat(key, guest, end, own != null);
    } catch (OverloadedException tooMany) {
      counters.misses.increment();
      counters.rejected.increment();
      throw tooMany;
    }
    if (seat.found() != null) {
      counters.countHit(seat.found());
      return seat;
    }
    return beginIfFirst(seat, peer, end, own, beginning);
  }

  /** Whatever fails here, the fetch lands: no other thread would ask. */
  private Seat<Fetch> beginIfFirst(
      Seat<Fetch> seat,
      Peer peer,
      long end,
      @Nullable CompletableFuture<LoadOutcome> own,
      Beginning beginning) {
    boolean begun = false;
    try {
      counters.misses.increment();
      if (own != null) {
        seat.attempt().addCandidate(own);
      }
      if (seat.first()) {
        counters.fetches.increment();
        beginning.begin(seat.attempt(), peer);
      } else {
        counters.fetchesDeduplicated.increment();
        seat.attempt().extend(end);
      }
      begun = true;
      return seat;
    } finally {
      if (!begun) {
        try {
          table.giveUp(seat, LoadOutcome.NO_PEER_ANSWERED);
        } finally {
          abandon(own);
        }
      }
    }
  }

  private static void abandon(@Nullable CompletableFuture<LoadOutcome> own) {
    if (own != null) {
      WaitLimits.abandon(own);
    }
  }

  private Seat<Fetch> seat(String key, boolean guest, long end, boolean canLoad)
      throws OverloadedException {
    Supplier<Tracing.Scope> trace = spans.captured(); // No code of a user's runs in the table.
    return table.seat(
        key,
        guest,
        1,
        fetch -> fetch.canLoad || !canLoad,
        store::mayAnswer,
        (k, fence, former) ->
            new Fetch(group.name(), k, fence, former, canLoad, waitTicker, end, trace));
  }

  private @Nullable LoadOutcome withoutPlace(Fetch fetch) {
    Fetch.AskedPeer asked = fetch.askedPeer();
    return fetch.isQueued() && asked != null
        ? LoadOutcome.failed(
            new OverloadedException(
                "overloaded: %s has waited for its turn at the node that owns the key for %d ms"
                    .formatted(fetch, millisSince(asked))))
        : null;
  }

  private long millisSince(Fetch.AskedPeer asked) {
    return TimeUnit.NANOSECONDS.toMillis(waitTicker.nanos() - asked.since());
  }

  /** Says how long a peer has been asked. Strangers may read the message, so it names no peer. */
  private LoadTimeoutException gaveUp(Fetch fetch, String message) {
    Fetch.AskedPeer asked = fetch.askedPeer();
    return asked == null
        ? LoadTimeoutException.stillLoading(message + "; no node was asked yet")
        : LoadTimeoutException.stillLoadingAt(
            asked.url(),
            message
                + "; the node that owns the key has been asked for "
                + millisSince(asked)
                + " ms");
  }

  /** Returns the questions for {@code key} that are under way. */
  List<Fetch> underWay(String key) {
    return table.underWay(key);
  }

  private void askAnew(Fetch fetch) {
    Peer peer = pick(fetch.key);
    if (peer == null) {
      table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
    } else {
      ask(fetch, peer, null);
    }
  }

  /** Returns the outcome if it is there, and gives the seat back then; else null. */
  @Nullable LoadOutcome landed(Seat<Fetch> seat) {
    LoadOutcome landed = Objects.requireNonNull(seat.attempt()).outcome();
    if (landed == null) {
      return null;
    }
    seat.leave();
    return group.waits().counted(landed);
  }

  /** Waits for the outcome on this thread, and gives the seat back. */
  LoadOutcome await(Seat<Fetch> seat, WaitTime wait) throws CacheException {
    return await(seat, null, wait);
  }

  /** As {@link #await(Seat, WaitTime)}; {@code own} as for {@link #joinToLoad}, or null. */
  LoadOutcome await(Seat<Fetch> seat, @Nullable CompletableFuture<LoadOutcome> own, WaitTime wait)
      throws CacheException {
    if (seat.found() != null) {
      return LoadOutcome.loaded(seat.found(), false);
    }
    Fetch fetch = Objects.requireNonNull(seat.attempt());
    LoaderThreads loaders = group.node().loaders();
    Flight current = loaders.currentLoad();
    Flight leased = fetch.leased;
    boolean circles = current != null && leased != null && !fetch.hasLanded();
    boolean answered = false;
    try {
      if (circles) {
        loaders.waitGraph.enterWait(current, leased);
      }
      LoadOutcome outcome = group.waits().await(fetch, own, wait, remedy);
      answered = true;
      return outcome;
    } finally {
      try {
        abandon(answered ? null : own); // It may have failed before it waited.
      } finally {
        seat.leave();
        if (circles) {
          loaders.waitGraph.leave(current);
        }
      }
    }
  }

  /** As {@link SingleFlight#awaitAsync}, for a seat in a fetch. */
  void awaitAsync(PendingGet get, Seat<Fetch> seat, WaitTime wait, PendingGet.Step next)
      throws CacheException {
    awaitAsync(get, seat, null, wait, next);
  }

  /** As {@link #awaitAsync}; {@code own} as for {@link #joinToLoad}, or null. */
  void awaitAsync(
      PendingGet get,
      Seat<Fetch> seat,
      @Nullable CompletableFuture<LoadOutcome> own,
      WaitTime wait,
      PendingGet.Step next)
      throws CacheException {
    Fetch fetch = Objects.requireNonNull(seat.attempt());
    get.await(seat, () -> group.waits().awaitAsync(fetch, own, wait, remedy), next);
  }

  /** Begins the question of a fetch that a get made alone: a {@link Beginning}. */
  void askAlone(Fetch fetch, Peer peer) {
    ask(fetch, peer, null);
  }

  /**
   * Asks a peer.
   *
   * @param absent the peer that it stands in for; null for none
   */
  private void ask(Fetch fetch, Peer peer, @Nullable Peer absent) {
    boolean asked = false;
    try {
      GetSpans.within(
          fetch.trace.get(), // This may be a timer's thread, or a peer's.
          () -> {
            put(fetch, peer, absent);
            return fetch;
          });
      asked = true;
    } finally {
      if (!asked) {
        table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
      }
    }
  }

  private void put(Fetch fetch, Peer peer, @Nullable Peer absent) {
    FetchSpan span = new FetchSpan(spans.fetch(1, peer.url()), 1);
    Asked question = new Asked(fetch, peer, absent, span);
    fetch.noteAsked(peer.url(), waitTicker.nanos());
    try {
      peer.ask(group.local(), question);
    } catch (RuntimeException | Error broken) { // A fetch that never ends would block its key.
      question.fail(broken);
    }
  }

  /**
   * Asks for the keys of many fetches, which one get has made. Whatever fails here, each lands.
   *
   * @param here how long the peer may use this thread, unless that is a loader's; null for not at
   *     all
   */
  void askAll(Peer peer, List<Fetch> fetches, @Nullable Duration here) {
    boolean asked = false;
    try {
      long now = waitTicker.nanos();
      List<Asked> questions = new ArrayList<>(fetches.size());
      FetchSpan span = new FetchSpan(spans.fetch(fetches.size(), peer.url()), fetches.size());
      for (Fetch fetch : fetches) {
        questions.add(new Asked(fetch, peer, null, span));
        fetch.noteAsked(peer.url(), now);
      }
      askAllOf(peer, questions, here);
      asked = true;
    } finally {
      if (!asked) {
        fetches.forEach(fetch -> table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED));
      }
    }
  }

  /**
   * Ends a fetch that is not being asked for, if no get waits for it; returns whether it was so.
   */
  boolean dropIfUnwanted(Fetch fetch) {
    boolean unwanted = fetch.closeIfUnwanted();
    if (unwanted) {
      table.complete(fetch, LoadOutcome.UNWANTED);
    }
    return unwanted;
  }

  private void askAllOf(Peer peer, List<Asked> questions, @Nullable Duration here) {
    try {
      if (here == null || group.node().loaders().currentFlight() != null) {
        peer.askAll(group.local(), questions);
      } else {
        questions.forEach(question -> question.fetch.readHere(this::tellElsewhere));
        peer.askAllHere(group.local(), questions, here);
      }
    } catch (RuntimeException | Error broken) {
      questions.forEach(question -> question.fail(broken));
    }
  }

  /** Tells gets without a thread what came of a fetch, on the timer's thread. */
  private void tellElsewhere(Runnable gets) {
    try {
      group.node().loaders().after(Duration.ZERO, gets);
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      gets.run();
    }
  }

  /** Ends a fetch with what a caller of this node brought, who had the lease. */
  @Override
  public void land(Fetch fetch, LoadOutcome outcome) {
    table.complete(fetch, outcome);
  }

  /** Returns {@code failure} as all are told of it that wait for {@code load}. */
  @Override
  public CacheException failureOf(Flight load, Throwable failure) {
    return failures.apply(load, failure);
  }

  /** Asks for those who wait for a fetch whose lease has ended without a result for them. */
  @Override
  public void askOnceMore(Fetch fetch) {
    fetch.leased = null;
    if (!fetch.hasLanded() && !dropIfUnwanted(fetch)) {
      askAnew(fetch);
    }
  }

  /** A question to one peer. What fails when it ends is not the peer's fault. */
  private final class Asked implements Peer.Question {
    private final Fetch fetch;
    private final Peer peer;
    private final @Nullable Peer absent;
    private final FetchSpan span;

    /** Whether the peer was told that a caller can load the key. Written by those who ask. */
    private volatile boolean toLoad;

    Asked(Fetch fetch, Peer peer, @Nullable Peer absent, FetchSpan span) {
      this.fetch = fetch;
      this.peer = peer;
      this.absent = absent;
      this.span = span;
    }

    @Override
    public @Nullable String traceparent() {
      return span.traceparent();
    }

    @Override
    public String key() {
      return fetch.key;
    }

    @Override
    public Duration left() {
      return fetch.left();
    }

    @Override
    public int callers() {
      return fetch.callers();
    }

    @Override
    public int takeCopyHits() {
      return fetch.takeCopyHits();
    }

    @Override
    public void noteQueued(boolean waits) {
      fetch.noteQueued(waits);
    }

    @Override
    public void noteLoading() {
      fetch.noteLoading();
    }

    @Override
    public boolean canLoad() {
      toLoad = fetch.hasCandidates();
      return toLoad;
    }

    /** The lease goes to the get that has waited longest, if it still waits. */
    @Override
    public void lease(Peer.Lease given) {
      FetchLease lease = new FetchLease(PeerFetches.this, group, fetch, given, patience);
      boolean taken = false;
      try {
        fetch.leased = lease.load();
        CompletableFuture<LoadOutcome> get = fetch.takeCandidate();
        while (get != null && !get.complete(LoadOutcome.leased(lease))) {
          get = fetch.takeCandidate();
        }
        taken = get != null;
        lease.endAfter(group.settings().leaseTimeout());
      } finally {
        if (!taken) {
          lease.giveBack();
        }
        fetch.noteLoading();
        span.answered(null);
      }
    }

    @Override
    public void answer(PeerValue value) {
      LoadOutcome outcome;
      try {
        outcome = store.keepFetched(fetch.key, fetch.fence, value, fetch.copy);
      } catch (RuntimeException | Error fault) { // No memory, or a cluster that throws.
        outcome = LoadOutcome.NO_PEER_ANSWERED;
      }
      table.complete(fetch, outcome);
      span.answered(null);
    }

    @Override
    public void fail(Throwable failure) {
      try {
        if (isUnfilled(failure)) {
          table.complete(
              fetch,
              fetch.canLoad && !peer.givesLeases()
                  ? LoadOutcome.NO_PEER_ANSWERED
                  : LoadOutcome.unfilled(fetch.key));
        } else if (!fetch.hasLanded()) {
          handleFailure(fetch, peer, absent, failure);
        }
      } catch (RuntimeException | Error fault) {
        table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
      }
      span.answered(failure);
    }

    /**
     * Whether the peer has no value because nobody loads the key there. A node that was not told
     * that callers here can load it says of it what it says of any absent one.
     */
    private boolean isUnfilled(Throwable failure) {
      return failure instanceof KeyNotFoundException absent
          && (absent.isUnfilled() || (!toLoad && !group.hasGetter()));
    }
  }

  private void handleFailure(Fetch fetch, Peer peer, @Nullable Peer absent, Throwable failure) {
    if (isForEarlierGets(fetch, failure) && !fetch.closeIfUnwanted()) {
      fetch.noteLoading();
      askAgain(fetch, peer, absent);
    } else if (failure instanceof CacheException answer) {
      table.complete(fetch, LoadOutcome.failed(answer));
    } else {
      counters.fetchFailures.increment();
      if (absent == null) {
        askNext(fetch, peer);
      } else {
        askNextInstead(fetch, peer, absent);
      }
    }
  }

  /**
   * Asks the node that owns the key by now, if the peer turned out not to have this group with this
   * version of its values; else the one that stands in for the peer.
   */
  private void askNext(Fetch fetch, Peer failed) {
    Peer owner = pick(fetch.key);
    boolean moved = owner == null || !owner.url().equals(failed.url());
    if (moved) {
      askOneMore(fetch, owner, null);
    } else {
      askOneMore(fetch, cluster.get().pickInstead(group.local(), fetch.key, failed), failed);
    }
  }

  /**
   * Asks the next node that stands in for {@code absent}, if the one that did turned out not to
   * have this group with this version of its values.
   */
  private void askNextInstead(Fetch fetch, Peer failed, Peer absent) {
    Peer next = cluster.get().pickInstead(group.local(), fetch.key, absent);
    boolean moved = next != null && !next.url().equals(failed.url());
    askOneMore(fetch, moved ? next : null, absent);
  }

  private void askOneMore(Fetch fetch, @Nullable Peer next, @Nullable Peer absent) {
    if (next == null || !fetch.mayAskOneMore()) {
      table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
    } else {
      ask(fetch, next, absent);
    }
  }

  /**
   * Whether a failure is that of gets which had less time than some that came later: the key is
   * still loading, or has no place within the time that the peer was told.
   */
  private static boolean isForEarlierGets(Fetch fetch, Throwable failure) {
    return failure instanceof LoadTimeoutException late
        ? late.isStillLoading()
        : failure instanceof OverloadedException && fetch.waitsLongerThanTold();
  }

  /** With a pause: the gets that still have a seat may not give it back for a while. */
  private void askAgain(Fetch fetch, Peer peer, @Nullable Peer absent) {
    try {
      group.node().loaders().after(PAUSE, () -> askIfWanted(fetch, peer, absent));
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      table.complete(fetch, LoadOutcome.NO_PEER_ANSWERED);
    }
  }

  private void askIfWanted(Fetch fetch, Peer peer, @Nullable Peer absent) {
    if (!dropIfUnwanted(fetch)) {
      ask(fetch, peer, absent);
    }
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
