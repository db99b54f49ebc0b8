package geecache;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to get the value of a key. It is under way, and any number of gets wait for it. A
 * {@link Flight} loads the key, a {@link Fetch} asks a peer for it. A get has a seat in it for as
 * long as it waits.
 */
abstract sealed class Attempt permits Flight, Fetch {
  private final String group;
  final String key;

  /** {@link Fences#current} when this was made: a removal with a later fence voids it. */
  final long fence;

  /**
   * Completed once, never exceptionally, after the attempt left the {@link JoinTable}. A caller
   * that sees it done, and gets again, does not join it again. Only threads wait for it; gets
   * without a thread are told by {@link #land}.
   */
  final CompletableFuture<LoadOutcome> outcome = new CompletableFuture<>();

  /** The seats that are taken. Guarded by this, as the two fields below are. */
  private int seats;

  /** Whether no more seats are given: this has landed, or is given up for want of gets. */
  private boolean closed;

  /** The gets without a thread, in the order in which they came; null for none. */
  private @Nullable Set<Consumer<LoadOutcome>> waiting;

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

  /** Takes a seat for a get; returns false if this gives none. */
  final synchronized boolean takeSeat() {
    if (closed) {
      return false;
    }
    seats++;
    return true;
  }

  /** As {@link #takeSeat}, but also in an attempt that has landed, with an outcome for all. */
  final synchronized boolean takeLateSeat() {
    LoadOutcome landed = outcome.getNow(null);
    if (closed && (landed == null || landed == LoadOutcome.UNWANTED)) {
      return false;
    }
    seats++;
    return true;
  }

  /** Gives a seat back; returns whether it was the last one that was taken. */
  final synchronized boolean leaveSeat() {
    return --seats == 0;
  }

  /** Gives no more seats if none is taken; returns whether that is so. */
  final synchronized boolean closeIfUnwanted() {
    closed |= seats == 0;
    return closed;
  }

  /** Tells {@code get} the outcome when this lands, or at once if it has. It must be short. */
  final void tell(Consumer<LoadOutcome> get) {
    synchronized (this) {
      if (!outcome.isDone()) {
        if (waiting == null) {
          waiting = new LinkedHashSet<>();
        }
        waiting.add(get);
        return;
      }
    }
    get.accept(Objects.requireNonNull(outcome.getNow(null)));
  }

  /** Undoes {@link #tell}, so that a get which has given up takes no memory any more. */
  final synchronized void forget(Consumer<LoadOutcome> get) {
    if (waiting != null) {
      waiting.remove(get);
    }
  }

  /** Ends this, unless it has ended, and releases all that wait. */
  final void land(LoadOutcome result) {
    if (!outcome.complete(result)) {
      return;
    }
    Set<Consumer<LoadOutcome>> told;
    synchronized (this) {
      closed = true;
      told = waiting;
      waiting = null;
    }
    if (told != null) {
      told.forEach(get -> get.accept(result));
    }
  }

  /** Returns the name of this in messages. */
  @Override
  public final String toString() {
    return group + "/" + key;
  }
}
