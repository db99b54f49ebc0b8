package geecache.http;

import static geecache.http.CountedSource.valueOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.BulkGetter;
import geecache.ByteView;
import geecache.Geecache;
import geecache.ring.HashRing;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many cold keys of two nodes, before a source that loads many keys with one call. A call lasts
 * until the keys of all next ones wait, or for a second, since the caller may wait for the other
 * node: so what is counted is how full calls are, and not how fast the machine is.
 */
@Timeout(120)
class ManyKeysInFewCallsTest {
  private static final int KEYS = 10_000;
  private static final Duration MOST = Duration.ofSeconds(1);

  /** All calls may last for {@link #MOST}: on a slow machine that is longer than gets wait. */
  private static final Duration SLOWEST = Duration.ofSeconds(100);

  private static final List<String> ALL = IntStream.range(0, KEYS).mapToObj(i -> "k-" + i).toList();

  private final AtomicInteger calls = new AtomicInteger();
  private final Set<String> loaded = ConcurrentHashMap.newKeySet();

  /** By node, how many of its keys no call has. */
  private final Map<Geecache, AtomicInteger> left = new ConcurrentHashMap<>();

  /** Has {@code together} keys wait before its calls end, if there are so many. */
  private BulkGetter source(Geecache node, int together) {
    return keys -> {
      calls.incrementAndGet();
      AtomicInteger others = left.get(node);
      others.addAndGet(-keys.size());
      awaitNext(() -> loadsWaiting(node) >= Math.min(together, others.get()));
      Map<String, byte[]> found = new HashMap<>();
      for (String key : keys) {
        assertThat(loaded.add(key)).as(key).isTrue();
        found.put(key, valueOf(key).getBytes(UTF_8));
      }
      return found;
    };
  }

  private static void awaitNext(Callable<Boolean> waiting) {
    try {
      await().atMost(MOST).pollInterval(Duration.ofMillis(1)).until(waiting);
    } catch (ConditionTimeoutException late) {
      // The source goes on.
    }
  }

  private static int loadsWaiting(Geecache node) {
    return node.find("g").orElseThrow().stats().loadsWaiting();
  }

  private void countKeysOf(List<TestNode> nodes) {
    HashRing ring = HashRing.of(nodes.stream().map(TestNode::url).toList());
    for (TestNode node : nodes) {
      long own = ALL.stream().filter(key -> ring.owner(key).equals(node.url())).count();
      left.put(node.geecache(), new AtomicInteger((int) own));
    }
  }

  @ParameterizedTest
  @CsvSource({"50, 4", "100, 1", "100, 4"})
  void takeAsFewCallsAsTheyFitIntoAndATenthMore(int maxBatch, int maxLoads) throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .groups(
                node ->
                    node.group("g")
                        .maxLoads(maxLoads)
                        .waitTimeout(SLOWEST)
                        .maxBatch(maxBatch)
                        .registerBulk(source(node, maxBatch * maxLoads)))
            .start()) {
      cluster.awaitContact();
      countKeysOf(cluster.nodes());
      Map<String, ByteView> values = cluster.node(0).group("g").getAll(ALL);
      assertThat(values.keySet()).containsExactlyElementsOf(ALL);
      assertThat(values).allSatisfy((key, value) -> assertThat(value).hasToString(valueOf(key)));
      assertThat(loaded).hasSize(KEYS);
      System.out.println(KEYS + " keys, " + maxBatch + " a call: " + calls + " calls");
      assertThat(calls.get()).isLessThanOrEqualTo(KEYS / maxBatch * 11 / 10);
    }
  }
}
