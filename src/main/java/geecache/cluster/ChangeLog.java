package geecache.cluster;

import geecache.Stamp;
import geecache.Ticker;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The removals that this node has carried out, its own and those of other nodes. It remembers the
 * last of them one by one, and of all of them the number up to which it knows each origin's. So two
 * nodes that meet find out what each of them misses.
 *
 * <p>The numbers of an origin have no gaps, and the origin tells them in order. A read may name a
 * removal before its turn: it is kept as an <em>early</em> one until the numbers before it have
 * come. Of a node of version 1 they may never come: it tells a node that has just started no more
 * than it remembers, from any number on.
 *
 * <p>Safe for use by many threads.
 */
final class ChangeLog {
  private record Subject(String group, @Nullable String key) {}

  /** What this log knows of one origin. Written under the lock. */
  private static final class Origin {
    /** All removals up to this number were carried out. Read without the lock. */
    volatile long upTo;

    /** The removals up to this number are not remembered one by one. */
    long forgottenUpTo;

    /** The greatest number of an early removal that was forgotten. */
    long forgottenEarly;

    /** When the last of those was forgotten. */
    long forgottenEarlyAt;

    /** The remembered removals up to {@code upTo}, by number. */
    final NavigableMap<Long, Removal> inOrder = new TreeMap<>();

    /** The removals carried out beyond {@code upTo}, by number. Read without the lock. */
    final NavigableMap<Long, Removal> early = new ConcurrentSkipListMap<>();

    /** The latest time of its removals. */
    long latest;

    /** When this log got to know more of it. */
    long changedAt;

    /** The number that another node must know of this origin, because more is forgotten here. */
    long forgotten(long now) {
      boolean lately = now - forgottenEarlyAt < EARLY_NANOS;
      return lately ? Math.max(forgottenUpTo, forgottenEarly) : forgottenUpTo;
    }
  }

  /**
   * How long an early removal that was forgotten stands in the way of values of other nodes. After
   * this time each node in contact has met this one. So if the numbers before it have not come, no
   * such node has acknowledged it: its origin has ended, and its caller was never told that it
   * holds.
   */
  private static final long EARLY_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** After so long without a removal, an origin may be unknown to a node that knew it. */
  private static final long STOPPED_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** How many origins are put aside. */
  private static final int MOST_ASIDE = 16 * VersionVector.MOST_ORIGINS;

  private final long self;
  private final int capacity;
  private final Ticker ticker;

  /** Guards all fields below; see {@link Origin}. No foreign code runs under it. */
  private final Object lock = new Object();

  /** Written under the lock, read also without it. */
  private final Map<Long, Origin> origins = new ConcurrentHashMap<>();

  /**
   * The numbers of origins that were put aside because there were too many, by their ids. Nodes
   * that still tell them are believed to tell nothing new. Guarded by the lock; the first go when
   * there are too many even here.
   */
  private final Map<Long, Long> aside = new LinkedHashMap<>();

  /** All remembered removals, in the order in which they were carried out. */
  private final Map<Removal.Id, Removal> remembered = new LinkedHashMap<>();

  private final Map<Subject, ArrayDeque<Removal>> bySubject = new HashMap<>();

  /** The latest stamp of the forgotten removals; null if there are none. */
  private @Nullable Stamp latestForgotten;

  /**
   * The latest of them that were early. Perhaps no node ever knows all numbers before those, since
   * the origin has ended, or speaks version 1: so a set has to be later.
   */
  private @Nullable Stamp latestForgottenEarly;

  /**
   * Makes an empty log.
   *
   * @param self the id of this node
   * @param capacity the most removals that it remembers one by one
   */
  ChangeLog(long self, int capacity, Ticker ticker) {
    this.self = self;
    this.capacity = capacity;
    this.ticker = ticker;
  }

  private Origin origin(long id) {
    Origin known = origins.get(id);
    if (known == null) {
      putAside(); // Before the new one is there, which has nothing yet.
      known = new Origin();
      known.upTo = aside.getOrDefault(id, 0L);
      known.forgottenUpTo = known.upTo;
      origins.put(id, known);
      aside.remove(id);
    }
    return known;
  }

  /**
   * Puts aside an origin that stopped long ago, if there are too many: nodes were often replaced.
   */
  private void putAside() {
    if (origins.size() >= VersionVector.MOST_ORIGINS) {
      origins.entrySet().stream()
          .filter(each -> each.getKey() != self)
          .filter(each -> each.getValue().inOrder.isEmpty() && each.getValue().early.isEmpty())
          .min(Comparator.comparingLong(each -> each.getValue().latest))
          .ifPresent(
              oldest -> {
                aside.put(oldest.getKey(), oldest.getValue().upTo);
                origins.remove(oldest.getKey());
              });
      if (aside.size() > MOST_ASIDE) {
        aside.remove(aside.keySet().iterator().next());
      }
    }
  }

  /**
   * Returns the number of this node's next removal. The caller holds the lock of {@link
   * LocalChanges} until it has called {@link #add}.
   */
  long nextNumber() {
    Origin own = origins.get(self);
    return own == null ? 1 : own.upTo + 1;
  }

  /** Whether {@code id} has been carried out here. Takes no lock if its origin is remembered. */
  boolean knows(Removal.Id id) {
    Origin origin = origins.get(id.origin());
    if (origin == null) {
      return id.number() <= knownOf(id.origin());
    }
    // The other way round, a removal that advance() takes into the order would be found in neither.
    boolean early = origin.early.containsKey(id.number());
    VarHandle.acquireFence(); // The map reads plainly: without this, the next read may come first.
    return early || id.number() <= origin.upTo;
  }

  /** Notes that {@code removal} has been carried out here. A second call has no effect. */
  void add(Removal removal) {
    synchronized (lock) {
      Origin origin = origin(removal.origin());
      if (knows(removal.id())) {
        return;
      }
      origin.latest = Math.max(origin.latest, removal.time());
      origin.changedAt = ticker.nanos();
      origin.early.put(removal.number(), removal);
      advance(origin);
      remembered.put(removal.id(), removal);
      bySubject.computeIfAbsent(subjectOf(removal), s -> new ArrayDeque<>(1)).add(removal);
      while (remembered.size() > capacity) {
        forget(remembered.values().iterator().next());
      }
    }
  }

  /** Takes the early removals whose turn has come into the order. */
  private static void advance(Origin origin) {
    for (Removal next = origin.early.get(origin.upTo + 1);
        next != null;
        next = origin.early.get(origin.upTo + 1)) {
      origin.inOrder.put(next.number(), next);
      origin.upTo = next.number(); // First this, then the next line: see knows().
      origin.early.remove(next.number());
    }
  }

  /**
   * Forgets a removal, and those of its origin with smaller numbers. Of an early one even the
   * number is forgotten: it would be carried out again.
   */
  private void forget(Removal oldest) {
    Origin origin = origins.get(oldest.origin());
    if (origin.early.remove(oldest.number()) != null) {
      origin.forgottenEarly = Math.max(origin.forgottenEarly, oldest.number());
      origin.forgottenEarlyAt = ticker.nanos();
      latestForgottenEarly = later(latestForgottenEarly, oldest.stamp());
      drop(oldest);
    } else {
      dropAll(origin.inOrder.headMap(oldest.number(), true));
      origin.forgottenUpTo = oldest.number();
    }
  }

  private void drop(Removal removal) {
    remembered.remove(removal.id());
    ArrayDeque<Removal> same = bySubject.get(subjectOf(removal));
    same.remove(removal);
    if (same.isEmpty()) {
      bySubject.remove(subjectOf(removal));
    }
    latestForgotten = later(latestForgotten, removal.stamp());
  }

  private static Stamp later(@Nullable Stamp one, Stamp other) {
    return one != null && one.isAfter(other) ? one : other;
  }

  private static Subject subjectOf(Removal removal) {
    return new Subject(removal.group(), removal.key());
  }

  /** Returns the remembered removals of the key, and of the whole group. */
  private List<Removal> removalsOf(String group, String key) {
    ArrayDeque<Removal> ofKey = bySubject.get(new Subject(group, key));
    ArrayDeque<Removal> ofAll = bySubject.get(new Subject(group, null));
    if (ofKey == null && ofAll == null) {
      return List.of();
    }
    List<Removal> both = new ArrayList<>();
    if (ofKey != null) {
      both.addAll(ofKey);
    }
    if (ofAll != null) {
      both.addAll(ofAll);
    }
    return both;
  }

  /** Returns the latest remembered removals of the key, and of the whole group, the last first. */
  List<Removal> lastRemovals(String group, String key, int most) {
    synchronized (lock) {
      return removalsOf(group, key).stream()
          .sorted(Comparator.comparing(Removal::stamp).reversed())
          .limit(most)
          .toList();
    }
  }

  /**
   * Whether a value of {@code key} may be taken from a node that knew {@code known} before it read
   * the value: it knew all removals of the key and of the whole group that this log knows. Says no
   * if the log cannot tell, because it has forgotten removals that the node did not know.
   */
  boolean allows(VersionVector known, String group, String key) {
    long now = ticker.nanos();
    synchronized (lock) {
      return !hasForgotten(known, null, now)
          && removalsOf(group, key).stream().allMatch(removal -> isIn(known, removal));
    }
  }

  /**
   * Whether a removal overtakes {@code set}: one that its node did not know, or that this log may
   * have forgotten. Sets are ordered by stamps, so the removal of another set is none. Nor is what
   * an earlier set has outlasted that this one knows: this one comes after both. (Test: {@code
   * aSetThatKnowsALaterSetIsNotOvertakenByTheRemovalBeforeThat}.)
   */
  boolean isOvertaken(SetChange set) {
    long now = ticker.nanos();
    synchronized (lock) {
      if (!set.stamp().isAfter(latestForgottenEarly)) {
        return true;
      }
      List<Removal> removals = removalsOf(set.group(), set.key());
      Stamp last = lastKnownSet(removals, set);
      if (hasForgotten(set.known(), set.stamp(), now) && !isEarlier(latestForgotten, last)) {
        return true;
      }
      return removals.stream()
          .filter(removal -> !removal.ofSet() && !isIn(set.known(), removal))
          .anyMatch(removal -> !isEarlier(removal.stamp(), last));
    }
  }

  /**
   * Whether this log has the removal of a later set, which the node of {@code set} did not know.
   */
  boolean isSuperseded(SetChange set) {
    synchronized (lock) {
      return removalsOf(set.group(), set.key()).stream()
          .filter(removal -> removal.ofSet() && !isIn(set.known(), removal))
          .anyMatch(removal -> !set.stamp().isAfter(removal.stamp()));
    }
  }

  /** Whether {@code one} was surely called before {@code other}: it has an earlier time. */
  private static boolean isEarlier(@Nullable Stamp one, @Nullable Stamp other) {
    return one != null && other != null && Long.compareUnsigned(one.time(), other.time()) < 0;
  }

  /** Returns the latest of the sets that {@code set} knows and comes after; null for none. */
  private static @Nullable Stamp lastKnownSet(List<Removal> removals, SetChange set) {
    return removals.stream()
        .filter(removal -> removal.ofSet() && isIn(set.known(), removal))
        .map(Removal::stamp)
        .filter(set.stamp()::isAfter)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  private static boolean isIn(VersionVector known, Removal removal) {
    return known.of(removal.origin()) >= removal.number();
  }

  /** Whether this log has forgotten removals that are not in {@code known}. */
  private boolean hasForgotten(VersionVector known, @Nullable Stamp ofSet, long now) {
    for (Map.Entry<Long, Origin> each : origins.entrySet()) {
      Origin origin = each.getValue();
      long needed = ofSet == null ? origin.forgotten(now) : origin.forgottenUpTo;
      boolean toldLongAgo = known.mayHavePutAside(each.getKey()) && hasStopped(origin, ofSet, now);
      if (known.of(each.getKey()) < needed && !toldLongAgo) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether an origin that another node may have put aside has stopped so long ago that the node
   * knew it: for a value, all nodes have been told since; a set has to be later by its stamp.
   */
  private static boolean hasStopped(Origin origin, @Nullable Stamp ofSet, long now) {
    return ofSet == null
        ? now - origin.changedAt >= STOPPED_NANOS
        : Long.compareUnsigned(ofSet.time(), origin.latest) > 0;
  }

  /** Returns what this log knows of each origin. */
  VersionVector known() {
    synchronized (lock) {
      Map<Long, Long> upTo = new TreeMap<>();
      origins.forEach(
          (id, origin) -> {
            if (origin.upTo > 0) {
              upTo.put(id, origin.upTo);
            }
          });
      return new VersionVector(upTo);
    }
  }

  /**
   * As {@link #known()}, with the early removals of the key and of the whole group: a set that is
   * called now comes after them.
   */
  VersionVector knownOf(String group, String key) {
    synchronized (lock) {
      Map<Long, Long> upTo = new TreeMap<>(known().upTo());
      removalsOf(group, key)
          .forEach(removal -> upTo.merge(removal.origin(), removal.number(), Math::max));
      return new VersionVector(upTo);
    }
  }

  /** Returns the number up to which this log knows the removals of {@code origin}. */
  long knownOf(long origin) {
    Origin known = origins.get(origin);
    if (known != null) {
      return known.upTo;
    }
    synchronized (lock) {
      Origin since = origins.get(origin);
      return since == null ? aside.getOrDefault(origin, 0L) : since.upTo;
    }
  }

  /**
   * Returns this node's own removals after number {@code after}, in order; null if the log does not
   * remember all of them.
   */
  @Nullable List<Removal> ownAfter(long after, int most) {
    synchronized (lock) {
      Origin own = origins.get(self);
      if (own == null || own.upTo <= after) {
        return List.of();
      }
      return after < own.forgottenUpTo
          ? null
          : own.inOrder.tailMap(after, false).values().stream().limit(most).toList();
    }
  }

  /**
   * What a node has to be told.
   *
   * @param baseline what it misses and this log does not remember one by one; null for none
   * @param removed what it misses apart from that, those of one origin in order
   */
  record Missing(@Nullable Baseline baseline, List<Removal> removed) {
    boolean isNothing() {
      return baseline == null && removed.isEmpty();
    }
  }

  /**
   * Returns what a node that knows {@code known} misses.
   *
   * @param most the most removals to return; the node misses perhaps more then
   * @param without the id of an origin to leave out; 0 for none
   */
  Missing missing(VersionVector known, int most, long without) {
    synchronized (lock) {
      Map<Long, Long> forgotten = new TreeMap<>();
      List<Removal> removed = new ArrayList<>();
      List<Long> ids = new ArrayList<>(origins.keySet());
      ids.remove(Long.valueOf(without));
      ids.sort(null); // In an order that a simulation can repeat.
      for (Long id : ids) {
        Origin origin = origins.get(id);
        long from = known.of(id);
        if (from < origin.forgottenUpTo) {
          forgotten.put(id, origin.forgottenUpTo);
          from = origin.forgottenUpTo;
        }
        origin.inOrder.tailMap(from, false).values().stream()
            .limit(Math.max(0, most - removed.size()))
            .forEach(removed::add);
      }
      Stamp latest = latestForgotten;
      return new Missing(
          forgotten.isEmpty() || latest == null
              ? null
              : new Baseline(new VersionVector(forgotten), latest),
          removed);
    }
  }

  /** Whether this log knows all that {@code baseline} stands for. */
  boolean knows(Baseline baseline) {
    return knows(baseline.known());
  }

  /** Whether this log knows all that another node knew. */
  boolean knows(VersionVector known) {
    return known.upTo().entrySet().stream()
        .allMatch(each -> knownOf(each.getKey()) >= each.getValue());
  }

  /** Returns what this log does not know of what {@code baseline} stands for. */
  VersionVector unknownOf(Baseline baseline) {
    Map<Long, Long> unknown = new TreeMap<>(baseline.known().upTo());
    unknown.entrySet().removeIf(each -> knownOf(each.getKey()) >= each.getValue());
    return new VersionVector(unknown);
  }

  /** Notes that everything older than {@code baseline} has been cleared here. */
  void adopt(Baseline baseline) {
    synchronized (lock) {
      baseline.known().upTo().forEach((id, upTo) -> adopt(id, upTo, baseline.latest().time()));
      latestForgotten = later(latestForgotten, baseline.latest());
    }
  }

  private void adopt(long id, long upTo, long latest) {
    if (knownOf(id) < upTo) {
      Origin origin = origin(id);
      origin.latest = Math.max(origin.latest, latest);
      origin.changedAt = ticker.nanos();
      origin.upTo = upTo;
      origin.forgottenUpTo = upTo;
      dropAll(origin.inOrder);
      dropAll(origin.early.headMap(upTo, true));
      advance(origin);
    }
  }

  private void dropAll(NavigableMap<Long, Removal> some) {
    List.copyOf(some.values()).forEach(this::drop);
    some.clear();
  }
}
