package geecache.simulation;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something that a caller does at a node.
 *
 * @param caller who does one operation after the other
 * @param at when it begins at the earliest, in microseconds
 * @param keys by their numbers; see {@link Keys}
 * @param writes whether the source has a new version of these keys just before
 */
record Operation(int caller, long at, Kind kind, int node, List<Integer> keys, boolean writes) {
  enum Kind {
    GET,
    GET_ALL,
    /** A get of what is in memory. */
    LOOK,
    /** A get whose caller loads the key as the getter does, if it is given the lease. */
    LOAD,
    /** The same, but the load takes long. */
    LOAD_SLOWLY,
    /** The same, but the load takes longer than the lease lasts. */
    LOAD_HANGS,
    /** The same, but the load fails. */
    LOAD_FAILS,
    /** The same, but the caller is interrupted, cancelled or broken while it loads. */
    LOAD_ENDS,
    /** The same, in a transaction that began a while before. */
    LOAD_OLD,
    /** The same, in such a transaction, of which the age is not known, or which has written. */
    LOAD_UNSURE,
    SET,
    /** A set if there is no value. */
    PUT,
    REMOVE,
    REMOVE_ALL,
    CLEAR;

    boolean isGet() {
      return compareTo(SET) < 0;
    }

    /** Whether it stores a value that the caller brings. */
    boolean isSet() {
      return this == SET || this == PUT;
    }

    /** Whether it is a get whose caller can load the key. */
    boolean canLoad() {
      return isGet() && compareTo(LOAD) >= 0;
    }
  }

  Operation at(int otherNode) {
    return new Operation(caller, at, kind, otherNode, keys, writes);
  }

  Operation as(Kind other) {
    return new Operation(caller, at, other, node, keys, writes);
  }

  /** Returns a set as one if there is no value: then the source need not have it. */
  Operation asPut() {
    return new Operation(caller, at, Kind.PUT, node, keys, false);
  }

  Operation withKeys(List<Integer> others) {
    return new Operation(caller, at, kind, node, others, writes);
  }

  @Override
  public String toString() {
    String what =
        kind == Kind.CLEAR ? "" : keys.stream().map(Keys::name).collect(Collectors.joining(" "));
    return "caller %d at %s: %s%s %s"
        .formatted(
            caller,
            Nodes.name(node),
            writes ? "write, " : "",
            kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
            what);
  }
}
