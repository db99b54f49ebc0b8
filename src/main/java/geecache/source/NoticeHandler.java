package geecache.source;

import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.NotReachedException;
import geecache.OverloadedException;
import geecache.Stamp;
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
 * Removes the keys that notices name: on this node, or on all nodes if this one is the speaker. For
 * one thread; any thread may read the counters.
 */
final class NoticeHandler {
  private static final Logger log = LoggerFactory.getLogger(NoticeHandler.class);

  private final Geecache node;
  private final Set<String> groups;
  final AtomicLong clears = new AtomicLong();
  final AtomicLong notReached = new AtomicLong();

  /** Whether the refusal of a removal on all nodes was logged; it is logged once. */
  private boolean refusalLogged;

  NoticeHandler(Geecache node, Set<String> groups) {
    this.node = node;
    this.groups = groups;
  }

  /** Removes the keys of a group in one step, or clears the group. */
  void handle(Collection<Notice> notices, boolean onAllNodes) {
    Map<String, Notice> byGroup = new LinkedHashMap<>();
    notices.forEach(notice -> byGroup.merge(notice.group(), notice, NoticeHandler::merge));
    for (Notice notice : byGroup.values()) {
      if (groups.contains(notice.group())) {
        node.find(notice.group()).ifPresent(group -> remove(group, notice.keys(), onAllNodes));
      }
    }
  }

  private static Notice merge(Notice one, Notice other) {
    if (one.keys() == null || other.keys() == null) {
      return new Notice(one.group(), null);
    }
    Set<String> keys = new LinkedHashSet<>(one.keys());
    keys.addAll(other.keys());
    return new Notice(one.group(), keys);
  }

  /** Clears all groups that notices may name. */
  void clearAll(boolean onAllNodes) {
    handle(groups.stream().map(group -> new Notice(group, null)).toList(), onAllNodes);
  }

  private void remove(Group group, @Nullable Set<String> keys, boolean onAllNodes) {
    List<String> possible =
        keys == null ? null : keys.stream().filter(NoticeHandler::isPossible).toList();
    if (possible == null) {
      clears.incrementAndGet();
    }
    if (!onAllNodes || !removeOnAllNodes(group, possible)) {
      removeHere(LocalNode.partOf(group), possible, node.local().nextStamp());
    }
  }

  private static void removeHere(LocalGroup group, @Nullable List<String> keys, Stamp stamp) {
    if (keys == null) {
      group.clear(stamp);
    } else {
      keys.forEach(key -> group.remove(key, stamp));
    }
  }

  /** Returns false if nothing was removed, not even here. */
  private boolean removeOnAllNodes(Group group, @Nullable List<String> keys) {
    try {
      if (keys == null) {
        group.clear();
      } else {
        group.removeAll(keys);
      }
      return true;
    } catch (NotReachedException missed) { // Those nodes are told when they are met again.
      notReached.incrementAndGet();
      log.debug("a change in the database was not told to all nodes: {}", missed.getMessage());
      return true;
    } catch (OverloadedException overloaded) {
      notReached.incrementAndGet();
      log.warn("a change in the database was told to no other node: {}", overloaded.getMessage());
      return false;
    } catch (IllegalStateException refused) {
      if (!refusalLogged) {
        refusalLogged = true;
        log.warn(
            "changes in the database are removed on this node only, not on its peers: {}",
            refused.getMessage());
      }
      return false;
    }
  }

  /** Whether a group can have this key at all. */
  private static boolean isPossible(String key) {
    try {
      Group.requireKey(key);
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }
}
