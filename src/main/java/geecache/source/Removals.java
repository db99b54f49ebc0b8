package geecache.source;

import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.NotReachedException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what notices say: on this node at once, and on all nodes if this one speaks for them.
 * For one thread; the counters are for all.
 */
final class Removals {
  private static final Logger log = LoggerFactory.getLogger(PostgresInvalidation.class);

  private final Geecache node;
  private final Set<String> groups;
  final AtomicLong clears = new AtomicLong();
  final AtomicLong notReached = new AtomicLong();

  /** So that what cannot be helped is told once. */
  private boolean refusalTold;

  Removals(Geecache node, Set<String> groups) {
    this.node = node;
    this.groups = groups;
  }

  /** Each group's keys are removed in one step, or all of it is. */
  void carryOut(Collection<Notice> heard, boolean everywhere) {
    Map<String, Notice> byGroup = new LinkedHashMap<>();
    heard.forEach(notice -> byGroup.merge(notice.group(), notice, Removals::both));
    for (Notice notice : byGroup.values()) {
      if (groups.contains(notice.group())) {
        node.find(notice.group()).ifPresent(group -> remove(group, notice.keys(), everywhere));
      }
    }
  }

  private static Notice both(Notice one, Notice other) {
    if (one.keys() == null || other.keys() == null) {
      return new Notice(one.group(), null);
    }
    Set<String> keys = new LinkedHashSet<>(one.keys());
    keys.addAll(other.keys());
    return new Notice(one.group(), keys);
  }

  /** Everything that notices may be about. */
  void clearAll(boolean everywhere) {
    carryOut(groups.stream().map(group -> new Notice(group, null)).toList(), everywhere);
  }

  private void remove(Group group, @Nullable Set<String> keys, boolean everywhere) {
    List<String> possible =
        keys == null ? null : keys.stream().filter(Removals::isPossible).toList();
    if (possible == null) {
      clears.incrementAndGet();
    }
    if (!everywhere || !removeEverywhere(group, possible)) {
      removeHere(LocalNode.partOf(group), possible);
    }
  }

  private static void removeHere(LocalGroup group, @Nullable List<String> keys) {
    if (keys == null) {
      group.clear();
    } else {
      group.remove(keys);
    }
  }

  /** Returns false if nothing was removed, not even here. */
  private boolean removeEverywhere(Group group, @Nullable List<String> keys) {
    try {
      if (keys == null) {
        group.clear();
      } else {
        group.removeAll(keys);
      }
      return true;
    } catch (NotReachedException missed) { // They are told when they are met again.
      notReached.incrementAndGet();
      log.debug("a change in the database did not reach all nodes: {}", missed.getMessage());
      return true;
    } catch (IllegalStateException refused) {
      if (!refusalTold) {
        refusalTold = true;
        log.warn("each node removes what it hears of by itself alone: {}", refused.getMessage());
      }
      return false;
    }
  }

  /** What no group takes for a key, none has. */
  private static boolean isPossible(String key) {
    try {
      Group.requireKey(key);
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }
}
