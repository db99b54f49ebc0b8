package geecache.cluster;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The groups that another node has, as far as it said. A node that has said nothing is taken to
 * have all of them, until it refuses one: so a node that has just started asks the owners that all
 * others ask. A node never loses a group, so of two lists the longer one is the later. Immutable.
 *
 * @param node the id of the node; 0 if nothing is known of any
 * @param old whether it speaks version 1 of the wire, and knows no versions of values
 * @param count how many it has; {@link GroupVersion#NOT_COUNTED} if it did not say
 * @param told the groups that it told, as {@link GroupVersion} writes them; empty if it told none
 * @param refused the groups that it refused before it told any, and when, by the ticker
 */
record ToldGroups(long node, boolean old, int count, Set<String> told, Map<String, Long> refused) {
  /** For a node that was not met yet. */
  static final ToldGroups UNTOLD =
      new ToldGroups(0, false, GroupVersion.NOT_COUNTED, Set.of(), Map.of());

  /** Whether the node does not have this group. */
  boolean lacks(GroupVersion group) {
    if (old && !group.version().isEmpty()) {
      return true;
    }
    String name = group.toString();
    return hasToldAll() ? !told.contains(name) : refused.containsKey(name);
  }

  private boolean hasToldAll() {
    return !told.isEmpty(); // One that has none yet is about to register some.
  }

  /**
   * Returns what is known once the node with this id has told its groups. Interleaving: it tells
   * them, and the message is delayed; it registers one more, and tells all; the delayed message
   * comes. That has fewer, and counts for nothing. ({@code
   * aLateListOfGroupsDoesNotReplaceALaterOne})
   *
   * @param newCount how many it has; {@link GroupVersion#NOT_COUNTED} if it does not say
   * @param names empty if it has none yet, or more than it tells
   */
  ToldGroups told(long by, boolean speaksVersion1, int newCount, Collection<String> names) {
    if (by != node) {
      return new ToldGroups(by, speaksVersion1, newCount, Set.copyOf(names), Map.of());
    }
    if (newCount != GroupVersion.NOT_COUNTED) {
      return newCount <= count
          ? this // The same, or late.
          : new ToldGroups(node, old, newCount, Set.copyOf(names), Map.of());
    }
    return toldWithoutCount(names);
  }

  /** As nodes of former releases tell them; one that tells ever more is taken to have all. */
  private ToldGroups toldWithoutCount(Collection<String> names) {
    if (names.isEmpty()) {
      return told.isEmpty() ? this : with(Set.of());
    }
    if (told.containsAll(names)) {
      return this;
    }
    Set<String> all = new HashSet<>(told);
    all.addAll(names);
    return with(all.size() > GroupVersion.MOST_TOLD ? Set.of() : Set.copyOf(all));
  }

  private ToldGroups with(Set<String> names) {
    return new ToldGroups(node, old, GroupVersion.NOT_COUNTED, names, Map.of());
  }

  /** Returns what is known once the node with this id has refused a group. */
  ToldGroups refused(long by, GroupVersion group, long now) {
    if (by != node && node != 0 || hasToldAll()) {
      return this; // By the node before it; or it is being closed, or told it just now.
    }
    Map<String, Long> all = new HashMap<>(refused);
    all.put(group.toString(), now);
    return new ToldGroups(by, old, count, told, Map.copyOf(all));
  }

  /**
   * Returns the same without what was refused so many nanoseconds ago: the node may have the group
   * by now.
   */
  ToldGroups withoutRefusals(long now, long nanos) {
    if (refused.values().stream().noneMatch(at -> now - at >= nanos)) {
      return this;
    }
    Map<String, Long> rest = new HashMap<>(refused);
    rest.values().removeIf(at -> now - at >= nanos);
    return new ToldGroups(node, old, count, told, Map.copyOf(rest));
  }
}
