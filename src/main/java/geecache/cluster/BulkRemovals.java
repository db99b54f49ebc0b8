package geecache.cluster;

import geecache.LocalGroup;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Removes many keys for many callers. One batch is removed and told at a time, and callers take
 * turns. Otherwise a node would remove more than its log holds before others are told, and would
 * have to have them clear everything. Safe for use by many threads.
 */
final class BulkRemovals {
  /** Removes one batch, and tells all nodes. */
  interface Remover {
    /**
     * Removes keys.
     *
     * @param missed takes the names of nodes that do not acknowledge
     * @return done when all nodes have acknowledged, or are named
     */
    CompletableFuture<Void> remove(LocalGroup group, List<String> keys, Set<String> missed);
  }

  /** One call. Used by one thread at a time. */
  private static final class Bulk {
    final LocalGroup group;
    final Set<String> missed = new LinkedHashSet<>();
    final CompletableFuture<Set<String>> answer = new CompletableFuture<>();
    List<String> rest;

    Bulk(LocalGroup group, List<String> keys) {
      this.group = group;
      this.rest = keys;
    }
  }

  private final int most;
  private final Remover remover;

  /** The calls that wait for their turn. Guarded by itself, as is the field below. */
  private final ArrayDeque<Bulk> waiting = new ArrayDeque<>();

  private boolean removing;

  /**
   * Makes it for one node.
   *
   * @param most the most keys in a batch
   */
  BulkRemovals(int most, Remover remover) {
    this.most = most;
    this.remover = remover;
  }

  /**
   * Removes keys, so many at a time.
   *
   * @return done with the names of the nodes that did not acknowledge
   */
  CompletableFuture<Set<String>> remove(LocalGroup group, List<String> keys) {
    Bulk bulk = new Bulk(group, keys);
    synchronized (waiting) {
      waiting.add(bulk);
      if (removing) {
        return bulk.answer;
      }
      removing = true;
    }
    removeAll();
    return bulk.answer;
  }

  /** Removes batch after batch, until one has to be waited for, or there is none. */
  private void removeAll() {
    for (Bulk next = next(); next != null; next = next()) {
      Bulk bulk = next;
      CompletableFuture<Void> removed = removeSome(bulk);
      if (!removed.isDone()) { // A loop and no recursion: there may be very many.
        removed.whenComplete(
            (none, failure) -> {
              end(bulk, removed);
              removeAll();
            });
        return;
      }
      end(bulk, removed);
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
      return remover.remove(bulk.group, some, bulk.missed);
    } catch (RuntimeException | Error fault) {
      return CompletableFuture.failedFuture(fault);
    }
  }

  /** Ends the turn of a call, which takes its place behind all others. */
  private void end(Bulk bulk, CompletableFuture<Void> removed) {
    if (removed.isCompletedExceptionally()) {
      removed.whenComplete((none, failure) -> bulk.answer.completeExceptionally(failure));
    } else if (bulk.rest.isEmpty()) {
      bulk.answer.complete(bulk.missed);
    } else {
      synchronized (waiting) {
        waiting.add(bulk);
      }
    }
  }
}
