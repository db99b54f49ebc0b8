package geecache.http;

import geecache.ByteView;
import geecache.Geecache;
import geecache.LocalGroup;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out on this node what others have changed. A removal comes by a change, by a meeting, and
 * with each read that names it, in any order and more than once; a set is a removal that stores a
 * value too, under the same name. Safe for use by many threads.
 *
 * <p>Interleaving: a set comes, and has stored its value; a read comes that carries the set's
 * removal, which is not in the log yet; the set is acknowledged; the read removes what was set. So
 * the step from not knowing a removal to having carried it out is one, and a set is another. (Test:
 * {@code aReadThatCarriesTheRemovalOfASetDoesNotUndoIt}; the same with a clearing that comes before
 * the set: {@code aReadThatCarriesAClearingDoesNotUndoASetAfterIt})
 */
final class ChangesOfOthers {
  /** Guards those steps. Nothing foreign runs under it but the store's own steps. */
  private final Object carrying = new Object();

  private final Geecache node;
  private final PeerLinks links;

  ChangesOfOthers(Geecache node, PeerLinks links) {
    this.node = node;
    this.links = links;
  }

  /** Carries out what a meeting tells, but for what is known. */
  void catchUp(List<Removal> missed) {
    missed.forEach(removal -> unlessKnown(removal.id(), () -> carryOut(removal)));
  }

  /**
   * Carries out what a read of {@code key} names and this node does not know yet. Where there is no
   * secret, nothing can have been removed, and anybody could say so.
   */
  void catchUp(LocalGroup group, String key, List<Removal.Carried> named) {
    if (links.options().secrets().isEmpty()) {
      return;
    }
    for (Removal.Carried carried : named) {
      Removal.Id id = carried.id();
      if (links.removals().knows(id)) {
        continue; // As most are, and for that no read has to wait.
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
      if (!links.removals().knows(id)) {
        step.run();
      }
    }
  }

  /** Carries out a change, known or not: what a read brought since it named it may be old. */
  void remove(List<Removal> removed) {
    synchronized (carrying) {
      removed.forEach(this::carryOut);
    }
  }

  /** Announces it first: see {@link RemovalLog}. */
  private void carryOut(Removal removal) {
    links.removals().announce(removal);
    node.local()
        .find(removal.group())
        .ifPresent(
            group -> {
              if (removal.key() == null) {
                group.clear();
              } else {
                group.remove(List.of(removal.key()));
              }
            });
    links.removals().add(removal);
  }

  /** Stores a value in place of the one key of {@code removal}. */
  void set(LocalGroup group, Removal removal, byte[] value, @Nullable Duration timeToLive) {
    synchronized (carrying) {
      links.removals().announce(removal);
      group.set(String.valueOf(removal.key()), ByteView.of(value), timeToLive);
      links.removals().add(removal);
    }
  }
}
