package geecache.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The removals that this node has carried out, the oldest forgotten first. A node that was out of
 * contact is told them when it is met again. Reads carry them too: for a while after a removal,
 * each question to a peer for the key names the removal, and a peer that does not know it carries
 * it out before it answers.
 *
 * <p>Interleaving that this decides: a node is told of a removal, asks a peer that is told later,
 * and would so get the old value after the removal. A removal is therefore announced here before it
 * is carried out, so that every question which may bring a value into memory after it carries it.
 * (Test: {@code removalBetweenOwnerAndANodeWithAnOlderView}.)
 *
 * <p>Safe for use by many threads.
 */
final class RemovalLog {
  /** How long reads carry a removal: longer than it takes to tell all nodes, or to fail. */
  private static final long CARRIED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How many removals of one key, and of everything, reads carry at most. */
  private static final int MOST_CARRIED = 8;

  private record Subject(String group, @Nullable String key) {}

  private record Announced(Removal.Id id, long at) {}

  /** A removal that was carried out, and the number of its entry. */
  private record Done(Removal.Carried removal, long entry) {}

  private final int capacity;
  private final LongSupplier clock;

  /** Guards all below, but for {@code anyAnnounced}. Nothing foreign runs under it. */
  private final Object lock = new Object();

  private final ArrayDeque<Removal> carriedOut = new ArrayDeque<>();
  private final Set<Removal.Id> known = new HashSet<>();
  private final Map<Subject, ArrayDeque<Done>> bySubject = new HashMap<>();

  /** The number of the last entry; they are counted from 1 on. */
  private long head;

  /** What reads carry, and in which order to forget it. */
  private final Map<Subject, ArrayDeque<Announced>> announced = new HashMap<>();

  private final ArrayDeque<Map.Entry<Subject, Long>> announcements = new ArrayDeque<>();

  /** Whether anything is announced: written under the lock, read by each fetch without it. */
  private volatile boolean anyAnnounced;

  /**
   * Whether there ever was a removal: set under the lock, before it is carried out, and read
   * without it by those that name removals.
   */
  private volatile boolean anything;

  /**
   * Makes an empty log.
   *
   * @param capacity how many removals it remembers
   * @param clock a clock in nanoseconds
   */
  RemovalLog(int capacity, LongSupplier clock) {
    this.capacity = capacity;
    this.clock = clock;
  }

  /** Has reads carry {@code removal} from now on. To be called before it is carried out. */
  void announce(Removal removal) {
    synchronized (lock) {
      forgetAnnouncements(capacity - 1);
      Subject subject = subjectOf(removal);
      long now = clock.getAsLong();
      ArrayDeque<Announced> same = announced.computeIfAbsent(subject, s -> new ArrayDeque<>(2));
      if (same.stream().anyMatch(known -> known.id().equals(removal.id()))) {
        return;
      }
      if (same.size() == MOST_CARRIED) {
        same.remove();
      }
      same.add(new Announced(removal.id(), now));
      announcements.add(Map.entry(subject, now));
      anyAnnounced = true;
      anything = true;
    }
  }

  /** Forgets what was carried for long enough, and the oldest of more than {@code most}. */
  private void forgetAnnouncements(int most) {
    long now = clock.getAsLong();
    while (!announcements.isEmpty()
        && (now - announcements.peek().getValue() > CARRIED_NANOS || announcements.size() > most)) {
      Map.Entry<Subject, Long> oldest = announcements.remove();
      ArrayDeque<Announced> same = announced.get(oldest.getKey());
      if (same != null && same.peek().at() - oldest.getValue() <= 0) {
        same.remove();
        if (same.isEmpty()) {
          announced.remove(oldest.getKey());
        }
      }
    }
    anyAnnounced = !announcements.isEmpty();
  }

  /** Returns the removals that a read of {@code key} has to carry now; mostly none. */
  List<Removal.Carried> carriedBy(String group, String key) {
    if (!anyAnnounced) {
      return List.of();
    }
    synchronized (lock) {
      forgetAnnouncements(capacity);
      ArrayDeque<Announced> ofKey = announced.get(new Subject(group, key));
      ArrayDeque<Announced> ofAll = announced.get(new Subject(group, null));
      if (ofKey == null && ofAll == null) {
        return List.of();
      }
      List<Removal.Carried> carried = new ArrayList<>();
      addTo(carried, ofKey, false);
      addTo(carried, ofAll, true);
      return carried;
    }
  }

  private static void addTo(
      List<Removal.Carried> carried, @Nullable ArrayDeque<Announced> some, boolean everything) {
    if (some != null) {
      some.forEach(each -> carried.add(new Removal.Carried(each.id(), everything)));
    }
  }

  /**
   * Returns all removals of {@code key} that have been carried out or announced, as far as this
   * remembers; of more than can be told, the latest.
   */
  List<Removal.Carried> remembered(String group, String key) {
    if (!anything) {
      return List.of();
    }
    synchronized (lock) {
      return latest(all(group, key));
    }
  }

  /** As {@link #remembered}, without those that are announced and not carried out yet. */
  List<Removal.Carried> carriedOut(String group, String key) {
    if (!anything) {
      return List.of();
    }
    synchronized (lock) {
      return latest(done(group, key));
    }
  }

  /** Whether a removal of {@code key} is remembered or announced here that {@code known} lacks. */
  boolean hasMoreThan(List<Removal.Carried> known, String group, String key) {
    if (!anything) {
      return false;
    }
    synchronized (lock) {
      return !known.containsAll(all(group, key));
    }
  }

  private List<Removal.Carried> all(String group, String key) {
    List<Removal.Carried> all = done(group, key);
    for (Removal.Carried carried : carriedBy(group, key)) {
      if (!all.contains(carried)) {
        all.add(carried);
      }
    }
    return all;
  }

  /**
   * In the order in which they were carried out, clearings among them: of those that are left out
   * as too many, none is later than one that is told.
   */
  private List<Removal.Carried> done(String group, String key) {
    ArrayDeque<Done> none = new ArrayDeque<>(0);
    List<Done> both = new ArrayList<>(bySubject.getOrDefault(new Subject(group, key), none));
    both.addAll(bySubject.getOrDefault(new Subject(group, null), none));
    both.sort(Comparator.comparingLong(Done::entry));
    List<Removal.Carried> done = new ArrayList<>(both.size());
    both.forEach(each -> done.add(each.removal()));
    return done;
  }

  private static List<Removal.Carried> latest(List<Removal.Carried> all) {
    return all.subList(Math.max(0, all.size() - Removal.MOST_NAMED), all.size());
  }

  /** Notes that {@code removal} has been carried out here; twice is once. */
  void add(Removal removal) {
    synchronized (lock) {
      if (!known.add(removal.id())) {
        return;
      }
      carriedOut.add(removal);
      anything = true;
      head++;
      bySubject
          .computeIfAbsent(subjectOf(removal), s -> new ArrayDeque<>(1))
          .add(new Done(new Removal.Carried(removal.id(), removal.key() == null), head));
      if (carriedOut.size() > capacity) {
        forget(carriedOut.remove());
      }
    }
  }

  private void forget(Removal oldest) {
    known.remove(oldest.id());
    ArrayDeque<Done> same = bySubject.get(subjectOf(oldest));
    same.remove(); // The oldest of all is the oldest of its subject.
    if (same.isEmpty()) {
      bySubject.remove(subjectOf(oldest));
    }
  }

  private static Subject subjectOf(Removal removal) {
    return new Subject(removal.group(), removal.key());
  }

  /** Whether {@code id} has been carried out here, as far as this remembers. */
  boolean knows(Removal.Id id) {
    synchronized (lock) {
      return known.contains(id);
    }
  }

  /** Returns the number of the last entry. */
  long head() {
    synchronized (lock) {
      return head;
    }
  }

  /** Whether all entries after number {@code after} are still there. */
  boolean reachesBackTo(long after) {
    synchronized (lock) {
      return head - after <= carriedOut.size();
    }
  }

  /** Returns all entries after number {@code after}; none if those are no longer all there. */
  Optional<List<Removal>> after(long after) {
    synchronized (lock) {
      long missing = head - after;
      if (missing > carriedOut.size()) {
        return Optional.empty();
      }
      return Optional.of(carriedOut.stream().skip(carriedOut.size() - missing).toList());
    }
  }
}
