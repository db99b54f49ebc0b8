package geecache;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Knows which values of a group this node owns, and limits the life of all others. Those are values
 * that were loaded here because the owner did not answer, or because another node took this one for
 * the owner, and values that this node lost when the nodes changed.
 *
 * <p>Interleaving: a load finds that this node owns its key; the view changes, and the walk of
 * {@link #demote()} passes by; the load stores. So the load notes the view before it asks who owns
 * the key, and looks at it once more after it has stored; {@code set} does the same. ({@code
 * aLoadThatStoresWhileTheViewChangesIsDemoted}, {@code aSetThatStoresWhileTheViewChangesIsDemoted})
 */
final class OwnershipLimits {
  /** The number of demoted entries that make room after one eviction. */
  private static final int DEMOTED_PER_EVICTION = 8;

  private final AtomicReference<Cluster> cluster;
  private final LocalGroup group;
  private final long hotTimeToLive;
  private final Ticker ticker;
  private final FencedStore store;

  /**
   * The keys that the last change demoted: the first to go when the store is full. Their places
   * here are part of the size of demoted entries. A key that is gone from the store stays here
   * until it is polled, or all is cleared.
   *
   * <p>They are in the order of the walk. That of an LRU store is from the coldest to the hottest,
   * for which new owners will ask first. That of Caffeine has nothing to do with how hot they are:
   * to sort them would hold up evictions, and so the callers that store, for as long as it takes.
   */
  private final Queue<String> demoted = new ConcurrentLinkedQueue<>();

  /**
   * Whether an entry was evicted lately. Set by the thread that evicts, cleared by the next one
   * that stores. A race makes room a little earlier or later.
   */
  private volatile boolean full;

  OwnershipLimits(NodeParts node, LocalGroup group, long hotTimeToLive, FencedStore store) {
    this.cluster = node.cluster();
    this.group = group;
    this.hotTimeToLive = hotTimeToLive;
    this.ticker = node.ticker();
    this.store = store;
  }

  boolean owns(String key) {
    return cluster.get().owns(group, key);
  }

  /** Returns a number that tells views apart; see {@link Cluster#view}. */
  long view() {
    return cluster.get().view();
  }

  /** Returns the longest life of a value of {@code key} on this node. */
  long longestLife(String key) {
    return owns(key) ? Long.MAX_VALUE : hotTimeToLive;
  }

  /** Returns {@code entry}, with a limited life if this node does not own its key. */
  Entry capped(String key, Entry entry, long begun) {
    return owns(key) ? entry : entry.cappedAt(begun, begun + hotTimeToLive);
  }

  /**
   * Limits the life of every value that this node does not own (any more). A value that it owns
   * again gets its own life back. For one thread at a time.
   */
  void demote() {
    demoted.clear();
    store.forEach(
        (key, entry) -> {
          if (entry instanceof Entry.Demoted || !owns(key)) {
            demote(key);
            demoted.add(key);
          }
        });
  }

  /**
   * Demotes a value that was stored in the belief that this node owns its key, if that may have
   * changed since.
   */
  void demoteIfChanged(String key, long view) {
    if (view() != view) {
      demote(key);
    }
  }

  /**
   * Asks who owns the key in the step of the store: of a walk and a store at once, the last one has
   * seen the last view.
   */
  private void demote(String key) {
    long now = ticker.nanos();
    store.change(
        key,
        present -> {
          if (owns(key)) {
            return present.owned();
          }
          // A value that was lost before, and has ended, takes the place of an owned one.
          boolean over = present instanceof Entry.Demoted former && !former.isFresh(now);
          return over ? null : present.cappedAt(now, now + hotTimeToLive);
        });
  }

  /** Notes that the store is full. */
  void noteEviction() {
    full = true;
  }

  /**
   * Removes demoted entries if the store is full: its policy does not know them, and would give up
   * owned ones.
   */
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
