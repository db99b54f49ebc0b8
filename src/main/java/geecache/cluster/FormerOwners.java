package geecache.cluster;

import geecache.ring.HashRing;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that owned keys until lately. For a while after the nodes have changed, a node asks
 * them for the keys that it owns now, before it asks the source. Immutable.
 */
final class FormerOwners {
  /** Of a view in which nothing has moved. */
  static final FormerOwners NONE =
      new FormerOwners(HashRing.of(Set.of()), Map.of(), Set.of(), null, null, 0);

  private final HashRing ring;
  private final Map<String, NodePeer> peers;
  private final Set<String> left;
  private final @Nullable String self;
  private final @Nullable Long selfNewUntil;
  private final long until;

  /**
   * Makes it for one view.
   *
   * @param ring of the nodes that own keys now or did so until lately
   * @param peers all of them but this node, those that have left included
   * @param left those of them that own nothing any more
   * @param self this node's URL
   * @param selfNewUntil until when this node counts as one that has just joined; null if it does
   *     not
   * @param until when all that is over, by the ticker
   */
  FormerOwners(
      HashRing ring,
      Map<String, NodePeer> peers,
      Set<String> left,
      @Nullable String self,
      @Nullable Long selfNewUntil,
      long until) {
    this.ring = ring;
    this.peers = Map.copyOf(peers);
    this.left = Set.copyOf(left);
    this.self = self;
    this.selfNewUntil = selfNewUntil;
    this.until = until;
  }

  /** Whether anything has moved that is still worth asking for. */
  boolean isOpen(long now) {
    return !peers.isEmpty() && now - until < 0;
  }

  /** Whether this node itself has just joined, so that others owned all that it owns. */
  boolean isSelfNew(long now) {
    return selfNewUntil != null && now - selfNewUntil < 0;
  }

  /**
   * Returns the nodes that are not asked where this node has just joined: itself, and those that
   * held nothing when it met them, and so owned nothing before it.
   */
  Set<String> newcomers() {
    Set<String> urls = new HashSet<>();
    urls.add(self);
    peers.values().stream().filter(this::isNewcomer).forEach(peer -> urls.add(peer.url()));
    return urls;
  }

  boolean isNewcomer(NodePeer peer) {
    return peer.wasEmpty() && !left.contains(peer.url());
  }

  /** Returns the owner of {@code key} on the ring without some; null if that is this node. */
  @Nullable NodePeer owner(String key, Set<String> leftOut) {
    String owner = ring.owner(key, leftOut);
    return owner == null ? null : peers.get(owner);
  }
}
