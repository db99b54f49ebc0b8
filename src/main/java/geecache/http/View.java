package geecache.http;

import geecache.ring.HashRing;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Who the nodes are at one moment, and who of them owns what. Immutable, but for rings that are
 * made when first needed.
 */
final class View {
  private final long number;
  private final HashRing ring;
  private final @Nullable String self;
  private final Collection<String> members;
  private final Former former;
  private final long fingerprint;

  /** By URL; all nodes but this one. */
  private final Map<String, ClusterPeer> peers;

  /** By URL; of nodes that were peers and are not now, those that left last at the end. */
  private final Map<String, Contact> departed;

  /** By the node that is left out. */
  private final ConcurrentMap<String, HashRing> without = new ConcurrentHashMap<>();

  /** Makes a view in which nobody is leaving, and nothing has moved. */
  View(
      long number,
      HashRing ring,
      @Nullable String self,
      Map<String, ? extends ClusterPeer> peers,
      Map<String, Contact> departed) {
    this(number, ring.peers(), ring, self, peers, departed, Former.NOBODY);
  }

  /**
   * Makes a view.
   *
   * @param number tells views of this node apart
   * @param members the URLs of all nodes
   * @param ring of all nodes that own keys: all but those that are leaving
   * @param self this node's URL among them; null if it is not there, or not known yet
   * @param peers all nodes but this one
   * @param departed what is known of nodes that have left, by URL; not copied
   * @param former who owned keys until lately
   */
  View(
      long number,
      Collection<String> members,
      HashRing ring,
      @Nullable String self,
      Map<String, ? extends ClusterPeer> peers,
      Map<String, Contact> departed,
      Former former) {
    this.number = number;
    this.members = List.copyOf(new TreeSet<>(members));
    this.former = former;
    this.ring = ring;
    this.self = self;
    this.peers = Map.copyOf(peers);
    this.departed = Collections.unmodifiableMap(departed);
    this.fingerprint = ring.fingerprint();
  }

  long number() {
    return number;
  }

  long fingerprint() {
    return fingerprint;
  }

  @Nullable String self() {
    return self;
  }

  /** The URLs of all nodes, this one included. */
  Collection<String> urls() {
    return members;
  }

  /** The URLs of the nodes that own keys. */
  Collection<String> owners() {
    return ring.peers();
  }

  Former former() {
    return former;
  }

  Collection<ClusterPeer> peers() {
    return peers.values();
  }

  /** Returns a peer of whichever kind. */
  @Nullable ClusterPeer anyPeer(String url) {
    return peers.get(url);
  }

  /** Returns what is known of nodes that have left, in the order in which they did. */
  Map<String, Contact> departed() {
    return departed;
  }

  /** Returns the contact with a peer, or with a node that was one; null if there was none. */
  @Nullable Contact contact(String url) {
    return peers.get(url) instanceof HTTPPeer node ? node.contact() : departed.get(url);
  }

  /** Returns a peer that can be met and told of changes, which Go nodes cannot. */
  @Nullable HTTPPeer peer(String url) {
    return peers.get(url) instanceof HTTPPeer node ? node : null;
  }

  /** The URLs of the Go nodes. */
  List<String> goNodes() {
    return peers.values().stream()
        .filter(GoPeer.class::isInstance)
        .map(ClusterPeer::url)
        .sorted()
        .toList();
  }

  boolean owns(String key) {
    String owner = ring.owner(key);
    return owner == null || owner.equals(self);
  }

  /** Returns the peer that owns {@code key}; null if this node does. */
  @Nullable ClusterPeer owner(String key) {
    String owner = ring.owner(key);
    return owner == null ? null : peers.get(owner);
  }

  /** As {@link #owner}, on the ring without one of its nodes. */
  @Nullable ClusterPeer ownerWithout(String node, String key) {
    String owner = without.computeIfAbsent(node, ring::without).owner(key);
    return owner == null ? null : peers.get(owner);
  }
}
