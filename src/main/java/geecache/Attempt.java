package geecache;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to get the value of a key. It is under way, and any number of gets wait for it. A
 * {@link Flight} loads the key, a {@link Fetch} asks a peer for it. A get has a seat in it for as
 * long as it waits. A seat that its get could not give back, because its stack ended, is given back
 * when this lands.
 *
 * <p>Under the lock of this only its fields are read and written, and the counts of {@link
 * WaiterLimit}: no get is told there, and nothing waits.
 */
abstract sealed class Attempt permits Flight, Fetch {
  private final String group;
  final String key;

  /** {@link Fences#current} when this was made: a removal with a later fence voids it. */
  final long fence;

  /**
   * Null until this has landed, which is once, after it left the {@link JoinTable}. A caller that
   * sees an outcome, and gets again, does not join this again. Written under the lock of this.
   */
  private volatile @Nullable LoadOutcome outcome;

  /** What threads wait for; null for none. Guarded by this, as the fields below are. */
  private @Nullable CompletableFuture<LoadOutcome> future;

  /** The seats that are taken; none once this has landed. */
  private int seats;

  /** How many of {@code seats} are guests'. */
  private int guests;

  /** The callers that have them. */
  private int callers;

  /**
   * How long all callers have waited until {@code now}, less {@code callers * now}; it may wrap.
   */
  private long waited;

  /** Whether no more seats are given: this has landed, or is given up for want of gets. */
  private boolean closed;

  /** The gets without a thread, in the order in which they came; null for none. */
  private @Nullable Set<Consumer<LoadOutcome>> waiting;

  /**
   * The gets that can load the key themselves, in the order in which they came; null for none. What
   * completes first decides whether such a get has the lease, an outcome, or has given up.
   */
  private @Nullable Set<CompletableFuture<LoadOutcome>> candidates;

  Attempt(String group, String key, long fence) {
    this.group = group;
    this.key = key;
    this.fence = fence;
  }

  /**
   * Whether nothing was begun for this, as far as it knows. A get that has found this for a while
   * begins it: the thread that made it may have died of a full stack or heap.
   */
  abstract boolean isStalled();

  /** Returns the outcome; null until this has landed. */
  final @Nullable LoadOutcome outcome() {
    return outcome;
  }

  final boolean hasLanded() {
    return outcome != null;
  }

  /**
   * Returns a future for threads to wait for: completed when this lands, and never exceptionally.
   * Gets without a thread are told by {@link #land}.
   */
  final synchronized CompletableFuture<LoadOutcome> future() {
    if (future == null) {
      future =
          outcome == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(outcome);
    }
    return future;
  }

  /** Returns how many gets have a seat. */
  final synchronized int seats() {
    return seats;
  }

  /**
   * Takes a seat, which the caller has entered at the limit; returns false if this gives none. When
   * this lands, all its seats are given back.
   *
   * @param more how many callers it is for
   */
  final synchronized boolean takeSeat(boolean guest, int more, long now) {
    if (closed) {
      return false;
    }
    seats++;
    guests += guest ? 1 : 0;
    add(more, now);
    return true;
  }

  /**
   * Gives a seat back; returns whether it was the last one, and this is still under way.
   *
   * @param fewer how many callers it was for
   */
  final synchronized boolean leaveSeat(boolean guest, int fewer, long now, WaiterLimit limit) {
    if (outcome != null) {
      leaveAllSeats(limit);
      return false;
    }
    add(-fewer, now);
    if (guest) {
      limit.leaveGuests(1);
      guests--;
    }
    limit.leave(1);
    return --seats == 0;
  }

  /** Notes that a seat is for so many more callers, or fewer. */
  final synchronized void add(int more, long now) {
    callers += more;
    waited -= more * now;
  }

  /** Returns how many callers have a seat. */
  final synchronized int callers() {
    return callers;
  }

  /** Returns how long all callers together have waited, also those that gave up, in nanoseconds. */
  final synchronized long waited(long now) {
    return waited + callers * now;
  }

  /** Each step may end for want of stack; then a later call goes on. */
  private synchronized void leaveAllSeats(WaiterLimit limit) {
    if (guests > 0) {
      limit.leaveGuests(guests);
      guests = 0;
    }
    if (seats > 0) {
      limit.leave(seats);
      seats = 0;
    }
  }

  /** Gives no more seats if none is taken; returns whether that is so. */
  final synchronized boolean closeIfUnwanted() {
    closed |= seats == 0;
    return closed;
  }

  /** Tells {@code get} the outcome when this lands, or at once if it has. It must be short. */
  final void tell(Consumer<LoadOutcome> get) {
    synchronized (this) {
      if (outcome == null) {
        if (waiting == null) {
          waiting = new LinkedHashSet<>();
        }
        waiting.add(get);
        return;
      }
    }
    get.accept(Objects.requireNonNull(outcome));
  }

  /** Undoes {@link #tell}, so that a get which has given up takes no memory any more. */
  final synchronized void forget(Consumer<LoadOutcome> get) {
    if (waiting != null) {
      waiting.remove(get);
    }
  }

  /** Notes a get that can load the key, until it is done. */
  final void addCandidate(CompletableFuture<LoadOutcome> get) {
    synchronized (this) {
      if (outcome != null) {
        return;
      }
      if (candidates == null) {
        candidates = new LinkedHashSet<>();
      }
      candidates.add(get);
    }
    get.whenComplete((ended, failure) -> forgetCandidate(get));
  }

  private synchronized void forgetCandidate(CompletableFuture<LoadOutcome> get) {
    if (candidates != null) {
      candidates.remove(get);
    }
  }

  /** Whether a get waits that can load the key. */
  final synchronized boolean hasCandidates() {
    return candidates != null && !candidates.isEmpty();
  }

  /** Takes the get that can load the key and has waited longest; null if there is none. */
  final synchronized @Nullable CompletableFuture<LoadOutcome> takeCandidate() {
    if (candidates == null || candidates.isEmpty()) {
      return null;
    }
    Iterator<CompletableFuture<LoadOutcome>> gets = candidates.iterator();
    CompletableFuture<LoadOutcome> first = gets.next();
    gets.remove();
    return first;
  }

  /**
   * Ends this, unless it has ended, gives its seats back at {@code limit}, and releases all that
   * wait.
   */
  final void land(LoadOutcome result, WaiterLimit limit) {
    Set<Consumer<LoadOutcome>> told;
    CompletableFuture<LoadOutcome> awaited;
    synchronized (this) {
      if (outcome != null) {
        leaveAllSeats(limit);
        return;
      }
      outcome = result;
      closed = true;
      told = waiting;
      waiting = null;
      candidates = null;
      awaited = future;
    }
    try {
      leaveAllSeats(limit);
    } finally {
      if (awaited != null) {
        awaited.complete(result);
      }
      if (told != null) {
        release(() -> told.forEach(get -> get.accept(result)));
      }
    }
  }

  /** Runs what tells the gets without a thread, whose callers may do anything then. */
  void release(Runnable gets) {
    gets.run();
  }

  /** Returns the name of this in messages. */
  @Override
  public final String toString() {
    return group + "/" + key;
  }
}
