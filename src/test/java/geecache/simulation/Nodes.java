package geecache.simulation;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sets of nodes, one bit for each. */
final class Nodes {
  private Nodes() {}

  static boolean has(int nodes, int node) {
    return (nodes >> node & 1) == 1;
  }

  static int of(int node) {
    return 1 << node;
  }

  static int first(int count) {
    return (1 << count) - 1;
  }

  static int any(int nodes) {
    return Integer.numberOfTrailingZeros(nodes);
  }

  static IntStream each(int nodes) {
    return IntStream.range(0, Integer.SIZE).filter(node -> has(nodes, node));
  }

  static String names(int nodes) {
    return each(nodes).mapToObj(Nodes::name).collect(Collectors.joining(" "));
  }

  static String name(int node) {
    return String.valueOf((char) ('A' + node));
  }
}
