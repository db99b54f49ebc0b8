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
 * Takes entries over from a node that leaves. That node may have missed removals: after a plain
 * undeploy it hears of none any more. An entry names the removals of its key that its node had
 * carried out before it read the value. A key of which this node knows another removal is refused;
 * no clock has a part in that. Interleavings:
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
 *   <li>There, the removals are noted; the key is removed; the value is read: it is newer than what
 *       is named, and refused for nothing. The other way round an old value would name the removal.
 *       So names are noted first, and those of removals that have been carried out alone. ({@code
 *       whatIsAnnouncedIsNotNamedAsCarriedOut})
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
   * Whether a node may hand entries over: it was met, and all removals that it may have missed
   * since are still in the log.
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

  /** Stores those of the entries that this node owns and lacks. */
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
            entry.lifeMillis() == 0);
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
