package geecache.cluster;

import geecache.ring.HashRing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which nodes left the ring recently, and since when this node is on it. Guarded by the
 * lock of {@link ViewHolder}.
 */
final class RecentMoves {
  private record Left(NodePeer peer, long at) {}

  private final long window;
  private final Map<String, Left> left = new HashMap<>();

  /** The groups that this node has had only since it joined, and since when. */
  private final Map<String, Long> lateGroups = new HashMap<>();

  /** Since when this node owns keys of other nodes; null while it is alone or owns no keys. */
  private @Nullable Long joined;

  /**
   * Makes a memory without moves.
   *
   * @param window how long a move is remembered, in nanoseconds
   */
  RecentMoves(long window) {
    this.window = window;
  }

  /** Notes that this node has one more group: others owned its keys if this node had joined. */
  void noteGroup(String group, long now) {
    if (joined != null) {
      lateGroups.put(group, now);
    }
  }

  /** Returns since when this node is one of several that own keys, by the ticker; or null. */
  @Nullable Long joined() {
    return joined;
  }

  /**
   * Notes a change of the ring. Returns the former owners to ask from now on.
   *
   * @param self this node's URL; null if it does not know it
   * @param peers all other nodes, on the ring or leaving
   */
  FormerOwners change(
      ClusterView before,
      HashRing ring,
      @Nullable String self,
      Map<String, ClusterPeer> peers,
      long now) {
    if (self == null || peers.isEmpty() || !ring.peers().contains(self)) {
      joined = null;
    } else if (joined == null) {
      joined = now;
    }
    for (String url : before.owners()) {
      NodePeer peer = before.peer(url);
      if (peer != null) {
        left.put(url, new Left(peer, now));
      }
    }
    left.keySet().removeAll(ring.peers());
    left.values().removeIf(gone -> now - gone.at() >= window);
    if (window == 0) {
      return FormerOwners.NONE;
    }
    Map<String, NodePeer> all = new HashMap<>();
    for (ClusterPeer peer : peers.values()) {
      if (peer instanceof NodePeer node && ring.peers().contains(node.url())) {
        all.put(node.url(), node);
      }
    }
    left.forEach((url, gone) -> all.put(url, gone.peer()));
    TreeSet<String> urls = new TreeSet<>(ring.peers()); // In the order of HashRing.peers().
    urls.addAll(left.keySet());
    long rest = left.values().stream().mapToLong(gone -> gone.at() + window - now).max().orElse(0);
    Long newUntil = joined == null || now - joined >= window ? null : joined + window;
    if (newUntil != null) {
      rest = Math.max(rest, newUntil - now);
    }
    lateGroups.values().removeIf(since -> now - since >= window);
    Map<String, Long> lateUntil = new HashMap<>(lateGroups);
    lateUntil.replaceAll((group, since) -> since + window);
    for (long until : lateUntil.values()) {
      rest = Math.max(rest, until - now);
    }
    return new FormerOwners(
        ring(urls, ring, before), all, left.keySet(), self, newUntil, lateUntil, now + rest);
  }

  /** A ring is some work to make, and most often there is one of these nodes. */
  private static HashRing ring(TreeSet<String> urls, HashRing now, ClusterView before) {
    List<String> all = List.copyOf(urls);
    if (now.peers().equals(all)) {
      return now;
    }
    HashRing former = before.former().ring();
    return former.peers().equals(all) ? former : HashRing.of(all);
  }
}
