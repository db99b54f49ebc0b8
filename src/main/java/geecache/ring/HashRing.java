package geecache.ring;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Assigns each key to one of a set of peers. A peer that joins or leaves moves no key between two
 * other peers: consistent hashing (Karger and others, 1997). Each peer has many points on a circle,
 * and a key belongs to the first point at or after its own hash. Immutable. A look-up takes no lock
 * and allocates nothing.
 *
 * <p>There are two kinds. {@link #of} makes geecache's own ring, with 1,024 points for each peer
 * and a 64-bit hash: of 100 peers, the one with the most keys has at most 1.10 times the mean.
 * {@link #compatible} makes the ring of golang/groupcache and GeeCache, point for point.
 *
 * <p>If two peers have the same point, it belongs to the greater by {@link String#compareTo}. So
 * the order of the peers does not matter.
 */
public final class HashRing {
  private static final int POINTS = 1024;

  private final PointHash hash;
  private final int replicas;
  private final List<String> peers;

  /** In ascending unsigned order, each point once. */
  private final long[] points;

  /** For each point, its peer's index in {@code peers}. */
  private final int[] owners;

  private HashRing(PointHash hash, int replicas, Collection<String> peers) {
    if (replicas <= 0) {
      throw new IllegalArgumentException("replicas must be positive: " + replicas);
    }
    this.hash = hash;
    this.replicas = replicas;
    this.peers = List.copyOf(new TreeSet<>(peers));
    Points merged = new Points(new long[0], new int[0]);
    for (int peer = 0; peer < this.peers.size(); peer++) {
      merged = merged.with(pointsOf(this.peers.get(peer)), peer);
    }
    this.points = merged.places();
    this.owners = merged.owners();
  }

  /** Returns the points of a peer in ascending unsigned order. */
  private long[] pointsOf(String peer) {
    byte[] octets = peer.getBytes(StandardCharsets.UTF_8);
    long[] points = new long[replicas];
    for (int i = 0; i < replicas; i++) {
      points[i] = hash.of(i, octets) ^ Long.MIN_VALUE; // The signed order of these is that order.
    }
    Arrays.sort(points);
    for (int i = 0; i < replicas; i++) {
      points[i] ^= Long.MIN_VALUE;
    }
    return points;
  }

  /** The points of some peers in ascending unsigned order, each once, and their owners. */
  private record Points(long[] places, int[] owners) {
    /** Adds the points of a peer that is greater than these: of equal places, it has each. */
    Points with(long[] more, int peer) {
      long[] all = new long[places.length + more.length];
      int[] owner = new int[all.length];
      int count = 0;
      int next = 0;
      for (long place : more) {
        while (next < places.length && Long.compareUnsigned(places[next], place) < 0) {
          all[count] = places[next];
          owner[count++] = owners[next++];
        }
        if (next < places.length && places[next] == place) {
          next++;
        }
        if (count == 0 || all[count - 1] != place) {
          all[count] = place;
          owner[count++] = peer;
        }
      }
      int rest = places.length - next;
      System.arraycopy(places, next, all, count, rest);
      System.arraycopy(owners, next, owner, count, rest);
      return new Points(Arrays.copyOf(all, count + rest), Arrays.copyOf(owner, count + rest));
    }
  }

  /**
   * Returns geecache's own ring of these peers.
   *
   * @param peers their base URLs; repetitions are ignored; without any, the ring has no owners
   */
  public static HashRing of(Collection<String> peers) {
    return new HashRing(PointHash.FNV1A_MIXED, POINTS, peers);
  }

  /**
   * Returns the ring that golang/groupcache makes of these peers: point {@code i} of a peer is the
   * CRC-32 of {@code i} in decimal followed by the peer.
   *
   * @param peers their base URLs, byte for byte as the Go nodes write them
   * @param replicas the number of points for each peer; groupcache's default is 50
   * @throws IllegalArgumentException if {@code replicas} is not positive
   */
  public static HashRing compatible(Collection<String> peers, int replicas) {
    return new HashRing(PointHash.CRC32, replicas, peers);
  }

  /** Returns the peer that owns {@code key}; null only if there are no peers. */
  public @Nullable String owner(String key) {
    return ownerOf(hash.of(key));
  }

  /**
   * Returns the peer that would own {@code key} without the peers in {@code leftOut}; null if no
   * peer is left. Makes no second ring: walks on to the first point of another peer.
   */
  public @Nullable String owner(String key, Set<String> leftOut) {
    if (leftOut.containsAll(peers)) {
      return null;
    }
    int at = pointOf(hash.of(key));
    for (int i = 0; i < points.length; i++) {
      String owner = peers.get(owners[(at + i) % points.length]);
      if (!leftOut.contains(owner)) {
        return owner;
      }
    }
    return null; // The peers left have lost all their points to greater peers.
  }

  @Nullable String ownerOf(long place) {
    return points.length == 0 ? null : peers.get(owners[pointOf(place)]);
  }

  private int pointOf(long place) {
    int low = 0;
    int high = points.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(points[middle], place) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == points.length ? 0 : low;
  }

  /**
   * Returns the part of all hashes that belongs to each peer, in the order of {@link #peers}. They
   * add up to 1, but for rounding; empty without peers.
   */
  public double[] shares() {
    double[] shares = new double[peers.size()];
    double all = hash == PointHash.CRC32 ? 0x1p32 : 0x1p64;
    for (int i = 1; i < points.length; i++) {
      shares[owners[i]] += unsigned(points[i] - points[i - 1]) / all;
    }
    if (points.length > 0) { // The first point has what lies beyond the last one too.
      shares[owners[0]] += 1 - unsigned(points[points.length - 1] - points[0]) / all;
    }
    return shares;
  }

  private static double unsigned(long distance) {
    return (distance >>> 1) * 2.0 + (distance & 1);
  }

  /** Returns the peers in ascending order; unmodifiable. */
  public List<String> peers() {
    return peers;
  }

  /**
   * Returns a number that identifies the ring: equal for equal rings on any JVM. Two different
   * rings have the same number with a probability of 1 in 2^64.
   */
  public long fingerprint() {
    String kind = hash == PointHash.CRC32 ? "groupcache" : "geecache";
    return PointHash.FNV1A_MIXED.of(kind + "\n" + replicas + "\n" + String.join("\n", peers));
  }

  /** Returns the number of different points. */
  int size() {
    return points.length;
  }
}
