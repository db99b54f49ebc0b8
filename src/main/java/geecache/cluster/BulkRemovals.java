package geecache.cluster;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Removes many keys for many callers. One batch is removed and told at a time, and callers take
 * turns. Otherwise a node would remove more than its log holds before others are told, and would
 * have to have them clear everything. A call whose time is over waits for no turn any more. Safe
 * for use by many threads.
 */
final class BulkRemovals {
  /** One call. Its fields are used by one thread at a time. */
  private static final class Bulk {
    final Function<List<String>, CompletableFuture<Void>> remover;
    final CompletableFuture<Void> over;
    final CompletableFuture<Void> answer = new CompletableFuture<>();
    List<String> rest;

    Bulk(
        List<String> keys,
        Function<List<String>, CompletableFuture<Void>> remover,
        CompletableFuture<Void> over) {
      this.rest = keys;
      this.remover = remover;
      this.over = over;
    }
  }

  private final int most;
  private final Executor executor;

  /** The calls that wait for their turn. Guarded by itself, as is the field below. */
  private final ArrayDeque<Bulk> waiting = new ArrayDeque<>();

  private boolean removing;

  /**
   * Makes it for one node.
   *
   * @param most the most keys in a batch
   * @param executor runs the rest of calls whose time is over
   */
  BulkRemovals(int most, Executor executor) {
    this.most = most;
    this.executor = executor;
  }

  /**
   * Removes keys, so many at a time.
   *
   * @param remover removes one batch here, and tells all nodes; once the time of the call is over,
   *     it waits for none
   * @param over done when the time of the call is over; this completes it when the call has ended
   * @return done when all batches are
   */
  CompletableFuture<Void> remove(
      List<String> keys,
      Function<List<String>, CompletableFuture<Void>> remover,
      CompletableFuture<Void> over) {
    Bulk bulk = new Bulk(keys, remover, over);
    over.whenComplete((none, failure) -> removeLateIfWaiting(bulk));
    bulk.answer.whenComplete((none, failure) -> over.complete(null));
    if (mayBegin(bulk)) {
      removeAll();
    }
    return bulk.answer;
  }

  private boolean mayBegin(Bulk bulk) {
    synchronized (waiting) {
      waiting.add(bulk);
      boolean begins = !removing;
      removing = true;
      return begins;
    }
  }

  /** Removes batch after batch, until one has to be waited for, or there is none. */
  private void removeAll() {
    for (Bulk next = next(); next != null; next = next()) {
      Bulk bulk = next;
      CompletableFuture<Void> removed = removeSome(bulk);
      if (!removed.isDone()) { // A loop and no recursion: there may be very many.
        removed.whenComplete(
            (none, failure) -> {
              endTurn(bulk, removed);
              removeAll();
            });
        return;
      }
      endTurn(bulk, removed);
    }
  }

  private @Nullable Bulk next() {
    synchronized (waiting) {
      Bulk next = waiting.poll();
      removing = next != null;
      return next;
    }
  }

  private CompletableFuture<Void> removeSome(Bulk bulk) {
    int count = Math.min(most, bulk.rest.size());
    List<String> some = bulk.rest.subList(0, count);
    bulk.rest = bulk.rest.subList(count, bulk.rest.size());
    try {
      return bulk.remover.apply(some);
    } catch (RuntimeException | Error fault) {
      return CompletableFuture.failedFuture(fault);
    }
  }

  /** Ends the turn of a call, which takes its place behind all others. */
  private void endTurn(Bulk bulk, CompletableFuture<Void> removed) {
    note(bulk, removed);
    if (!bulk.answer.isDone()) {
      synchronized (waiting) {
        waiting.add(bulk);
      }
      if (bulk.over.isDone()) { // Perhaps before it was added.
        removeLateIfWaiting(bulk);
      }
    }
  }

  private static void note(Bulk bulk, CompletableFuture<Void> removed) {
    if (removed.isCompletedExceptionally()) {
      removed.whenComplete((none, failure) -> bulk.answer.completeExceptionally(failure));
    } else if (bulk.rest.isEmpty()) {
      bulk.answer.complete(null);
    }
  }

  private void removeLateIfWaiting(Bulk bulk) {
    synchronized (waiting) {
      if (!waiting.remove(bulk)) {
        return;
      }
    }
    removeLate(bulk);
  }

  /** Has the rest of a call removed, whose time is over, without turns. */
  private void removeLate(Bulk bulk) {
    try {
      executor.execute(() -> removeRest(bulk));
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      bulk.answer.completeExceptionally(noThread);
    }
  }

  private void removeRest(Bulk bulk) {
    while (!bulk.answer.isDone()) {
      CompletableFuture<Void> removed = removeSome(bulk);
      if (!removed.isDone()) {
        removed.whenComplete(
            (none, failure) -> {
              note(bulk, removed);
              removeLate(bulk);
            });
        return;
      }
      note(bulk, removed);
    }
  }
}
