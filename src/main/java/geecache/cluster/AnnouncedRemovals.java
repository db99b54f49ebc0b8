package geecache.cluster;

import geecache.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
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
 * <p>Safe for use by many threads. A read takes no lock.
 */
final class AnnouncedRemovals {
  /** How long reads name a removal: longer than it takes to tell all nodes, or to fail. */
  private static final long NAMED_NANOS = TimeUnit.SECONDS.toNanos(60);

  private record Subject(String group, @Nullable String key) {}

  private record Announced(Removal.Named removal, long at) {}

  private record Announcement(Subject subject, Removal.Id id, long at) {}

  private final int capacity;
  private final Ticker ticker;

  /** Lists are immutable. Written under the lock of {@code order}, read without it. */
  private final Map<Subject, List<Announced>> bySubject = new ConcurrentHashMap<>();

  /** The order in which announcements are forgotten. Guarded by itself. */
  private final ArrayDeque<Announcement> order = new ArrayDeque<>();

  /**
   * Makes one that names nothing.
   *
   * @param capacity the most removals that are named at a time; the oldest are forgotten first
   */
  AnnouncedRemovals(int capacity, Ticker ticker) {
    this.capacity = capacity;
    this.ticker = ticker;
  }

  /** Makes reads name {@code removal} from now on. Call this before the removal is carried out. */
  void announce(Removal removal) {
    long now = ticker.nanos();
    Subject subject = new Subject(removal.group(), removal.key());
    synchronized (order) {
      bySubject.merge(subject, List.of(new Announced(removal.named(), now)), this::merged);
      order.add(new Announcement(subject, removal.id(), now));
      while (order.size() > capacity || now - order.peek().at() > NAMED_NANOS) {
        Announcement oldest = order.remove();
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
    return List.copyOf(all.subList(Math.max(0, all.size() - Removal.MOST_NAMED / 2), all.size()));
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

  private static void addTo(List<Removal.Named> named, @Nullable List<Announced> some, long now) {
    if (some != null) {
      some.stream()
          .filter(each -> now - each.at() <= NAMED_NANOS)
          .forEach(each -> named.add(each.removal()));
    }
  }
}
