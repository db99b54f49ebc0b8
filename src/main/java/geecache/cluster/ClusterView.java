package geecache.cluster;

import geecache.ring.HashRing;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of the cluster at one moment, and which of them owns which key. Immutable. Safe for use
 * by many threads.
 */
public final class ClusterView {
  private final long number;
  private final HashRing ring;
  private final @Nullable String self;
  private final Collection<String> members;
  private final FormerOwners former;
  private final long fingerprint;

  /**
   * By the names of this node's groups, the nodes that lack them; without those that none lacks.
   */
  private final Map<String, Set<String>> lacking;

  /** By URL, and in that order; all nodes but this one. */
  private final Map<String, ClusterPeer> peers;

  /** Makes a view in which no node is leaving and no key has moved. */
  ClusterView(
      long number, HashRing ring, @Nullable String self, Map<String, ? extends ClusterPeer> peers) {
    this(number, ring.peers(), ring, self, peers, Map.of(), FormerOwners.NONE);
  }

  /**
   * Makes a view.
   *
   * @param number identifies the view on this node
   * @param members the URLs of all nodes
   * @param ring of all nodes that own keys: all but those that are leaving
   * @param self this node's URL; null if it is not among the members, or not known yet
   * @param peers all nodes but this one
   * @param lacking by the names of this node's groups, the nodes that do not have them with the
   *     same version of their values
   * @param former the nodes that owned keys recently
   */
  ClusterView(
      long number,
      Collection<String> members,
      HashRing ring,
      @Nullable String self,
      Map<String, ? extends ClusterPeer> peers,
      Map<String, Set<String>> lacking,
      FormerOwners former) {
    this.number = number;
    this.members = List.copyOf(new TreeSet<>(members));
    this.lacking = Map.copyOf(lacking);
    this.former = former;
    this.ring = ring;
    this.self = self;
    this.peers = Collections.unmodifiableMap(new LinkedHashMap<>(new TreeMap<>(peers)));
    this.fingerprint = ring.fingerprint();
  }

  /** Returns the number of this view on this node. A later view has a greater number. */
  long number() {
    return number;
  }

  /** Returns a number that is equal on all nodes that see the same ring. */
  public long fingerprint() {
    return fingerprint;
  }

  /**
   * Returns this node's name; null if the node is not in the view, or does not know its name yet.
   */
  public @Nullable String self() {
    return self;
  }

  /** Returns the names of all nodes, this one included, in order; unmodifiable. */
  public Collection<String> urls() {
    return members;
  }

  /** Returns the names of the nodes that own keys. */
  Collection<String> owners() {
    return ring.peers();
  }

  /** Returns the part of all keys that each of {@link #owners} owns, in their order. */
  double[] shares() {
    return ring.shares();
  }

  HashRing ring() {
    return ring;
  }

  FormerOwners former() {
    return former;
  }

  /** Returns all nodes but this one. */
  Collection<ClusterPeer> peers() {
    return peers.values();
  }

  /** Returns a peer of either kind; null if there is none of that name. */
  @Nullable ClusterPeer anyPeer(String url) {
    return peers.get(url);
  }

  /** Returns the peers that are geecache nodes. */
  List<KnownNode> nodes() {
    return peers.values().stream()
        .filter(NodePeer.class::isInstance)
        .map(peer -> ((NodePeer) peer).node())
        .toList();
  }

  /** Returns a peer that is a geecache node; null if there is none of that name. */
  @Nullable NodePeer peer(String url) {
    return peers.get(url) instanceof NodePeer node ? node : null;
  }

  /** Returns the names of the Go nodes, in order. */
  List<String> goNodes() {
    return peers.values().stream()
        .filter(GoPeer.class::isInstance)
        .map(ClusterPeer::url)
        .sorted()
        .toList();
  }

  /** Returns the nodes that lack each group of this node which not all others have. */
  Map<String, Set<String>> lacking() {
    return lacking;
  }

  /** Returns the names of the nodes that lack this group of this node. */
  Set<String> lacking(String group) {
    return lacking.isEmpty() ? Set.of() : lacking.getOrDefault(group, Set.of());
  }

  /** Whether this node owns {@code key} of a group, among the nodes that have it. */
  public boolean owns(String group, String key) {
    return owns(lacking(group), key);
  }

  /** As {@link #owns(String, String)}, of a group that these nodes lack. */
  boolean owns(Set<String> lacking, String key) {
    String owner = ownerName(lacking, key);
    return owner == null || owner.equals(self);
  }

  /**
   * Returns the name of the node that owns {@code key} of a group; null if there is none. That is
   * the next one from the key's point on which does not lack the group.
   */
  @Nullable String ownerName(Set<String> lacking, String key) {
    return lacking.isEmpty() ? ring.owner(key) : ring.owner(key, lacking);
  }

  /** Returns the peer that owns {@code key} of a group; null if this node does. */
  @Nullable ClusterPeer owner(Set<String> lacking, String key) {
    String owner = ownerName(lacking, key);
    return owner == null ? null : peers.get(owner);
  }

  /** As {@link #owner}, on the ring without one more of its nodes. */
  @Nullable ClusterPeer ownerWithout(Set<String> lacking, String node, String key) {
    Set<String> leftOut = new HashSet<>(lacking);
    leftOut.add(node);
    String owner = ring.owner(key, leftOut);
    return owner == null ? null : peers.get(owner);
  }
}
