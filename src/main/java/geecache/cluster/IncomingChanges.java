package geecache.cluster;

import geecache.ByteView;
import geecache.LocalGroup;
import geecache.LocalNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the changes of other nodes on this node. A removal comes with a change, with a
 * meeting and with each read that names it, in any order and more than once. A set is a removal,
 * with the same id, that also stores a value. Safe for use by many threads.
 *
 * <p>Interleaving: a set comes, and has stored its value; a read comes that carries the set's
 * removal, which is not in the log yet; the set is acknowledged; the read removes the set value. So
 * it is one step to check that a removal is unknown and to carry it out, and a set is one step too.
 * (Test: {@code aReadThatCarriesTheRemovalOfASetDoesNotUndoIt}; the same with a clearing that comes
 * before the set: {@code aReadThatCarriesAClearingDoesNotUndoASetAfterIt})
 */
final class IncomingChanges {
  /** Guards those steps. Only steps of the store run under it. */
  private final Object carrying = new Object();

  private final LocalNode node;
  private final boolean changesAllowed;
  private final RemovalLog removals;

  IncomingChanges(LocalNode node, boolean changesAllowed, RemovalLog removals) {
    this.node = node;
    this.changesAllowed = changesAllowed;
    this.removals = removals;
  }

  /** Carries out the removals of a meeting, except those that are known. */
  void catchUp(List<Removal> missed) {
    missed.forEach(removal -> unlessKnown(removal.id(), () -> carryOut(removal)));
  }

  /**
   * Carries out the removals that a read of {@code key} names and this node does not know yet.
   * Without a secret there are no removals in the cluster, and any stranger could name some: they
   * are ignored.
   */
  void catchUp(LocalGroup group, String key, List<Removal.Carried> named) {
    if (!changesAllowed) {
      return;
    }
    for (Removal.Carried carried : named) {
      Removal.Id id = carried.id();
      if (removals.knows(id)) {
        continue; // Most are known: no read has to wait for the lock.
      }
      if (carried.everything()) { // The other keys are removed when the clearing itself comes.
        unlessKnown(id, () -> group.remove(key, removals.nextStamp()));
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

  /**
   * Carries out removals, even known ones: a read that named one may have brought an old value
   * since.
   */
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
                group.clear(removals.nextStamp());
              } else {
                group.remove(removal.key(), removals.nextStamp());
              }
            });
    removals.add(removal);
  }

  /** Stores a value in place of the one key of {@code removal}. */
  void set(LocalGroup group, Removal removal, byte[] value, @Nullable Duration timeToLive) {
    synchronized (carrying) {
      removals.announce(removal);
      group.set(
          String.valueOf(removal.key()), ByteView.of(value), timeToLive, removals.nextStamp());
      removals.add(removal);
    }
  }
}
