package geecache.ring;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Assigns each key to one of a set of peers, such that a peer which comes or goes moves no key
 * between two others: consistent hashing (Karger and others, 1997). Each peer has many points on a
 * circle, and a key belongs to the first point at or after its own hash. Immutable; a look-up takes
 * no lock and allocates nothing.
 *
 * <p>There are two kinds. {@link #of} is our own: 1,024 points a peer and a 64-bit hash; of 100
 * peers the one with the most keys has at most 1.10 times the mean. {@link #compatible} is that of
 * golang/groupcache and GeeCache, to the point.
 *
 * <p>Where two peers have the same point, it belongs to the greater by {@link String#compareTo}: so
 * the order in which peers are named does not matter.
 */
public final class HashRing {
  private static final int POINTS = 1024;

  private final PointHash hash;
  private final int replicas;
  private final List<String> peers;

  /** In ascending unsigned order, without repetition. */
  private final long[] points;

  /** By point: an index into {@code peers}. */
  private final int[] owners;

  private HashRing(PointHash hash, int replicas, Collection<String> peers) {
    if (replicas <= 0) {
      throw new IllegalArgumentException("replicas must be positive: " + replicas);
    }
    this.hash = hash;
    this.replicas = replicas;
    this.peers = List.copyOf(new TreeSet<>(peers));
    Point[] all = allPoints();
    long[] distinct = new long[all.length];
    int[] owner = new int[all.length];
    int count = 0;
    for (Point point : all) {
      // Sorted by place, then by peer: the last of equal places is the greatest peer's.
      int at = count > 0 && distinct[count - 1] == point.place() ? count - 1 : count++;
      distinct[at] = point.place();
      owner[at] = point.peer();
    }
    this.points = Arrays.copyOf(distinct, count);
    this.owners = Arrays.copyOf(owner, count);
  }

  private record Point(long place, int peer) implements Comparable<Point> {
    @Override
    public int compareTo(Point other) {
      int byPlace = Long.compareUnsigned(place, other.place);
      return byPlace != 0 ? byPlace : Integer.compare(peer, other.peer);
    }
  }

  private Point[] allPoints() {
    Point[] all = new Point[Math.multiplyExact(peers.size(), replicas)];
    for (int peer = 0; peer < peers.size(); peer++) {
      for (int i = 0; i < replicas; i++) {
        all[peer * replicas + i] = new Point(hash.of(i + peers.get(peer)), peer);
      }
    }
    Arrays.sort(all);
    return all;
  }

  /**
   * Returns the ring of these peers that moves few keys and shares them evenly.
   *
   * @param peers their base URLs; repetitions do not count, and none is a ring without owners
   */
  public static HashRing of(Collection<String> peers) {
    return new HashRing(PointHash.FNV1A_MIXED, POINTS, peers);
  }

  /**
   * Returns the ring that golang/groupcache makes of these peers: point {@code i} of a peer is the
   * CRC-32 of {@code i} in decimal followed by the peer.
   *
   * @param peers their base URLs, byte for byte as the Go side has them
   * @param replicas the points a peer; groupcache's own default is 50
   * @throws IllegalArgumentException if {@code replicas} is not positive
   */
  public static HashRing compatible(Collection<String> peers, int replicas) {
    return new HashRing(PointHash.CRC32, replicas, peers);
  }

  /** Returns the peer to which {@code key} belongs; null only if there are no peers. */
  public @Nullable String owner(String key) {
    return ownerOf(hash.of(key));
  }

  /**
   * Returns the peer to which {@code key} would belong if there were none of {@code leftOut}; null
   * if nobody is left. Makes no ring: walks on to the first point of another.
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
    return null; // Whoever is left has lost all its points to greater ones.
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

  /** Returns a ring of the same kind without {@code peer}, which need not be on this one. */
  public HashRing without(String peer) {
    return new HashRing(hash, replicas, peers.stream().filter(p -> !p.equals(peer)).toList());
  }

  /** Returns the peers in ascending order; unmodifiable. */
  public List<String> peers() {
    return peers;
  }

  /**
   * Returns a number that is equal for equal rings, and different for different ones but for one
   * chance in 2^64, whatever JVM computes it.
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
