package geecache.cluster;

import geecache.LocalGroup;
import geecache.OwnedBytes;
import geecache.PeerValue;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes entries over from a leaving node. That node may have missed removals. It says which changes
 * it knew before it read the values. This node refuses an entry if it knows a removal of the key
 * that is not among them, or has forgotten removals that are not. No clock is involved.
 * Interleavings:
 *
 * <ol>
 *   <li>The key is removed here, and not there; the entry comes. The removal is in the log, and not
 *       among the changes that the leaving node knew. ({@code
 *       aKeyRemovedBeforeItsEntryComesIsRefused})
 *   <li>The entry's fence is noted and the log is asked; the key is removed; the entry is stored.
 *       The removal's stamp is later than the fence. ({@code
 *       aKeyRemovedWhileItsEntryIsTakenIsNotStored})
 *   <li>A removal is carried out here, and not in the log yet; the fence is noted after its stamp;
 *       the log is asked. So entries are taken in the same steps as changes. ({@code
 *       aRemovalThatIsBeingCarriedOutRefusesAnEntry})
 *   <li>The leaving node reads which changes it knows; the key is removed there; then it reads the
 *       value. The value is newer than the node says, and is refused without need. Reading the
 *       value first would let an old value claim the removal.
 * </ol>
 */
final class HandoverReceiver {
  private final LocalChanges changes;
  private final PeerCounters counters;
  private final Supplier<ClusterView> view;

  HandoverReceiver(LocalChanges changes, PeerCounters counters, Supplier<ClusterView> view) {
    this.changes = changes;
    this.counters = counters;
    this.view = view;
  }

  /** Stores the entries whose keys this node owns, and of which it has no fresh value. */
  HandoverResult accept(LocalGroup group, HandedEntries handed) {
    List<HandedEntry> entries = handed.entries();
    int taken = 0;
    for (HandedEntry entry : entries) {
      if (accept(group, handed.known(), entry)) {
        taken++;
      }
    }
    counters.taken.add(taken);
    counters.notTaken.add(entries.size() - taken);
    return new HandoverResult(taken, entries.size() - taken);
  }

  private boolean accept(LocalGroup group, VersionVector known, HandedEntry entry) {
    PeerValue given =
        new PeerValue(
            OwnedBytes.view(entry.value()),
            millis(entry.ageMillis()),
            millis(entry.lifeMillis()),
            entry.lifeMillis() == 0,
            entry.change());
    try {
      return view.get().owns(group.name(), entry.key())
          && changes.accept(group, entry.key(), given, known);
    } catch (IllegalArgumentException badKey) {
      return false;
    }
  }

  private static @Nullable Duration millis(long millis) {
    return millis < 0 ? null : Duration.ofMillis(millis);
  }
}
