package geecache;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What of a group's store this node owns, and the limit on the life of all else: values that were
 * loaded here because the owner did not answer, or another node took this one for the owner, and
 * those that were lost when the nodes changed.
 *
 * <p>Interleaving: a load finds that this node owns its key; the view changes, and the walk of
 * {@link #demote()} passes by; the load stores. So it notes the view before it asks who owns the
 * key, and looks at it once more when it has stored; and so does {@code set}. ({@code
 * aLoadThatStoresWhileTheViewChangesIsDemoted}, {@code aSetThatStoresWhileTheViewChangesIsDemoted})
 */
final class OwnershipLimits {
  /** How many lost entries go for one that the store has evicted. */
  private static final int DEMOTED_PER_EVICTION = 8;

  private final AtomicReference<Cluster> cluster;
  private final long hotTimeToLive;
  private final Ticker ticker;
  private final FencedStore store;

  /**
   * The keys of what was lost by the last change: the first to go when the store is full. Their
   * places here are part of what lost entries weigh. Keys that are gone from the store stay until
   * they are polled, eight for each eviction, or all is cleared.
   */
  private final Queue<String> demoted = new ConcurrentLinkedQueue<>();

  /** Whether something was evicted since: written by whoever does, cleared by the next to store. */
  private volatile boolean full;

  OwnershipLimits(NodeParts node, long hotTimeToLive, FencedStore store) {
    this.cluster = node.cluster();
    this.hotTimeToLive = hotTimeToLive;
    this.ticker = node.ticker();
    this.store = store;
  }

  boolean owns(String key) {
    return cluster.get().owns(key);
  }

  /** Tells views apart; see {@link Cluster#view}. */
  long view() {
    return cluster.get().view();
  }

  /** Returns for how long this node may serve {@code key} after it was loaded, at most. */
  long longestLife(String key) {
    return owns(key) ? Long.MAX_VALUE : hotTimeToLive;
  }

  /** Returns {@code entry}, with its life limited if this node does not own its key. */
  Entry capped(String key, Entry entry, long begun) {
    return owns(key) ? entry : entry.cappedAt(begun, begun + hotTimeToLive);
  }

  /**
   * Limits the life of everything that this node does not own (any more), and gives what it owns
   * again its own life back.
   */
  void demote() {
    demoted.clear();
    store
        .hottest()
        .forEach(
            (key, entry) -> {
              if (entry instanceof Entry.Demoted || !owns(key)) {
                demote(key);
                demoted.add(key);
              }
            });
  }

  /** Limits what was stored in the belief that it was owned, if that may have changed since. */
  void demoteIfChanged(String key, long view) {
    if (view() != view) {
      demote(key);
    }
  }

  /** Asks who owns the key in the step: of two walks at once, the last has seen the last view. */
  private void demote(String key) {
    long now = ticker.nanos();
    store.change(
        key,
        present -> {
          if (owns(key)) {
            return present.owned();
          }
          // What was lost before, and has ended, takes a place from what is owned.
          boolean over = present instanceof Entry.Demoted former && !former.isFresh(now);
          return over ? null : present.cappedAt(now, now + hotTimeToLive);
        });
  }

  /** Notes that the store is full. */
  void noteEviction() {
    full = true;
  }

  /** The policy does not know what is lost, and would give up what is owned for it. */
  void makeRoom() {
    if (full) {
      full = false;
      for (int i = 0; i < DEMOTED_PER_EVICTION; i++) {
        String key = demoted.poll();
        if (key == null) {
          return;
        }
        store.change(key, present -> present instanceof Entry.Demoted ? null : present);
      }
    }
  }

  /** Notes that the store was cleared. */
  void noteClear() {
    demoted.clear();
  }
}
