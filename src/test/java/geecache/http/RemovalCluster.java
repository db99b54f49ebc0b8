package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.CacheException;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** Nodes that load from one source of versions, and hold copies of it. */
abstract class RemovalCluster {
  static final String SECRET = "a-secret-for-these-tests";

  /** What all nodes load from: a version for each key. */
  final Map<String, Integer> source = new ConcurrentHashMap<>();

  byte[] load(String key) {
    return ("v" + source.getOrDefault(key, 1)).getBytes(UTF_8);
  }

  TestCluster.Builder cluster(int nodes, String how) {
    return TestCluster.builder()
        .nodes(nodes)
        .secret(SECRET)
        .peerRequests(how)
        .fronts()
        .groups(node -> node.group("db").register(this::load));
  }

  static TestCluster met(TestCluster.Builder builder) {
    TestCluster cluster = builder.start();
    cluster.awaitContact();
    return cluster;
  }

  static String get(TestNode node, String key) throws CacheException {
    return node.group("db").get(key).toString();
  }

  /** Has every node hold the key: its owner, and the others copies, since it is popular. */
  static void warm(TestCluster cluster, String key) throws CacheException {
    for (TestNode node : cluster.nodes()) {
      for (int i = 0; i < 20; i++) {
        get(node, key);
      }
      assertThat(node.group("db").stats().entries()).isPositive();
    }
  }

  static List<String> keysOwnedBy(TestNode owner, int count) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "key" + i)
        .filter(owner.pool()::owns)
        .limit(count)
        .toList();
  }
}
