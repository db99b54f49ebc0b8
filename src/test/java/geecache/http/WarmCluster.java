package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.CacheException;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;

/** Nodes that join and leave, and a source that counts how often it is asked. */
@Timeout(120)
abstract class WarmCluster {
  static final String SECRET = "a-secret-for-these-tests";

  static final List<String> KEYS = IntStream.range(0, 300).mapToObj(i -> "key" + i).toList();

  /** What all nodes load from: a version for each key, and how often it was asked. */
  final Map<String, Integer> source = new ConcurrentHashMap<>();

  final AtomicInteger loads = new AtomicInteger();

  byte[] load(String key) {
    loads.incrementAndGet();
    return ("v" + source.getOrDefault(key, 1)).getBytes(UTF_8);
  }

  TestCluster.Builder cluster(int nodes, String how) {
    return TestCluster.builder()
        .nodes(nodes)
        .secret(SECRET)
        .peerRequests(how)
        .setting("geecache.handoff", "30s")
        .fronts()
        .groups(node -> node.group("db").hotCopies(false).register(this::load));
  }

  /** Starts so many nodes, of which the first few know each other, and the others are alone. */
  static TestCluster started(TestCluster.Builder builder, int nodes, int together) {
    for (int i = 0; i < nodes; i++) {
      builder.view(i, i < together ? IntStream.range(0, together).toArray() : new int[] {i});
    }
    TestCluster cluster = builder.start();
    cluster.awaitContact();
    return cluster;
  }

  static String get(TestNode node, String key) throws CacheException {
    return node.group("db").get(key).toString();
  }

  void warm(TestNode node) throws CacheException {
    for (String key : KEYS) {
      assertThat(get(node, key)).isEqualTo("v1");
    }
  }

  /** Shows the same nodes to all of them. */
  static void show(TestCluster cluster, Integer... nodes) {
    List<String> urls = Stream.of(nodes).map(i -> cluster.node(i).url()).toList();
    for (int node : nodes) {
      cluster.node(node).pool().set(urls);
    }
    cluster.awaitContact();
  }

  void assertNothingIsLoaded(TestCluster cluster, int... nodes) throws CacheException {
    int before = loads.get();
    for (int node : nodes) {
      warm(cluster.node(node));
    }
    assertThat(loads).hasValue(before);
  }

  static List<String> ownedBy(TestNode node) {
    return KEYS.stream().filter(node.pool()::owns).toList();
  }

  static long peekHits(TestNode node) {
    return node.group("db").stats().peekHits();
  }
}
