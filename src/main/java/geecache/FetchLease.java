package geecache;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lease that the node which owns the key gave to a caller of this one. What the caller loads is
 * told to that node, and is for all that wait for the fetch here.
 */
final class FetchLease implements Lease {
  /** How long the holder waits for the word of the owner, at most. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  /** The fetches of a group, which go on when a lease has ended. */
  interface Fetches {
    /** Ends a fetch with what a caller of this node brought, who had the lease. */
    void land(Fetch fetch, LoadOutcome outcome);

    /** Returns {@code failure} as all are told of it that wait for {@code load}. */
    CacheException failureOf(Flight load, Throwable failure);

    /** Asks for those who wait for a fetch whose lease has ended without a result for them. */
    void askOnceMore(Fetch fetch);
  }

  private final Fetches fetches;
  private final GroupParts group;
  private final Fetch fetch;
  private final Peer.Lease given;
  private final Flight load;
  private final long givenAt;
  private final Duration patience;
  private final AtomicBoolean ended = new AtomicBoolean();

  /** Ends the lease in time. {@link #end} may miss it; then {@link #endAfter} cancels it. */
  private volatile @Nullable Future<?> overdue;

  FetchLease(Fetches fetches, GroupParts group, Fetch fetch, Peer.Lease given, Duration patience) {
    this.patience = patience;
    this.fetches = fetches;
    this.group = group;
    this.fetch = fetch;
    this.given = given;
    this.load = new Flight(group.name(), fetch.key, fetch.fence, false, false);
    this.givenAt = group.node().ticker().nanos();
  }

  @Override
  public String key() {
    return fetch.key;
  }

  @Override
  public Flight load() {
    return load;
  }

  @Override
  public boolean hasEnded() {
    return ended.get();
  }

  @Override
  public long given() {
    return givenAt;
  }

  /**
   * Has the lease be given back when its time is over, as it ends at the owner: those who wait here
   * ask once more then, and its caller still gets what it loads.
   */
  void endAfter(Duration limit) {
    try {
      Future<?> timer = group.node().loaders().after(limit, this::giveBack);
      overdue = timer;
      if (ended.get()) {
        timer.cancel(false);
      }
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      giveBack();
    }
  }

  private boolean end() {
    boolean first = ended.compareAndSet(false, true);
    Future<?> timer = overdue;
    if (first && timer != null) {
      timer.cancel(false);
    }
    return first;
  }

  @Override
  public CompletableFuture<LoadOutcome> land(Loaded loaded) {
    LoadOutcome served = group.store().served(fetch.key, loaded, fetch.fence);
    CompletableFuture<LoadOutcome> landed = CompletableFuture.completedFuture(served);
    if (!loaded.isOfKnownAge()) {
      group.counters().leasesRefused.increment();
      giveBack();
      return landed;
    }
    if (!end()) {
      return landed;
    }
    int most = group.settings().maxValueBytes();
    if (loaded.value().bytes().length() > most) {
      CompletableFuture<LeaseEnd.Taken> answer =
          refuse(
              () -> {
                group.store().noteRefused(fetch.key, loaded.value());
                return new LoadException(GroupParts.tooLarge(loaded.value().bytes(), most));
              });
      endPatience(answer); // Until then the next get of this caller would be told of this one.
      return answer.handle((taken, failure) -> served);
    }
    return tell(loaded)
        .handle(
            (taken, failure) -> {
              finish(loaded, served, taken == LeaseEnd.Taken.LANDED);
              return served;
            })
        .exceptionally(fault -> served);
  }

  /**
   * Tells the owner of a value, and returns its word, so that its memory has the value by then. If
   * nobody can be told, the fetch lands: nobody else would end it.
   */
  private CompletableFuture<LeaseEnd.Taken> tell(Loaded loaded) {
    boolean told = false;
    try {
      Duration age = Duration.ofNanos(loaded.ended() - loaded.begun());
      CompletableFuture<LeaseEnd.Taken> answer =
          given.end(new LeaseEnd(loaded.value(), age, Duration.ofNanos(loaded.snapshot()), null));
      endPatience(answer);
      told = true;
      return answer;
    } finally {
      if (!told) {
        fetches.land(fetch, LoadOutcome.FAULT);
      }
    }
  }

  private void endPatience(CompletableFuture<LeaseEnd.Taken> answer) {
    if (answer.isDone()) {
      return;
    }
    try {
      Future<?> timer =
          group.node().loaders().after(patience, () -> answer.complete(LeaseEnd.Taken.REFUSED));
      answer.whenComplete((taken, failure) -> timer.cancel(false));
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      // The question to the owner has a limit of its own.
    }
  }

  private void finish(Loaded loaded, LoadOutcome served, boolean landed) {
    if (!landed) {
      group.counters().leasesRefused.increment();
    }
    if (landed || loaded.snapshot() == 0) {
      fetches.land(fetch, served);
    } else { // It may be older than a removal that came before those who wait here.
      fetches.askOnceMore(fetch);
    }
  }

  /** Whatever fails here, the fetch lands: nobody else would end it. */
  private CompletableFuture<LeaseEnd.Taken> refuse(Supplier<CacheException> failure) {
    LoadOutcome outcome = LoadOutcome.FAULT;
    try {
      CacheException told = failure.get();
      outcome = LoadOutcome.failed(told);
      return given.end(LeaseEnd.failed(told));
    } finally {
      fetches.land(fetch, outcome);
    }
  }

  @Override
  public void fail(Throwable failure, long begun) {
    if (Lease.isOfCaller(failure)) {
      giveBack();
    } else if (end()) {
      refuse(() -> fetches.failureOf(load, failure));
    }
  }

  @Override
  public void giveBack() {
    if (end()) {
      try {
        given.end(LeaseEnd.givenBack());
      } finally {
        fetches.askOnceMore(fetch);
      }
    }
  }
}
