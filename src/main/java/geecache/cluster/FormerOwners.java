package geecache.cluster;

import geecache.ring.HashRing;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that owned keys before the nodes changed. For a while after a change, a node asks them
 * for the keys that it owns now, before it asks the source. Immutable.
 */
final class FormerOwners {
  /** For a view in which no key has moved. */
  static final FormerOwners NONE =
      new FormerOwners(HashRing.of(Set.of()), Map.of(), Set.of(), null, null, Map.of(), 0);

  private final HashRing ring;
  private final Map<String, NodePeer> peers;
  private final Set<String> left;
  private final @Nullable String self;
  private final @Nullable Long selfNewUntil;
  private final Map<String, Long> lateUntil;
  private final long until;

  /**
   * Makes it for one view.
   *
   * @param ring of the nodes that own keys now or owned some recently
   * @param peers all of them but this node, those that have left included
   * @param left those of the peers that own no keys any more
   * @param self this node's URL
   * @param selfNewUntil until when this node counts as new; null if it is not new
   * @param lateUntil until when each group counts as new that this node has had only since it
   *     joined
   * @param until when former owners are asked, by the ticker
   */
  FormerOwners(
      HashRing ring,
      Map<String, NodePeer> peers,
      Set<String> left,
      @Nullable String self,
      @Nullable Long selfNewUntil,
      Map<String, Long> lateUntil,
      long until) {
    this.ring = ring;
    this.peers = Map.copyOf(peers);
    this.left = Set.copyOf(left);
    this.self = self;
    this.selfNewUntil = selfNewUntil;
    this.lateUntil = Map.copyOf(lateUntil);
    this.until = until;
  }

  /** Returns the ring of the nodes that own keys now or owned some recently. */
  HashRing ring() {
    return ring;
  }

  /** Whether former owners are still asked. */
  boolean isOpen(long now) {
    return !peers.isEmpty() && now - until < 0;
  }

  /** Whether this node itself has just joined, so that other nodes owned all its keys before. */
  boolean isSelfNew(long now) {
    return selfNewUntil != null && now - selfNewUntil < 0;
  }

  /**
   * Returns the nodes that are not asked for keys of {@code group}: those that lack it; this node,
   * if it has had the group for a short time only; and if it has just joined, {@link #newcomers}.
   */
  Set<String> leftOut(GroupVersion group, long now) {
    Set<String> urls = new HashSet<>();
    peers.forEach(
        (url, peer) -> {
          if (peer.lacks(group)) {
            urls.add(url);
          }
        });
    Long late = lateUntil.get(group.group());
    if (self != null && late != null && now - late < 0) {
      urls.add(self);
    }
    if (isSelfNew(now)) {
      urls.addAll(newcomers());
    }
    return urls;
  }

  /**
   * Returns the nodes that this node does not ask if it has just joined: itself, and the nodes that
   * held nothing when it met them, since these owned no keys before either.
   */
  private Set<String> newcomers() {
    Set<String> urls = new HashSet<>();
    urls.add(self);
    peers.values().stream().filter(this::isNewcomer).forEach(peer -> urls.add(peer.url()));
    return urls;
  }

  boolean isNewcomer(NodePeer peer) {
    return peer.node().wasEmpty() && !left.contains(peer.url());
  }

  /**
   * Returns the owner of {@code key} on the ring without {@code leftOut}; null if that is this
   * node.
   */
  @Nullable NodePeer owner(String key, Set<String> leftOut) {
    String owner = ring.owner(key, leftOut);
    return owner == null ? null : peers.get(owner);
  }
}
