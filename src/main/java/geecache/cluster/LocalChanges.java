package geecache.cluster;

import geecache.ByteView;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.OwnedBytes;
import geecache.PeerValue;
import geecache.Stamp;
import geecache.ValueTooLargeException;
import geecache.cluster.RefusedException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out changes on this node: its own, and those that other nodes tell or that their reads
 * name. They may come in any order and more than once. Safe for use by many threads.
 *
 * <p>Two sets are ordered by their stamps, and so are a value that was set and a removal that comes
 * later: the removal leaves the value alone if it has the earlier stamp. A set is not stored if
 * this node knows a removal of the key that the set's node did not know when it was called, unless
 * it knew a later set that outlasted that removal. A value that was loaded has no place in the
 * order: any removal that this node did not know removes it.
 *
 * <p>Interleavings:
 *
 * <ol>
 *   <li>A read names a removal, and this node carries it out and loads the key; the removal itself
 *       comes. It is known, and the load stays. ({@code aRemovalThatAReadNamedVoidsNoLaterLoad})
 *   <li>A set comes, and its value is stored; a read comes that names the removal of the set. The
 *       removal has the stamp of the value, and leaves it alone. ({@code
 *       aReadThatNamesTheRemovalOfASetDoesNotUndoIt})
 *   <li>A caller gives up a set while its request is under way; a later removal is carried out; the
 *       request comes. The removal was not known when the set was called. ({@code
 *       aSetThatWasGivenUpIsNotStoredAfterALaterRemoval})
 *   <li>A set looks at the log; a later removal is carried out; the set stores. So it is one step
 *       to look at the log, to carry out and to log.
 *   <li>A set that did not know of a removal is stored with a later stamp; a read names the
 *       removal, which leaves the value alone; the removal itself comes. It is known, and its
 *       answer names the value all the same, so that it is stamped anew. ({@code
 *       aRemovalThatAReadNamedFirstWinsOverASetAtTheSameTime})
 * </ol>
 */
final class LocalChanges {
  private static final Logger log = LoggerFactory.getLogger(LocalChanges.class);

  /** Guards those steps. Only steps of the store run under it. */
  private final Object carrying = new Object();

  private final LocalNode node;
  private final long self;
  private final HybridClock clock;
  private final ChangeLog changes;
  private final AnnouncedRemovals announced;

  /**
   * The later stamps of values that removals left alone. A removal may be told again, first by a
   * read or by another node, and its origin has to hear of the value all the same. The first go
   * when there are too many. Guarded by {@code carrying}.
   */
  private final Map<Removal.Id, Stamp> left = new LinkedHashMap<>();

  LocalChanges(
      LocalNode node,
      long self,
      HybridClock clock,
      ChangeLog changes,
      AnnouncedRemovals announced) {
    this.node = node;
    this.self = self;
    this.clock = clock;
    this.changes = changes;
    this.announced = announced;
  }

  /**
   * What a change of this node did here.
   *
   * @param last the number of its last removal
   * @param stayed the latest stamp of a value that it left alone, because that was set later; null
   *     if there is none
   */
  record Done(long last, @Nullable Stamp stayed) {}

  /** Removes keys, and notes the removals as changes of this node. */
  Done remove(LocalGroup group, Collection<String> keys, Stamp stamp) {
    return remove(group, keys, stamp, false);
  }

  /** Removes what is older than a value that was set, and notes that as a change of this node. */
  Done makeWay(LocalGroup group, String key, Stamp stamp) {
    return remove(group, List.of(key), stamp, true);
  }

  private Done remove(LocalGroup group, Collection<String> keys, Stamp stamp, boolean ofSet) {
    synchronized (carrying) {
      Stamp stayed = null;
      long number = changes.nextNumber() - 1;
      for (String key : keys) {
        Removal removal = new Removal(self, ++number, stamp.time(), group.name(), key, ofSet);
        stayed = later(stayed, carryOut(removal));
      }
      return new Done(number, stayed);
    }
  }

  /** Clears a group, and notes the removal as a change of this node. */
  Done clear(LocalGroup group, Stamp stamp) {
    synchronized (carrying) {
      long number = changes.nextNumber();
      return new Done(
          number, carryOut(new Removal(self, number, stamp.time(), group.name(), null)));
    }
  }

  /** Stores a value of this node's own, which owns the key. */
  SetResult setHere(LocalGroup group, SetChange set) {
    synchronized (carrying) {
      return storeUnlessOvertaken(group, set);
    }
  }

  /**
   * Carries out the changes in a message. Those that are known have no effect.
   *
   * @param find returns the group of a set; null if this node does not have it with that version
   * @param owns whether this node owns a key of a group
   * @return what became of the sets, and the values that the removals left alone
   * @throws RefusedException if there cannot be such changes; then nothing is done
   */
  Told carryOut(
      Changes told,
      Function<SetChange, @Nullable LocalGroup> find,
      BiPredicate<LocalGroup, String> owns)
      throws RefusedException {
    synchronized (carrying) {
      requirePossible(told);
      List<SetResult> sets = new ArrayList<>();
      told.sets().forEach(set -> sets.add(set(set, find.apply(set), owns)));
      if (told.baseline() != null) {
        adopt(told.baseline());
      }
      return new Told(sets, remove(told.removed()));
    }
  }

  /**
   * Refuses removals of this node that it never made, with which its own numbers would not go on;
   * and stamps later than the clock of their sender, which no node gives.
   */
  private void requirePossible(Changes told) throws RefusedException {
    Baseline baseline = told.baseline();
    if (told.removed().stream().anyMatch(this::isNeverMade)
        || (baseline != null && baseline.known().of(self) > changes.knownOf(self))) {
      throw new RefusedException(Reason.BAD_REQUEST, "this node never made such a removal");
    }
    Stamp clock = new Stamp(told.clock(), -1); // No stamp of that time is later.
    if (told.sets().stream().anyMatch(set -> set.stamp().isAfter(clock))
        || (baseline != null && baseline.latest().isAfter(clock))) {
      throw new RefusedException(Reason.BAD_REQUEST, "a stamp is later than the sender's clock");
    }
  }

  /** Call this under the lock: then all that were made are known. */
  private boolean isNeverMade(Removal removal) {
    return removal.origin() == self && !changes.knows(removal.id());
  }

  /** What became of the changes in a message. */
  record Told(List<SetResult> sets, Map<Removal.Id, Stamp> stayed) {}

  private SetResult set(
      SetChange set, @Nullable LocalGroup group, BiPredicate<LocalGroup, String> owns) {
    if (group == null) {
      return SetResult.NO_SUCH_GROUP;
    }
    if (!owns.test(group, set.key())) {
      return SetResult.NOT_OWNER;
    }
    return storeUnlessOvertaken(group, set);
  }

  private SetResult storeUnlessOvertaken(LocalGroup group, SetChange set) {
    if (changes.isOvertaken(set)) {
      return SetResult.OVERTAKEN;
    }
    return changes.isSuperseded(set) ? SetResult.SUPERSEDED : store(group, set);
  }

  private SetResult store(LocalGroup group, SetChange set) {
    Duration life = set.lifeMillis() < 0 ? null : Duration.ofMillis(set.lifeMillis());
    ByteView value = OwnedBytes.view(set.value());
    try {
      String key = Group.requireKey(set.key());
      group.requireRoom(key, value, life);
      if (set.ifAbsent()) {
        LocalGroup.Put put = group.putIfAbsent(key, value, life, set.stamp());
        if (!put.stored() && put.later() == null) {
          return SetResult.PRESENT;
        }
        return put.stored() ? SetResult.STORED : SetResult.SUPERSEDED;
      }
      Stamp later = group.set(key, value, life, set.stamp());
      return later == null ? SetResult.STORED : SetResult.SUPERSEDED;
    } catch (ValueTooLargeException noRoom) {
      return SetResult.TOO_LARGE;
    } catch (IllegalArgumentException badKey) {
      return SetResult.REFUSED;
    }
  }

  private void adopt(Baseline baseline) {
    if (changes.knows(baseline)) {
      return;
    }
    announced.require(changes.unknownOf(baseline)); // Before anything is cleared.
    boolean held = node.groups().stream().anyMatch(group -> group.stats().entries() > 0);
    node.groups().forEach(group -> group.clear(baseline.latest()));
    changes.adopt(baseline);
    if (held) {
      log.info("cleared all groups: this node missed more changes than other nodes remember");
    }
  }

  /** Carries out removals that other nodes tell. */
  private Map<Removal.Id, Stamp> remove(List<Removal> removed) {
    Map<Removal.Id, Stamp> stayed = new HashMap<>();
    for (Removal removal : removed) {
      noteLeft(
          removal.id(), unlessKnown(removal)); // It may be told again, by this node or another.
      Stamp later = left.get(removal.id());
      if (later != null) {
        stayed.put(removal.id(), later);
      }
    }
    return stayed;
  }

  /**
   * Carries out the removals that a read of {@code key} names and this node does not know yet. Most
   * are known: no read has to wait for the lock.
   */
  void catchUp(LocalGroup group, String key, List<Removal.Named> named) {
    for (Removal.Named each : named) {
      if (!changes.knows(each.id())) {
        Removal removal =
            new Removal(
                each.id().origin(),
                each.id().number(),
                each.time(),
                group.name(),
                each.everything() ? null : key,
                each.ofSet());
        synchronized (carrying) {
          noteLeft(removal.id(), unlessKnown(removal));
        }
      }
    }
  }

  private void noteLeft(Removal.Id id, @Nullable Stamp later) {
    if (later != null) {
      left.put(id, later);
      if (left.size() > Changes.MOST_REMOVALS) {
        left.remove(left.keySet().iterator().next());
      }
    }
  }

  /** Carries out what a node of version 1 tells, which knows no stamps. */
  void carryOutUnstamped(List<Removal> removed) {
    synchronized (carrying) {
      removed.forEach(this::unlessKnown);
    }
  }

  /**
   * Stores a value for a node of version 1, as if it had been set now.
   *
   * @return false if there is no such group, or it does not take the value
   */
  boolean setUnstamped(Removal removal, byte[] value, long lifeMillis) {
    LocalGroup group = node.find(removal.group()).orElse(null);
    String key = removal.key();
    if (group == null || key == null || value.length > group.maxValueBytes()) {
      return false;
    }
    synchronized (carrying) {
      Removal stamped = removal.at(clock.next().time());
      SetResult answer =
          store(
              group,
              new SetChange(
                  group.name(), key, value, lifeMillis, stamped.stamp(), VersionVector.EMPTY));
      unlessKnown(stamped);
      return answer != SetResult.REFUSED;
    }
  }

  /** Clears everything for a node of version 1 that does not remember what this node missed. */
  void clearAll() {
    synchronized (carrying) {
      Stamp stamp = clock.next();
      node.groups().forEach(group -> group.clear(stamp));
    }
  }

  /**
   * Stores a value that another node hands over.
   *
   * @param known the changes that the other node knew before it read the value
   * @return whether it was stored
   */
  boolean accept(LocalGroup group, String key, PeerValue given, VersionVector known) {
    synchronized (carrying) {
      return group.accept(key, given, () -> changes.allows(known, group.name(), key));
    }
  }

  private @Nullable Stamp unlessKnown(Removal removal) {
    if (changes.knows(removal.id()) || isNeverMade(removal)) {
      return null;
    }
    boolean stamped = removal.time() != 0 && clock.observe(removal.time(), "another node");
    return carryOut(stamped ? removal : removal.at(clock.next().time()));
  }

  /**
   * Announces the removal first: see {@link AnnouncedRemovals}. Returns the stamp of the later
   * value that it left alone, if there is one.
   *
   * <p>Interleaving: there is no such group; it is registered, and has a value of before; the
   * removal is logged. So one looks for the group once more then. ({@code
   * aRemovalReachesAGroupThatIsRegisteredMeanwhile})
   */
  private @Nullable Stamp carryOut(Removal removal) {
    announced.announce(removal);
    LocalGroup group = node.find(removal.group()).orElse(null);
    Stamp stayed = group == null ? null : carryOut(removal, group);
    changes.add(removal);
    if (group == null) {
      group = node.find(removal.group()).orElse(null);
      stayed = group == null ? null : carryOut(removal, group);
    }
    return stayed;
  }

  private static @Nullable Stamp carryOut(Removal removal, LocalGroup group) {
    return removal.key() == null
        ? group.clear(removal.stamp())
        : group.remove(removal.key(), removal.stamp());
  }

  private static @Nullable Stamp later(@Nullable Stamp one, @Nullable Stamp other) {
    return other == null || (one != null && one.isAfter(other)) ? one : other;
  }
}
