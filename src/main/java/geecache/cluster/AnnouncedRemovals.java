package geecache.cluster;

import geecache.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The removals that reads name: for a while after a removal, each question to a peer for the key
 * names it. A peer that does not know it carries it out before it answers.
 *
 * <p>Interleaving: a node is told of a removal; it asks a peer that is told later; it would get the
 * old value after the removal. So a removal is announced here before it is carried out. Then every
 * question whose answer may be stored after the removal names it. (Test: {@code
 * removalBetweenOwnerAndANodeWithAnOlderView}.)
 *
 * <p>Of each origin a removal of a key is named until there is one with a greater number and no
 * earlier stamp. A peer that carries that one out does so after the origin had called the earlier
 * ones, and so removes what they would have removed.
 *
 * <p>If there are more removals than are remembered, those that are forgotten too early are still
 * required by their numbers, and so are those that this node was told as a baseline: a peer that
 * does not know them all answers no read of this node.
 *
 * <p>Interleavings:
 *
 * <ol>
 *   <li>A removal does not reach the owner of the key, which is named; it is forgotten here; this
 *       node asks the owner. ({@code anOwnerThatMissedARemovalGivesNoOldValueWhereTooManyFollowed})
 *   <li>This node and the owner miss a removal; this node is told a baseline in its place, and asks
 *       the owner, which was not told yet. ({@code
 *       anOwnerThatMissedARemovalGivesNoOldValueToANodeThatWasToldABaseline})
 * </ol>
 *
 * <p>Safe for use by many threads. A read takes no lock.
 */
final class AnnouncedRemovals {
  /** How long reads name a removal at least. */
  private static final Duration NAMED = Duration.ofMinutes(1);

  /** What comes on top of the longest change: a node may begin to name it a little earlier. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /**
   * No node has this id, and so no peer knows its removals: stands for all origins that are too
   * many.
   */
  private static final long NO_ORIGIN = 0;

  private record Subject(String group, @Nullable String key) {}

  private record Announced(Removal.Named removal, long at) {}

  private record Announcement(Subject subject, Removal.Id id, long at) {}

  /** The greatest number of an origin that is required, and since when. */
  private record Required(long number, long at) {
    Required with(Required other) {
      return new Required(Math.max(number, other.number), Math.max(at, other.at));
    }
  }

  private final int capacity;

  /** How long reads name a removal: longer than it takes to tell all nodes, or to fail. */
  private final long namedNanos;

  private final Ticker ticker;

  /** Lists are immutable. Written under the lock of {@code order}, read without it. */
  private final Map<Subject, List<Announced>> bySubject = new ConcurrentHashMap<>();

  /** By the ids of the origins. Written by any thread; a read takes some out that have ended. */
  private final Map<Long, Required> required = new ConcurrentHashMap<>();

  /** The order in which announcements are forgotten. Guarded by itself. */
  private final ArrayDeque<Announcement> order = new ArrayDeque<>();

  /**
   * Makes one that names nothing.
   *
   * @param capacity the most removals that are named at a time; the oldest are forgotten first
   * @param longest how long a call may take that tells all nodes of a removal
   */
  AnnouncedRemovals(int capacity, Duration longest, Ticker ticker) {
    this.capacity = capacity;
    Duration named = longest.plus(MARGIN);
    this.namedNanos = (named.compareTo(NAMED) > 0 ? named : NAMED).toNanos();
    this.ticker = ticker;
  }

  /** Makes reads name {@code removal} from now on. Call this before the removal is carried out. */
  void announce(Removal removal) {
    long now = ticker.nanos();
    Subject subject = new Subject(removal.group(), removal.key());
    synchronized (order) {
      bySubject.merge(subject, List.of(new Announced(removal.named(), now)), this::merged);
      order.add(new Announcement(subject, removal.id(), now));
      while (order.size() > capacity || now - order.peek().at() > namedNanos) {
        Announcement oldest = order.remove();
        if (now - oldest.at() <= namedNanos) { // First this: a read finds it in one of the two.
          require(oldest.id(), oldest.at());
        }
        bySubject.computeIfPresent(oldest.subject(), (s, some) -> without(some, oldest.id()));
      }
    }
  }

  private List<Announced> merged(List<Announced> before, List<Announced> added) {
    Removal.Named last = added.get(0).removal();
    List<Announced> all = new ArrayList<>(before.size() + 1);
    for (Announced each : before) {
      if (isCovered(last, each.removal())) {
        return before;
      }
      if (!isCovered(each.removal(), last)) {
        all.add(each);
      }
    }
    all.addAll(added);
    int tooMany = Math.max(0, all.size() - Removal.MOST_NAMED / 2);
    all.subList(0, tooMany).forEach(each -> require(each.removal().id(), each.at()));
    return List.copyOf(all.subList(tooMany, all.size()));
  }

  /**
   * Requires a peer that is read from to know all that {@code known} says, as if it had just been
   * removed.
   */
  void require(VersionVector known) {
    long now = ticker.nanos();
    known.upTo().forEach((origin, number) -> require(new Removal.Id(origin, number), now));
  }

  private void require(Removal.Id id, long at) {
    boolean tooMany = required.size() >= VersionVector.MOST_ORIGINS - 1; // One is for NO_ORIGIN.
    if (tooMany && !required.containsKey(id.origin())) {
      required.merge(NO_ORIGIN, new Required(1, at), Required::with);
    } else {
      required.merge(id.origin(), new Required(id.number(), at), Required::with);
    }
  }

  /**
   * Returns what a peer must know to be read from; mostly nothing. Call this after {@link
   * #namedBy}.
   */
  VersionVector required() {
    if (required.isEmpty()) {
      return VersionVector.EMPTY;
    }
    long now = ticker.nanos();
    required.values().removeIf(each -> now - each.at() > namedNanos);
    Map<Long, Long> upTo = new HashMap<>();
    required.forEach((origin, each) -> upTo.put(origin, each.number()));
    return new VersionVector(upTo);
  }

  /** Whether a peer that carries {@code other} out need not hear of {@code one}. */
  private static boolean isCovered(Removal.Named one, Removal.Named other) {
    return one.id().origin() == other.id().origin()
        && one.id().number() <= other.id().number()
        && one.time() <= other.time();
  }

  private static @Nullable List<Announced> without(List<Announced> some, Removal.Id id) {
    List<Announced> rest = some.stream().filter(each -> !each.removal().id().equals(id)).toList();
    return rest.isEmpty() ? null : rest;
  }

  /** Returns the removals that a read of {@code key} must name now; mostly none. */
  List<Removal.Named> namedBy(String group, String key) {
    if (bySubject.isEmpty()) {
      return List.of();
    }
    List<Announced> ofKey = bySubject.get(new Subject(group, key));
    List<Announced> ofAll = bySubject.get(new Subject(group, null));
    if (ofKey == null && ofAll == null) {
      return List.of();
    }
    long now = ticker.nanos();
    List<Removal.Named> named = new ArrayList<>();
    addTo(named, ofKey, now);
    addTo(named, ofAll, now);
    return named;
  }

  private void addTo(List<Removal.Named> named, @Nullable List<Announced> some, long now) {
    if (some != null) {
      some.stream()
          .filter(each -> now - each.at() <= namedNanos)
          .forEach(each -> named.add(each.removal()));
    }
  }
}
