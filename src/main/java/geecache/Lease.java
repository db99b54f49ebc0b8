package geecache;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * The right of one caller to load a key. It is given by the node that owns the key, which is this
 * node or another one, and ends once: by {@link #land}, {@link #fail} or {@link #giveBack}, or
 * because the giver has ended it.
 */
interface Lease extends Grant {
  /** Whether a failure says nothing of the key, but that its caller ends or is broken. */
  static boolean isOfCaller(Throwable failure) {
    return failure instanceof Error
        || failure instanceof InterruptedException
        || failure instanceof CancellationException
        || Thread.currentThread().isInterrupted();
  }

  /** Returns the key to be loaded. */
  String key();

  /** Returns the load that gets of the key wait for, as {@link WaitGraph} knows it. */
  Flight load();

  /** Whether this has ended, so that the key is for others to load. */
  boolean hasEnded();

  /** Returns when this was given, as far as this node knows, by the ticker of the node. */
  long given();

  /**
   * Ends the load with a value. Whoever waits is given it, and the owner of the key stores it,
   * unless there was a removal meanwhile. Never blocks.
   *
   * @return what the holder's own caller is given, whatever became of the lease; done when the
   *     owner has said whether it took the value, or has not for a while. Never fails
   */
  CompletableFuture<LoadOutcome> land(Loaded loaded);

  /**
   * Ends the load without a value: it fails for those who wait, if the exception says something of
   * the key; else the next caller that waits and can load has the lease.
   */
  void fail(Throwable failure, long begun);

  /**
   * What a loader brought.
   *
   * @param value the value
   * @param begun when the loader was called, by the ticker of the node
   * @param ended when it returned
   * @param snapshot how long before the lease was given the snapshot began that the value was read
   *     from, in nanoseconds: 0 if it began later; {@link #UNKNOWN} if that is not known
   */
  record Loaded(Value value, long begun, long ended, long snapshot) {
    static final long UNKNOWN = -1;

    /** Whether others may be given it. */
    boolean isOfKnownAge() {
      return snapshot != UNKNOWN;
    }
  }
}
