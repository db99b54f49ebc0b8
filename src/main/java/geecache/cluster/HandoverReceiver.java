package geecache.cluster;

import geecache.ByteView;
import geecache.LocalGroup;
import geecache.PeerValue;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes entries over from a leaving node. That node may have missed removals: after a plain
 * undeploy it is told none. An entry names the removals of its key that the leaving node had
 * carried out before it read the value. This node refuses the entry if it knows another removal of
 * the key. No clock is involved. Interleavings:
 *
 * <ol>
 *   <li>The key is removed here, and not there; the entry comes. The removal is in the log, and the
 *       entry does not name it. ({@code aKeyRemovedBeforeItsEntryComesIsRefused})
 *   <li>The entry's fence is noted and the log is asked; the key is removed; the entry is stored.
 *       The removal's stamp is later than the fence. ({@code
 *       aKeyRemovedWhileItsEntryIsTakenIsNotStored})
 *   <li>A removal is carried out here, and not in the log yet; the fence is noted after its stamp;
 *       the log is asked. It was announced before it was carried out, and is found as such. ({@code
 *       anAnnouncedRemovalRefusesAnEntry})
 *   <li>The leaving node notes the removals; the key is removed there; then it reads the value. The
 *       value is newer than the removals that it names, and is refused without need. Reading the
 *       value first would let an old value name the removal. So the removals are noted first, and
 *       only those that have been carried out. ({@code anAnnouncedRemovalIsNotNamedAsCarriedOut})
 * </ol>
 */
final class HandoverReceiver {
  private final RemovalLog removals;
  private final PeerCounters counters;
  private final Supplier<ClusterView> view;

  HandoverReceiver(RemovalLog removals, PeerCounters counters, Supplier<ClusterView> view) {
    this.removals = removals;
    this.counters = counters;
    this.view = view;
  }

  /**
   * Whether a node may hand entries over: this node has met it, and the log still has all removals
   * that it may have missed since.
   */
  boolean isOpenFor(long node) {
    ClusterView now = view.get();
    return Stream.concat(
            now.peers().stream()
                .filter(NodePeer.class::isInstance)
                .map(peer -> ((NodePeer) peer).contact()),
            now.departed().values().stream())
        .anyMatch(
            contact ->
                contact.node() == node
                    && (contact.isMade() || removals.reachesBackTo(contact.attempt().toldUpTo())));
  }

  /** Stores the entries whose keys this node owns, and of which it has no fresh value. */
  HandoverResult accept(LocalGroup group, List<HandedEntry> entries) {
    int taken = 0;
    for (HandedEntry entry : entries) {
      if (accept(group, entry)) {
        taken++;
      }
    }
    counters.taken.add(taken);
    counters.notTaken.add(entries.size() - taken);
    return new HandoverResult(taken, entries.size() - taken);
  }

  private boolean accept(LocalGroup group, HandedEntry entry) {
    PeerValue given =
        new PeerValue(
            ByteView.of(entry.value()),
            millis(entry.ageMillis()),
            millis(entry.lifeMillis()),
            entry.lifeMillis() == 0,
            null);
    try {
      return group.accept(
          entry.key(),
          given,
          () ->
              view.get().owns(entry.key())
                  && !removals.hasMoreThan(entry.removed(), group.name(), entry.key()));
    } catch (IllegalArgumentException badKey) {
      return false;
    }
  }

  private static @Nullable Duration millis(long millis) {
    return millis < 0 ? null : Duration.ofMillis(millis);
  }
}
