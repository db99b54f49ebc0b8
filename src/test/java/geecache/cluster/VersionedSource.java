package geecache.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.CacheException;
import geecache.GroupBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What all nodes of a cluster load from: a version for each key, and how often it was asked. */
final class VersionedSource {
  static final List<String> KEYS = IntStream.range(0, 300).mapToObj(i -> "key" + i).toList();

  private final Map<String, Integer> versions = new HashMap<>();
  private int loads;

  byte[] load(String key) {
    loads++;
    return ("v" + versions.getOrDefault(key, 1)).getBytes(UTF_8);
  }

  void put(String key, int version) {
    versions.put(key, version);
  }

  int loads() {
    return loads;
  }

  /** Returns a cluster whose nodes load the group {@code db} from here. */
  SimulatedCluster.Builder cluster(int nodes) {
    return SimulatedCluster.builder()
        .nodes(nodes)
        .groups(node -> node.group("db").store(GroupBuilder.Store.LRU).register(this::load));
  }

  static String get(SimulatedNode node, String key) throws CacheException {
    return node.group("db").get(key).toString();
  }

  void warm(SimulatedNode node) throws CacheException {
    for (String key : KEYS) {
      assertThat(get(node, key)).isEqualTo("v1");
    }
  }

  /** Has each node hold the key: its owner, and the others copies, since it is popular. */
  static void warm(SimulatedCluster cluster, String key) throws CacheException {
    for (SimulatedNode node : cluster.nodes()) {
      for (int i = 0; i < 20; i++) {
        get(node, key);
      }
      assertThat(node.group("db").stats().entries()).isPositive();
    }
  }

  void assertNothingIsLoaded(SimulatedCluster cluster, int... nodes) throws CacheException {
    int before = loads;
    for (int node : nodes) {
      warm(cluster.node(node));
    }
    assertThat(loads).isEqualTo(before);
  }

  static List<String> ownedBy(SimulatedNode node) {
    return KEYS.stream().filter(node::owns).toList();
  }

  static String keyOwnedBy(SimulatedNode node) {
    return ownedBy(node).get(0);
  }
}
