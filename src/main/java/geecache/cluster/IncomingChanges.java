package geecache.cluster;

import geecache.ByteView;
import geecache.LocalGroup;
import geecache.LocalNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out on this node what other nodes have changed. A removal comes by a change, by a
 * meeting, and with each read that names it, in any order and more than once; a set is a removal
 * that stores a value too, under the same name. Safe for use by many threads.
 *
 * <p>Interleaving: a set comes, and has stored its value; a read comes that carries the set's
 * removal, which is not in the log yet; the set is acknowledged; the read removes what was set. So
 * the step from not knowing a removal to having carried it out is one, and a set is another. (Test:
 * {@code aReadThatCarriesTheRemovalOfASetDoesNotUndoIt}; the same with a clearing that comes before
 * the set: {@code aReadThatCarriesAClearingDoesNotUndoASetAfterIt})
 */
final class IncomingChanges {
  /** Guards those steps. Nothing foreign runs under it but the store's own steps. */
  private final Object carrying = new Object();

  private final LocalNode node;
  private final boolean changesAllowed;
  private final RemovalLog removals;

  IncomingChanges(LocalNode node, boolean changesAllowed, RemovalLog removals) {
    this.node = node;
    this.changesAllowed = changesAllowed;
    this.removals = removals;
  }

  /** Carries out the removals that a meeting tells, but for those that are known. */
  void catchUp(List<Removal> missed) {
    missed.forEach(removal -> unlessKnown(removal.id(), () -> carryOut(removal)));
  }

  /**
   * Carries out the removals that a read of {@code key} names and this node does not know yet.
   * Without a secret nothing can have been removed, and any stranger could say so.
   */
  void catchUp(LocalGroup group, String key, List<Removal.Carried> named) {
    if (!changesAllowed) {
      return;
    }
    for (Removal.Carried carried : named) {
      Removal.Id id = carried.id();
      if (removals.knows(id)) {
        continue; // As most are, and no read has to wait for them.
      }
      if (carried.everything()) { // All else is removed when the clearing itself comes.
        unlessKnown(id, () -> group.remove(List.of(key)));
      } else {
        unlessKnown(id, () -> carryOut(new Removal(id.origin(), id.number(), group.name(), key)));
      }
    }
  }

  private void unlessKnown(Removal.Id id, Runnable step) {
    synchronized (carrying) {
      if (!removals.knows(id)) {
        step.run();
      }
    }
  }

  /** Carries out a change, known or not: a read that named it may have brought an old value. */
  void remove(List<Removal> removed) {
    synchronized (carrying) {
      removed.forEach(this::carryOut);
    }
  }

  /** Announces the removal first: see {@link RemovalLog}. */
  private void carryOut(Removal removal) {
    removals.announce(removal);
    node.find(removal.group())
        .ifPresent(
            group -> {
              if (removal.key() == null) {
                group.clear();
              } else {
                group.remove(List.of(removal.key()));
              }
            });
    removals.add(removal);
  }

  /** Stores a value in place of the one key of {@code removal}. */
  void set(LocalGroup group, Removal removal, byte[] value, @Nullable Duration timeToLive) {
    synchronized (carrying) {
      removals.announce(removal);
      group.set(String.valueOf(removal.key()), ByteView.of(value), timeToLive);
      removals.add(removal);
    }
  }
}
