package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Getter;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/**
 * One source for all nodes of a cluster: each key has a value that no other has, and each load is
 * noted, with the node that made it.
 */
final class CountedSource {
  private final Map<String, List<Integer>> loads = new ConcurrentHashMap<>();

  static String valueOf(String key) {
    return "key:" + key;
  }

  /** Returns so many keys that a node owns. */
  static List<String> keysOf(TestNode owner, String prefix, int count) {
    HTTPPool own = owner.pool();
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> prefix + "-" + i)
        .filter(own::owns)
        .limit(count)
        .toList();
  }

  /** Returns the getter of a node. */
  Getter at(int node) {
    return key -> load(node, key);
  }

  byte[] load(int node, String key) {
    loads.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>()).add(node);
    return valueOf(key).getBytes(UTF_8);
  }

  /** Returns the nodes that loaded {@code key}, in order, one as often as it did. */
  List<Integer> loadsOf(String key) {
    return List.copyOf(loads.getOrDefault(key, List.of()));
  }

  List<Integer> loads() {
    List<Integer> all = new ArrayList<>();
    loads.values().forEach(all::addAll);
    return all;
  }

  void forget() {
    loads.clear();
  }
}
