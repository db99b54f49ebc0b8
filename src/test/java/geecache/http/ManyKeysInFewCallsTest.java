package geecache.http;

import static geecache.http.CountedSource.valueOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.BulkGetter;
import geecache.ByteView;
import geecache.Geecache;
import geecache.testing.TestCluster;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many cold keys of two nodes, before a source that loads many keys with one call. */
@Timeout(120)
class ManyKeysInFewCallsTest {
  private static final int KEYS = 10_000;
  private static final int CALL_MILLIS = 20;
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final AtomicInteger calls = new AtomicInteger();
  private final Set<String> loaded = ConcurrentHashMap.newKeySet();

  /**
   * A source of 20 ms a call. On a machine that has no time for the callers meanwhile, a call takes
   * longer, until they have asked for enough keys for the next one.
   */
  private BulkGetter source(Geecache node, int maxBatch) {
    return keys -> {
      calls.incrementAndGet();
      long end = System.nanoTime() + MOST_NANOS;
      TimeUnit.MILLISECONDS.sleep(CALL_MILLIS);
      while (loadsWaiting(node) < maxBatch && System.nanoTime() - end < 0) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      Map<String, byte[]> found = new HashMap<>();
      for (String key : keys) {
        assertThat(loaded.add(key)).as(key).isTrue();
        found.put(key, valueOf(key).getBytes(UTF_8));
      }
      return found;
    };
  }

  private static int loadsWaiting(Geecache node) {
    return node.find("g").orElseThrow().stats().loadsWaiting();
  }

  @ParameterizedTest
  @CsvSource({"50, 2", "100, 1", "100, 4"})
  void takeAsFewCallsAsTheyFitIntoAndATenthMore(int maxBatch, int maxLoads) throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .groups(
                node ->
                    node.group("g")
                        .maxLoads(maxLoads)
                        .maxBatch(maxBatch)
                        .registerBulk(source(node, maxBatch)))
            .start()) {
      cluster.awaitContact();
      List<String> keys = IntStream.range(0, KEYS).mapToObj(i -> "k-" + i).toList();
      Map<String, ByteView> values = cluster.node(0).group("g").getAll(keys);
      assertThat(values.keySet()).containsExactlyElementsOf(keys);
      assertThat(values).allSatisfy((key, value) -> assertThat(value).hasToString(valueOf(key)));
      assertThat(loaded).hasSize(KEYS);
      System.out.println(KEYS + " keys, " + maxBatch + " a call: " + calls + " calls");
      assertThat(calls.get()).isLessThanOrEqualTo(KEYS / maxBatch * 11 / 10);
    }
  }
}
