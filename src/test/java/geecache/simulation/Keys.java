package geecache.simulation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The keys of all runs, by their numbers. No two of them share a stripe of the stamps of removals:
 * otherwise, the removal of one could cost a load of the other.
 */
final class Keys {
  static final int COUNT = 96;
  private static final List<String> NAMES = names();
  private static final Map<String, Integer> NUMBERS =
      IntStream.range(0, COUNT).boxed().collect(Collectors.toUnmodifiableMap(NAMES::get, k -> k));

  private Keys() {}

  static String name(int key) {
    return NAMES.get(key);
  }

  static List<String> names(List<Integer> keys) {
    return keys.stream().map(NAMES::get).toList();
  }

  /** Returns the number of a key. */
  static int number(String name) {
    return NUMBERS.get(name);
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>();
    Set<Integer> stripes = new HashSet<>();
    for (int i = 0; names.size() < COUNT; i++) {
      String name = "k" + i;
      if (stripes.add(name.hashCode() * 0x9e3779b9 >>> 22)) {
        names.add(name);
      }
    }
    return List.copyOf(names);
  }
}
