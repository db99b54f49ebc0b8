package geecache.source;

import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.Stamp;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Removes the keys that notices name: from this node's memory before anything else, and then on all
 * nodes if this one is the speaker. It does not wait for the others. For one thread; any thread may
 * read the counters, and clear a group here.
 */
final class NoticeHandler {
  private final Geecache node;
  private final Set<String> groups;
  private final Map<String, ChangeTeller> tellers = new LinkedHashMap<>();
  final AtomicLong clears = new AtomicLong();
  final AtomicLong notReached = new AtomicLong();

  NoticeHandler(Geecache node, Set<String> groups) {
    this.node = node;
    this.groups = groups;
  }

  /** Removes the keys of each group in one step, or clears the group. */
  void handle(Collection<Notice> notices, boolean onAllNodes) {
    Map<String, Notice> byGroup = new LinkedHashMap<>();
    for (Notice notice : notices) {
      if (groups.contains(notice.group())) {
        byGroup.merge(notice.group(), possible(notice), ChangeTeller::merge);
      }
    }
    byGroup.values().forEach(this::removeHere);
    if (onAllNodes) {
      byGroup.values().forEach(this::tell);
    }
  }

  /** Clears all groups that notices may name. */
  void clearAll(boolean onAllNodes) {
    handle(ofEverything(), onAllNodes);
  }

  /** Returns the notices that clear all groups. */
  List<Notice> ofEverything() {
    return groups.stream().map(group -> new Notice(group, null)).toList();
  }

  /** Clears one group in this node's memory. */
  void clearHere(String group) {
    removeHere(new Notice(group, null));
  }

  private void removeHere(Notice notice) {
    node.find(notice.group()).ifPresent(group -> removeHere(LocalNode.partOf(group), notice));
  }

  private void removeHere(LocalGroup group, Notice notice) {
    Stamp stamp = node.local().nextStamp();
    if (notice.keys() == null) {
      clears.incrementAndGet();
      group.clear(stamp);
    } else {
      notice.keys().forEach(key -> group.remove(key, stamp));
    }
  }

  private void tell(Notice notice) {
    node.find(notice.group())
        .ifPresent(
            group ->
                tellers
                    .computeIfAbsent(
                        notice.group(),
                        name -> new ChangeTeller(group, notReached::incrementAndGet))
                    .tell(notice));
  }

  /** Tells all nodes of the changes of which they could not be told so far. */
  void tellWaiting() {
    tellers.values().forEach(ChangeTeller::tellWaiting);
  }

  /** Returns a future that is done once all nodes were told of all that was handled so far. */
  CompletableFuture<Void> allTold() {
    return CompletableFuture.allOf(
        tellers.values().stream().map(ChangeTeller::allTold).toArray(CompletableFuture[]::new));
  }

  /** Leaves out the keys that no group can have. */
  private static Notice possible(Notice notice) {
    if (notice.keys() == null) {
      return notice;
    }
    Set<String> keys = new LinkedHashSet<>(notice.keys());
    keys.removeIf(key -> !isPossible(key));
    return new Notice(notice.group(), keys);
  }

  /** Whether a group may have {@code key}. */
  static boolean isPossible(String key) {
    try {
      Group.requireKey(key);
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }
}
