package geecache.cluster;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which changes a node knows: for each origin, the number up to which it knows all (Parker and
 * others, 1983). Origins that are missing count as 0. Immutable.
 *
 * @param upTo the number by the id of the origin; copied
 */
public record VersionVector(Map<Long, Long> upTo) {
  /** The most origins that a node remembers, and tells. A node that starts anew is a new origin. */
  public static final int MOST_ORIGINS = 1_024;

  /** Knows nothing. */
  public static final VersionVector EMPTY = new VersionVector(Map.of());

  /** Makes a vector. Its order is that of the ids, so that messages can be repeated. */
  public VersionVector {
    upTo = Collections.unmodifiableMap(new TreeMap<>(upTo));
  }

  /** Returns the number up to which all changes of {@code origin} are known. */
  public long of(long origin) {
    return upTo.getOrDefault(origin, 0L);
  }

  /**
   * Whether the node that tells this may know the origin all the same: it knows as many as it
   * remembers, and so may have put that one aside.
   */
  boolean mayHavePutAside(long origin) {
    return upTo.size() >= MOST_ORIGINS && !upTo.containsKey(origin);
  }

  /** Returns the entries of so many origins at most: what a node may say that knows more. */
  public List<Map.Entry<Long, Long>> atMost(int origins) {
    return upTo.entrySet().stream().limit(origins).toList();
  }

  /** Returns the vector that knows what this or {@code other} knows. */
  VersionVector with(VersionVector other) {
    Map<Long, Long> both = new TreeMap<>(upTo);
    other.upTo.forEach((origin, number) -> both.merge(origin, number, Math::max));
    return new VersionVector(both);
  }
}
