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
    SET,
    REMOVE,
    REMOVE_ALL,
    CLEAR;

    boolean isGet() {
      return this == GET || this == GET_ALL;
    }
  }

  Operation at(int otherNode) {
    return new Operation(caller, at, kind, otherNode, keys, writes);
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
