package geecache.cluster;

import geecache.Stamp;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The removals that this node has carried out. The oldest are forgotten first. A node that was out
 * of contact is told them when it is met again. Reads carry them too: for a while after a removal,
 * each question to a peer for the key names the removal. A peer that does not know it carries it
 * out before it answers.
 *
 * <p>Interleaving: a node is told of a removal; it asks a peer that is told later; it would get the
 * old value after the removal. So a removal is announced here before it is carried out. Then every
 * question whose answer may be stored after the removal carries it. (Test: {@code
 * removalBetweenOwnerAndANodeWithAnOlderView}.)
 *
 * <p>Safe for use by many threads.
 */
final class RemovalLog {
  /** How long reads carry a removal: longer than it takes to tell all nodes, or to fail. */
  private static final long CARRIED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** The most removals of one key, and of the whole group, that reads carry. */
  private static final int MOST_CARRIED = 8;

  private record Subject(String group, @Nullable String key) {}

  private record Announced(Removal.Id id, long at) {}

  /** A removal that was carried out, and the number of its entry. */
  private record Done(Removal.Carried removal, long entry) {}

  private final int capacity;
  private final LongSupplier clock;

  /**
   * Guards all fields below, except reads of the two volatile ones. No foreign code runs under it.
   */
  private final Object lock = new Object();

  private final ArrayDeque<Removal> carriedOut = new ArrayDeque<>();
  private final Set<Removal.Id> known = new HashSet<>();
  private final Map<Subject, ArrayDeque<Done>> bySubject = new HashMap<>();

  /** The number of the last entry. Entries are counted from 1. */
  private long head;

  /** The removals that reads carry, and the order in which to forget them. */
  private final Map<Subject, ArrayDeque<Announced>> announced = new HashMap<>();

  private final ArrayDeque<Map.Entry<Subject, Long>> announcements = new ArrayDeque<>();

  private final AtomicLong stamps = new AtomicLong();

  /** Whether any removal is announced. Written under the lock, read by each fetch without it. */
  private volatile boolean anyAnnounced;

  /**
   * Whether there ever was a removal. Set under the lock, before the removal is carried out. Read
   * without the lock by questions that name removals.
   */
  private volatile boolean anything;

  /**
   * Makes an empty log.
   *
   * @param capacity the most removals that it remembers
   * @param clock a clock in nanoseconds
   */
  RemovalLog(int capacity, LongSupplier clock) {
    this.capacity = capacity;
    this.clock = clock;
  }

  /** Returns a stamp in the order in which this node carries changes out. */
  Stamp nextStamp() {
    return new Stamp(stamps.incrementAndGet(), 0);
  }

  /** Makes reads carry {@code removal} from now on. Call this before the removal is carried out. */
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

  /**
   * Forgets removals that were carried for long enough, and the oldest if there are more than
   * {@code most}.
   */
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

  /** Returns the removals that a read of {@code key} must carry now; mostly none. */
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
   * Returns all removals of {@code key} that this log remembers as carried out or announced; only
   * the latest if there are too many to name.
   */
  List<Removal.Carried> remembered(String group, String key) {
    if (!anything) {
      return List.of();
    }
    synchronized (lock) {
      return latest(all(group, key));
    }
  }

  /** As {@link #remembered}, without removals that are announced but not carried out yet. */
  List<Removal.Carried> carriedOut(String group, String key) {
    if (!anything) {
      return List.of();
    }
    synchronized (lock) {
      return latest(done(group, key));
    }
  }

  /**
   * Whether this log remembers a removal of {@code key}, carried out or announced, that {@code
   * known} lacks.
   */
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
   * Returns removals of the key and of the whole group, in the order in which they were carried
   * out. So if there are too many to name, the earliest are left out.
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

  /** Notes that {@code removal} has been carried out here. A second call has no effect. */
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
    same.remove(); // The oldest removal of all is the oldest of its subject.
    if (same.isEmpty()) {
      bySubject.remove(subjectOf(oldest));
    }
  }

  private static Subject subjectOf(Removal removal) {
    return new Subject(removal.group(), removal.key());
  }

  /** Whether this log remembers that {@code id} has been carried out here. */
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

  /** Whether the log still has all entries after number {@code after}. */
  boolean reachesBackTo(long after) {
    synchronized (lock) {
      return head - after <= carriedOut.size();
    }
  }

  /**
   * Returns all entries after number {@code after}; empty if the log does not have all of them any
   * more.
   */
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
